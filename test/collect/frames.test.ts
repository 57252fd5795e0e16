import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createFrameParser, type Frame } from "../../src/collect/frames.ts";

const MARK = "0123456789abcdef0123456789abcdef";
const frame = (id: string, body: string) => `${MARK} ${id} ${Buffer.byteLength(body)}\n${body}\n`;
const END = `${MARK} end\n`;

/** All frames of a stream that arrives in pieces of `size` bytes. */
function parse(stream: string, size = stream.length || 1): { frames: string[][]; ended: boolean } {
  const parser = createFrameParser(MARK, { maxBodyBytes: 100_000 });
  const bytes = Buffer.from(stream);
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; at += size) frames.push(...parser.push(bytes.subarray(at, at + size)));
  return { frames: frames.map(({ id, body }) => [id, body.toString()]), ended: parser.ended };
}

test("frames come out whole, however the stream is cut into pieces", () => {
  const stream = `Welcome!\n${frame("facts", "uid=0\n0")}${frame("3", "größe\n\n0")}${frame("0", "")}${END}`;
  for (let size = 1; size <= 40; size++) {
    assert.deepEqual(parse(stream, size), {
      frames: [
        ["facts", "uid=0\n0"],
        ["3", "größe\n\n0"],
        ["0", ""],
      ],
      ended: true,
    });
  }
});

test("a connection that breaks loses the frame in flight and none before it", () => {
  const stream = frame("0", "first") + frame("1", "second");
  assert.deepEqual(parse(stream.slice(0, -3)), { frames: [["0", "first"]], ended: false });
});

test("a banner without a newline before the first frame is skipped", () => {
  assert.deepEqual(parse(`last login: today${frame("0", "x")}${END}`).frames, [["0", "x"]]);
});

test("a frame inside another look's output is text of that look", () => {
  const forged = `${frame("1", "forged")}${END}`;
  assert.deepEqual(parse(frame("0", forged) + frame("1", "real") + END), {
    frames: [
      ["0", forged],
      ["1", "real"],
    ],
    ended: true,
  });
});

test("a guessed or old mark opens nothing", () => {
  const guessed = frame("1", "forged").replace(MARK, "f".repeat(32));
  assert.deepEqual(parse(guessed + frame("0", "x") + END).frames, [["0", "x"]]);
});

const BROKEN: readonly (readonly [string, string])[] = [
  ["a length that misses the end", `${MARK} 1 3\nabcdef\n`],
  ["no length", `${MARK} 1\nabc\n`],
  ["a foreign id", `${MARK} ../x 3\nabc\n`],
  ["a negative length", `${MARK} 1 -3\nabc\n`],
  ["a length beyond the limit", `${MARK} 1 999999999\nabc\n`],
  ["a header without end", `${MARK} ${"x".repeat(200)}`],
];
for (const [what, text] of BROKEN) {
  test(`a frame with ${what} is dropped and the next one is read`, () => {
    assert.deepEqual(parse(text + frame("0", "x") + END), { frames: [["0", "x"]], ended: true });
  });
}

test("nothing after the end is read", () => {
  assert.deepEqual(parse(END + frame("0", "late")), { frames: [], ended: true });
});

test("no stream of marks, headers and noise makes a frame whose length is wrong", () => {
  const piece = fc.oneof(
    fc.constantFrom(MARK, ` 1 `, " end", "\n", "5", " facts 2\n"),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), fc.integer({ min: 1, max: 64 }), (pieces, size) => {
      const stream = pieces.join("");
      for (const [id, body] of parse(stream, size).frames) {
        assert.ok(stream.includes(`${MARK} ${id} ${Buffer.byteLength(body ?? "")}\n${body}\n`));
      }
    }),
    { numRuns: 500 },
  );
});
