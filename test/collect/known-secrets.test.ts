import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createKnownSecrets } from "../../src/collect/redact/known-secrets.ts";
import { createRedact, redact } from "../../src/collect/redact.ts";
import { testFinder } from "./redact/marked.ts";

function redactKnowing(...secrets: readonly string[]) {
  const known = createKnownSecrets();
  for (const secret of secrets) known.add(secret);
  return createRedact(known);
}

test("a secret of our own is removed wherever it stands, though nothing says that it is one", () => {
  const line = "user typed tulip-Forest/9 at the prompt";
  assert.equal(redact(line), line);
  assert.equal(redactKnowing("tulip-Forest/9")(line), "user typed [redacted:known-secret] at the prompt");
});

for (const { name, text } of [
  { name: "URL-encoded", text: "GET /x?q=a%20b%2Fc%26d%3D HTTP/1.1" },
  { name: "URL-encoded with small hex digits", text: "GET /x?q=a%20b%2fc%26d%3d HTTP/1.1" },
  { name: "form-encoded", text: "q=a+b%2Fc%26d%3D" },
]) {
  test(`${name} it is removed too`, () => {
    assert.match(redactKnowing("a b/c&d=")(text), /q=\[redacted:known-secret\]/);
  });
}

test("in base64 it is removed whatever stands around it", () => {
  const secret = "tulip-Forest/9";
  const redactKnown = redactKnowing(secret);
  fc.assert(
    fc.property(
      fc.string(),
      fc.string(),
      fc.constantFrom("base64" as const, "base64url" as const),
      (before, after, encoding) => {
        const encoded = Buffer.from(`${before}${secret}${after}`).toString(encoding);
        const left = redactKnown(encoded).replaceAll("[redacted:known-secret]", " ");
        assert.ok(
          left.split(" ").every((part) => !Buffer.from(part, "base64").toString().includes("ulip-Forest")),
        );
        assert.notEqual(left, encoded);
      },
    ),
  );
});

/** What of the secret's base64 is the same whatever stands around it, where so many bytes are before it. */
function certainOf(secret: string, before: number): string {
  const [first = "", second = ""] = [0, 255].map((fill) =>
    Buffer.concat([Buffer.alloc(before, fill), Buffer.from(secret), Buffer.alloc(3, fill)]).toString(
      "base64",
    ),
  );
  return [...first].filter((letter, index) => letter !== "=" && letter === second[index]).join("");
}

const known = createKnownSecrets();
for (const secret of ["a b/c&d=", "roots", "secret"]) known.add(secret);
testFinder(known.find, [
  "x «known-secret:a b/c&d=» y",
  "q=«known-secret:a%20b%2Fc%26d%3D»",
  "q=«known-secret:a%20b%2fc%26d%3d»",
  "q=«known-secret:a+b%2Fc%26d%3D»",
  "q=«known-secret:a+b%2fc%26d%3d»",
  "«known-secret:roots» and root",
  // of a short one too little is certain
  btoa("roots"),
  ...[0, 1, 2].map((before) => `x ${certainOf("a b/c&d=", before)} y`.replace(/\S{8,}/, "«known-secret:$&»")),
  `x «known-secret:${certainOf("secret", 0)}» ${certainOf("secret", 1)} y`,
]);

test("several secrets, one within the other, leave nothing behind", () => {
  assert.equal(redactKnowing("forest", "forest-tulip")("a forest-tulip b"), "a [redacted:known-secret] b");
});

test("a word too short to be a secret stays, or every log would be empty", () => {
  assert.equal(redactKnowing("roots")("roots logged in"), "[redacted:known-secret] logged in");
  assert.equal(redactKnowing("root")("root logged in"), "root logged in");
});

test("what else is secret is removed as ever", () => {
  assert.equal(redactKnowing("tulips")("password=hunter22"), redact("password=hunter22"));
});
