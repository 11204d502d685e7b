/** What goes out as one output of a cell. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { matrixBundle, matrixText } from "../../renderers/matrix.ts";
import { shop } from "./support/shop.ts";

const { record, events } = shop();

test("Vega-Lite and text, never html or json beside them; the PNG only when asked for", async () => {
  const plain = await matrixBundle(record, events, { picture: false });
  assert.deepEqual(Object.keys(plain.data), ["application/vnd.vegalite.v5+json", "text/plain"]);
  assert.deepEqual(plain.metadata, { "application/vnd.vegalite.v5+json": { embed_options: { renderer: "svg", actions: false } } });
  assert.equal(plain.data["text/plain"], matrixText(record));
  const pictured = await matrixBundle(record, events, { picture: true });
  assert.deepEqual(Object.keys(pictured.data), ["application/vnd.vegalite.v5+json", "image/png", "text/plain"]);
});

test("the PNG is twice as large as its metadata says, has text on it, and has the same bytes each time", async () => {
  const one = await matrixBundle(record, events, { picture: true });
  const base64 = one.data["image/png"];
  assert(typeof base64 === "string");
  const png = decodePng(Buffer.from(base64, "base64"));
  assert.deepEqual(one.metadata["image/png"], { width: png.width / 2, height: png.height / 2 });
  assert(png.width / 2 <= 820, "it fits a notebook of 900 pixels");
  // The title's ink: there are no other such dark pixels in the upper left corner.
  assert(png.darkPixels({ left: 24, top: 24, right: 200, bottom: 60 }) > 300);
  const two = await matrixBundle(record, events, { picture: true });
  assert.equal(two.data["image/png"], base64);
});

test("without a picture nothing of Vega, Vega-Lite and resvg is loaded", () => {
  const script = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(specifier, context, next) { seen.push(specifier); return next(specifier, context); } });
    const { matrixBundle } = await import(${JSON.stringify(new URL("../../renderers/matrix.ts", import.meta.url).href)});
    const { shop } = await import(${JSON.stringify(new URL("support/shop.ts", import.meta.url).href)});
    const { record, events } = shop();
    await matrixBundle(record, events, { picture: false });
    const before = seen.filter((name) => /vega-lite|^vega$|resvg/.test(name)).length;
    await matrixBundle(record, events, { picture: true });
    console.log(JSON.stringify([before, seen.includes("vega")]));`;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8", timeout: 60_000 });
  assert.deepEqual(JSON.parse(output), [0, true]);
});

interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Reads an 8-bit RGBA PNG without interlacing (ISO/IEC 15948): its size, and how many pixels of an area are dark. */
function decodePng(file: Buffer): { readonly width: number; readonly height: number; readonly darkPixels: (area: Area) => number } {
  assert.equal(file.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  assert.deepEqual([file[24], file[25], file[28]], [8, 6, 0]);
  const parts: Buffer[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    if (file.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = 4 * width;
  const pixels = Buffer.alloc(stride * height);
  const at = (x: number, y: number): number => (x < 0 || y < 0 ? 0 : (pixels[y * stride + x] ?? 0));
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const [left, up, corner] = [at(x - 4, y), at(x, y - 1), x < 4 ? 0 : at(x - 4, y - 1)];
      const paeth = [left, up, corner].reduce((best, one) =>
        Math.abs(left + up - corner - one) < Math.abs(left + up - corner - best) ? one : best,
      );
      const predicted = [0, left, up, Math.floor((left + up) / 2), paeth][filter ?? 0] ?? 0;
      pixels[y * stride + x] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted;
    }
  }
  const darkPixels = ({ left, top, right, bottom }: Area): number => {
    let dark = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) if (at(4 * x, y) < 100 && at(4 * x + 3, y) === 255) dark++;
    return dark;
  };
  return { width, height, darkPixels };
}
