import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { windowOfLog } from "../../src/collect/log-window.ts";

/** 03:12:00 UTC on a host two hours east of it. */
const NOW = Date.UTC(2026, 10, 20, 3, 12, 0);
const cut = (text: string, timestamps: string, utcOffsetMinutes = 120) =>
  windowOfLog(text, { timestamps, fromMs: NOW - 900_000, nowMs: NOW, utcOffsetMinutes });

/** Lines of one format: one before the window, one within. Local time is 05:12. */
const FORMATS: readonly (readonly [timestamps: string, old: string, fresh: string])[] = [
  ["nginx-error", "2026/11/20 04:56:59 [error] 1#1: a", "2026/11/20 04:57:01 [error] 1#1: b"],
  ["clf", '1.2.3.4 - - [20/Nov/2026:04:56:59 +0200] "GET', '1.2.3.4 - - [20/Nov/2026:04:57:01 +0200] "GET'],
  ["clf", 'h:80 ::1 - - [20/Nov/2026:02:56:59 +0000] "GET', 'h:80 ::1 - - [20/Nov/2026:02:57:01 +0000] "GET'],
  ["apache-error", "[Fri Nov 20 04:56:59.123456 2026] [a:b]", "[Fri Nov 20 04:57:01.123456 2026] [a:b]"],
  ["apache-error", "[Fri Nov 20 04:56:59 2026] [a:b]", "[Fri Nov 20 04:57:01 2026] [a:b]"],
  ["fpm", "[20-Nov-2026 02:40:00] WARNING: a", "[20-Nov-2026 04:57:01] WARNING: b"],
  ["iso", "2026-11-20T02:56:59Z a", "2026-11-20T02:57:01Z b"],
  ["iso", "2026-11-20 04:56:59.123 +0200 a", "2026-11-20 04:57:01,123 +02:00 b"],
  ["iso", "[2026-11-20T04:56:59+02:00] a", "[2026-11-20T04:57:01+02:00] b"],
  ["syslog", "Nov 20 02:40:00 web1 a: x", "Nov 20 04:57:01 web1 a: y"],
  ["syslog", "2026-11-20T04:56:59+02:00 web1 a: x", "2026-11-20T04:57:01+02:00 web1 a: y"],
  ["syslog", "Nov  9 04:57:01 web1 a: x", "Nov 20 04:57:01 web1 a: y"],
  ["syslog", "Dec 31 23:00:00 web1 last year: x", "Nov 20 04:57:01 web1 a: y"],
];

for (const [timestamps, old, fresh] of FORMATS) {
  test(`${timestamps}: of "${old.slice(0, 40)}" and a later line only the later one is in the window`, () => {
    assert.equal(cut(`${old}\n  of old\n${fresh}\n  of new\n`, timestamps), `${fresh}\n  of new\n`);
    assert.equal(cut(`${old}\n`, timestamps), "");
  });
}

test("a time without a zone is read as local time and as UTC, and kept if either is in the window", () => {
  const line = "2026-11-20 03:05:00 an application that logs in UTC\n";
  assert.equal(cut(line, "iso", 120), line);
  assert.equal(cut(line, "iso", -300), line);
});

test("a log whose times cannot be read is left whole", () => {
  for (const timestamps of ["none", "iso", "never-heard-of"])
    assert.equal(cut("a\nb\n", timestamps), "a\nb\n");
});

test("whatever is cut off stands before what is kept", () => {
  const line = fc.oneof(
    fc.constantFrom(...FORMATS.flatMap(([, a, b]) => [a, b])),
    fc.string({ maxLength: 30 }),
  );
  fc.assert(
    fc.property(fc.array(line), fc.constantFrom(...FORMATS.map(([name]) => name)), (lines, timestamps) => {
      const text = lines.join("\n");
      assert.ok(text.endsWith(cut(text, timestamps)));
    }),
  );
});
