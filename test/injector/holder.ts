/** Arms one rule with packets and holds it until it is killed: the owner whose death the tests look at. */
import { packets } from "../../injector/mechanisms/packets.ts";
import type { Target } from "../../injector/messages.ts";
import type { Rule } from "../../model/rule.ts";

const { rule, target } = JSON.parse(process.argv[2] ?? "") as { rule: Rule; target: Target };
await packets.arm(rule, target, [], () => undefined);
process.stdout.write("armed\n");
process.stdin.resume();
