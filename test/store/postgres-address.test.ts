import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { startPostgres, withoutPostgres } from "../fakes/postgres.ts";

const SECRET = "hunter2-hunter2";

function open(url: string) {
  return openRecords({ kind: "postgres", url }, { now: Date.now, random: randomBytes, holdLock: false });
}

async function refusal(opening: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof StoreError, inspect(error));
  assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes(SECRET), "the password is not told");
  return error;
}

const addresses: readonly (readonly [string, RegExp])[] = [
  [`postgres://bot:${SECRET}@127.0.0.1:1/records`, /cannot be opened: connect ECONNREFUSED 127\.0\.0\.1:1/],
  [`mysql://bot:${SECRET}@127.0.0.1/records`, /is not the address of a PostgreSQL database/],
  [`postgres://bot:${SECRET}@[/records`, /is not the address of a PostgreSQL database/],
  [SECRET, /is not the address of a PostgreSQL database/],
];

for (const [url, message] of addresses) {
  test(`a database that cannot be used is explained, without its password: ${url.replace(SECRET, "…")}`, async () => {
    assert.match((await refusal(open(url))).message, message);
  });
}

test("a server without the database, and a database without records, are explained", {
  skip: withoutPostgres ?? false,
}, async () => {
  const server = await startPostgres();
  try {
    assert.match(
      (await refusal(open(`${server.url}-missing`))).message,
      /database "postgres-missing" does not exist/,
    );
    const reading = readAuditLog({ kind: "postgres", url: server.url }, async () => undefined);
    assert.match((await refusal(reading)).message, /"audit_head" does not exist/);
  } finally {
    await server.remove();
  }
});
