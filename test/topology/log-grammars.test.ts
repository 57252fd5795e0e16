import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  isoGrammar,
  journalGrammar,
  plainGrammar,
  splitJournalLine,
} from "../../src/topology/log-grammars.ts";
import type { LogClock, LogGrammar } from "../../src/topology/parser.ts";
import { gunicorn } from "../../src/topology/parsers/gunicorn.ts";
import { mariadb } from "../../src/topology/parsers/mariadb.ts";
import { phpFpm } from "../../src/topology/parsers/php-fpm.ts";
import { postgresql } from "../../src/topology/parsers/postgresql.ts";
import { redis } from "../../src/topology/parsers/redis.ts";
import { tomcat } from "../../src/topology/parsers/tomcat.ts";

/** A host one hour ahead of UTC. */
const CET: LogClock = { utcOffsetMinutes: 60, nowMs: Date.parse("2026-11-20T04:00:00Z") };

const products: Readonly<Record<string, LogGrammar | undefined>> = {
  fpm: phpFpm.errorLog,
  gunicorn: gunicorn.errorLog,
  tomcat: tomcat.errorLog,
  mariadb: mariadb.errorLog,
  postgresql: postgresql.errorLog,
  redis: redis.errorLog,
  journal: journalGrammar,
  iso: isoGrammar,
  plain: plainGrammar,
};

function grammarOf(name: string): LogGrammar {
  const grammar = products[name];
  if (grammar === undefined) throw new Error(`no grammar ${name}`);
  return grammar;
}

/** The message as the grammar cuts it out of a longer text; undefined for a continuation. */
function messageOf(grammar: LogGrammar, line: string): string | undefined {
  const text = `before\n${line}\nafter`;
  const start = "before\n".length;
  const at = grammar.messageStart(text, start, start + line.length);
  return at < 0 ? undefined : text.slice(at, start + line.length);
}

test("each log's lines give up message, time, level and process", () => {
  const at = "2026-11-20T02:12:09.000Z";
  const cases: readonly (readonly [
    grammar: string,
    line: string,
    message: string | undefined,
    details: object,
  ])[] = [
    [
      "fpm",
      "[20-Nov-2026 03:12:09] WARNING: [pool www] child 4711 exited on signal 11 (SIGSEGV) after 3.5 seconds from start",
      "[pool www] child 4711 exited on signal 11 (SIGSEGV) after 3.5 seconds from start",
      { at, level: "warning", pid: 4711 },
    ],
    [
      "fpm",
      "[20-Nov-2026 02:12:09 UTC] PHP Fatal error:  Allowed memory size of 1 bytes exhausted",
      "PHP Fatal error:  Allowed memory size of 1 bytes exhausted",
      { at },
    ],
    ["fpm", "[20-Nov-2026 03:12:09 Europe/Berlin] PHP Notice:  x", "PHP Notice:  x", {}],
    ["fpm", "#0 {main}", undefined, {}],
    [
      "gunicorn",
      "[2026-11-20 03:12:09 +0100] [812] [CRITICAL] WORKER TIMEOUT (pid:813)",
      "WORKER TIMEOUT (pid:813)",
      { at, pid: 812, level: "critical" },
    ],
    [
      "gunicorn",
      "ModuleNotFoundError: No module named 'shop'",
      "ModuleNotFoundError: No module named 'shop'",
      {},
    ],
    [
      "tomcat",
      "20-Nov-2026 03:12:09.000 SEVERE [main] org.apache.catalina.core.StandardService.initInternal Failed to initialize connector",
      "Failed to initialize connector",
      { at, level: "severe" },
    ],
    ["tomcat", "\tat java.lang.Thread.run(Thread.java:840)", undefined, {}],
    [
      "tomcat",
      "java.lang.OutOfMemoryError: Java heap space",
      "java.lang.OutOfMemoryError: Java heap space",
      {},
    ],
    [
      "mariadb",
      "2026-11-20  3:12:09 12 [Warning] Aborted connection 12 to db",
      "Aborted connection 12 to db",
      { at, level: "warning" },
    ],
    [
      "mariadb",
      "2026-11-20T02:12:09.000123Z 0 [ERROR] [MY-010119] [Server] Aborting [now] x",
      "Aborting [now] x",
      { at, level: "error" },
    ],
    [
      "postgresql",
      "2026-11-20 02:12:09.000 UTC [1234] shop@shop FATAL:  sorry, too many clients already",
      "sorry, too many clients already",
      { at, level: "fatal", pid: 1234 },
    ],
    ["postgresql", "\tcontinued statement", undefined, {}],
    [
      "redis",
      "1234:M 20 Nov 2026 03:12:09.000 # Can't save in background: fork: Cannot allocate memory",
      "Can't save in background: fork: Cannot allocate memory",
      { at, level: "warning", pid: 1234 },
    ],
    ["iso", "2026-11-20T02:12:09Z listening", "listening", { at }],
    ["iso", "2026-11-20 03:12:09,000 ERROR x", "ERROR x", { at }],
    ["iso", "[2026-11-20T02:12:09.000Z] up", "up", { at }],
    ["iso", "no time", undefined, {}],
    ["plain", "Error: listen EADDRINUSE", "Error: listen EADDRINUSE", {}],
    ["plain", "2026-11-20T02:12:09Z listening", "listening", { at }],
    [
      "journal",
      "1795140729.000123 php-fpm8.2[801]: NOTICE: ready to handle connections",
      "NOTICE: ready to handle connections",
      { at, pid: 801 },
    ],
    [
      "journal",
      "1795140729.000123 kernel: Out of memory: Killed process 5 (a: b)",
      "Out of memory: Killed process 5 (a: b)",
      { at },
    ],
    ["journal", "                            indented continuation", undefined, {}],
    ["journal", "-- Boot 4f5c --", undefined, {}],
  ];
  for (const [name, line, message, details] of cases) {
    const grammar = grammarOf(name);
    assert.equal(messageOf(grammar, line), message, `${name}: ${line}`);
    assert.deepEqual(grammar.details(line, CET), details, `${name}: ${line}`);
  }
});

test("a journal line tells who wrote it", () => {
  assert.deepEqual(splitJournalLine("1795140729.000123 systemd[1]: shop.service: Failed"), {
    atMs: 1_795_140_729_000,
    ident: "systemd",
    pid: 1,
    message: "shop.service: Failed",
  });
  assert.equal(splitJournalLine("1795140729.000123 kernel:")?.ident, "kernel");
  assert.equal(splitJournalLine("Nov 20 03:12:09 systemd[1]: x"), undefined);
});

test("no line makes a grammar throw, and messages lie within their line", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    ": ",
    ":  ",
    "2026-11-20 03:12:09",
    "20-Nov-2026 03:12:09",
    " [Note] ",
    "1795140729.1 ",
    "x",
    " ",
    "+01:00",
    "\t",
  );
  const line = fc.oneof(
    fc.string(),
    fc.array(piece).map((parts) => parts.join("")),
  );
  for (const [name, grammar] of Object.entries(products)) {
    fc.assert(
      fc.property(line, line, (first, second) => {
        const text = `${first}\n${second}`;
        const at = grammarOf(name).messageStart(text, 0, first.length);
        assert.ok(at === -1 || (at >= 0 && at <= first.length), `${name} ${at}`);
        grammar?.details(first, CET);
      }),
    );
  }
});
