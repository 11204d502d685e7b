import assert from "node:assert/strict";
import { test } from "node:test";
import { repetition_ms } from "../../injector/linux/syn-repetition.ts";

/** Times of a SYN's repetitions as tcp_retransmit_timer makes them (net/ipv4/tcp_timer.c). */
function repetitions(first_ms: number, linear: number): number[] {
  const times: number[] = [];
  let interval = first_ms;
  for (let timeouts = 1, at = 0; timeouts <= 6 + linear; timeouts++) {
    at += interval;
    times.push(at);
    if (timeouts > linear) interval *= 2;
  }
  return times;
}

for (const linear of [4, 0, 2]) {
  test(`with ${linear} linear time-outs, a repetition comes exactly when the delay is over, the first after a second or more`, () => {
    for (const wait_ms of [1000, 1200, 1500, 2000, 2999, 3000, 5000, 6000, 9000, 30_000, 60_000]) {
      const first_ms = repetition_ms(wait_ms, linear);
      assert.ok(first_ms >= 1000 && first_ms <= 3000, `${wait_ms}: ${first_ms}`);
      const hit = repetitions(first_ms, linear).some((at) => Math.abs(at - wait_ms) < 1e-6);
      assert.ok(hit, `${wait_ms}: ${repetitions(first_ms, linear).join(" ")}`);
    }
  });
}

test("a delay of less than a second is the first repetition's", () => {
  assert.equal(repetition_ms(100, 4), 100);
});

test("a delay beyond what the kernel waits leaves its repetitions as ever", () => {
  assert.equal(repetition_ms(3_600_000, 4), 1000);
});
