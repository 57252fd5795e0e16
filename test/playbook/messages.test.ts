import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { compileSignatures } from "../../src/playbook/match-signatures.ts";

const playbooks = await loadPlaybooks([
  { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" },
]);
const WHOLE_LINE = { messageStart: (_text: string, start: number) => start };

/** `messages/<playbook>.txt`: a signature's id, and a message as the product prints it, many of them recorded from real ones. */
function messagesOf(playbook: string): readonly { readonly id: string; readonly message: string }[] {
  const text = readFileSync(join(import.meta.dirname, "messages", `${playbook}.txt`), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ id: line.slice(0, line.indexOf(" ")), message: line.slice(7) }));
}

for (const { id, signatures } of playbooks.filter((playbook) => playbook.signatures.length > 0)) {
  test(`${id}: each message is recognised as what it is, and every signature has one`, () => {
    const matcher = compileSignatures(signatures);
    const messages = messagesOf(id);
    for (const { id: expected, message } of messages) {
      assert.equal(matcher.scan(message, WHOLE_LINE)[0]?.signature.id, expected, message);
    }
    const known = new Set(messages.map((message) => message.id));
    assert.deepEqual(
      signatures.filter((signature) => !known.has(signature.id)).map((signature) => signature.id),
      [],
      `add a line to test/playbook/messages/${id}.txt`,
    );
  });
}

function recognised(playbook: string, message: string): string | undefined {
  const signatures = playbooks.find(({ id }) => id === playbook)?.signatures ?? [];
  return compileSignatures(signatures).scan(message, WHOLE_LINE)[0]?.signature.id;
}

const FOREIGN: readonly [playbook: string, message: string][] = [
  [
    "haproxy",
    'haproxy[9]: 192.0.2.7:5 [21/Nov/2026:03:48:44.280] fe be/s1 0/0/0/5/5 200 9 - - ---- 1/1/0/0/0 0/0 "GET /a] b c d 503 1 - - SC-- 1 HTTP/1.1"',
  ],
  [
    "nginx",
    'open() "/srv/connect() failed (111: Connection refused) while connecting to upstream" failed (2: No such file or directory)',
  ],
  ["apache", "AH00128: File does not exist: /srv/(111)Connection refused: AH00957: http"],
  ["php-fpm", '[pool www] child 7 said into stderr: "child 8 exited on signal 11 (SIGSEGV) after 1 seconds"'],
  ["linux-host", "app said: Out of memory: Killed process 1 (x)"],
];

for (const [playbook, message] of FOREIGN) {
  test(`${playbook}: what a client or an application wrote does not pass for its own words: ${message.slice(0, 60)}`, () => {
    assert.equal(recognised(playbook, message), undefined);
  });
}

test("holes carry what rules ask for", () => {
  const hit = (playbook: string, message: string) => {
    const signatures = playbooks.find(({ id }) => id === playbook)?.signatures ?? [];
    return compileSignatures(signatures).scan(message, WHOLE_LINE)[0]?.hits[0]?.holes;
  };
  assert.deepEqual(hit("linux-host", "shop.service: Main process exited, code=killed, status=9/KILL"), {
    unit: "shop.service",
    code: "killed",
    status: "9/KILL",
  });
  assert.deepEqual(hit("linux-host", "Out of memory: Killed process 42 (node) total-vm:1kB"), {
    pid: "42",
    comm: "node",
  });
  assert.deepEqual(hit("php-fpm", "[pool www] child 42 exited on signal 11 (SIGSEGV) after 2 seconds"), {
    pool: "www",
    pid: "42",
    signal: "11 (SIGSEGV)",
  });
});
