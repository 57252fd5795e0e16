import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { verifyChain } from "../../src/incident/audit-chain.ts";
import { migrationsFor } from "../../src/store/migrations.ts";
import { openRecords } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import { StoreError, StoreLockedError } from "../../src/store/store-error.ts";
import { CHANNEL, makeApproval, makeDiagnosis, makeEntry, makeIntent, NOON } from "./sample-records.ts";
import { makeStateDirectory } from "./temporary-place.ts";

const DAY_MS = 24 * 60 * 60_000;

function open(directory: string, { now = () => NOON, holdLock = false } = {}) {
  return openRecords({ kind: "sqlite", directory }, { now, random: randomBytes, holdLock });
}

test("files are for their owner alone, even where they were not before", async (t) => {
  const directory = join(await makeStateDirectory(t), "state");
  await mkdir(directory);
  await chmod(directory, 0o755);
  await writeFile(join(directory, "diagnose502.db"), "");
  await chmod(join(directory, "diagnose502.db"), 0o644);
  const records = await open(directory, { holdLock: true });
  assert.equal((await stat(directory)).mode & 0o777, 0o700);
  const files = await readdir(directory);
  assert.ok(files.includes("diagnose502.db-wal"));
  for (const file of files) assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600, file);
  await records.close();
});

test("a directory that nobody can make ends in a message, and does not hang", async () => {
  for (const directory of ["/proc/diagnose502/state", "/dev/null/state"]) {
    await assert.rejects(open(directory, { holdLock: true }), (error: unknown) => {
      assert.ok(error instanceof StoreError);
      assert.match(error.message, new RegExp(`^The state directory ${directory} cannot be used: `));
      return true;
    });
  }
});

test("records that hold the lock cannot be opened twice, and can after they are closed", async (t) => {
  const directory = await makeStateDirectory(t);
  const records = await open(directory, { holdLock: true });
  assert.equal(records.lock?.directory, directory);
  await assert.rejects(open(directory, { holdLock: true }), StoreLockedError);
  await records.close();
  await (await open(directory, { holdLock: true })).close();
});

test("records of a newer version are refused and left alone", async (t) => {
  const directory = await makeStateDirectory(t);
  await (await open(directory)).close();
  const database = new DatabaseSync(join(directory, "diagnose502.db"));
  database.exec("insert into migrations values (99, '')");
  database.close();
  await assert.rejects(open(directory), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /version 99/);
    return true;
  });
});

test("records of the first version are brought up to this one, and what was behind in them is due", async (t) => {
  const directory = await makeStateDirectory(t);
  const database = new DatabaseSync(join(directory, "diagnose502.db"));
  const [first = []] = migrationsFor("sqlite");
  for (const statement of first) database.exec(statement);
  database.exec(`
    create table migrations (version integer primary key, applied_at text not null);
    insert into migrations values (1, '');
    insert into incidents values (1, 's', 'u', 'open', '', '{}', '{}', null, null, null, 3, 0, 0, 0, null, null, null, 1);
    insert into incidents values (2, 'z', 'u', 'open', '', '{}', '{}', null, null, null, 3, 0, 0, 0, null, null, null, 1);
    insert into posts values (1, 1, 'slack', 'T1', 'C1', null, null, 2, 1, 0, null, null);
    insert into posts values (2, 2, 'slack', 'T1', 'C1', null, null, 3, 1, 0, null, null)`);
  database.close();
  const records = await open(directory);
  assert.deepEqual(await records.incidents.incidentsWithDuePosts(), [1]);
  await records.close();
});

test("a damaged file is named, with what to do", async (t) => {
  const directory = await makeStateDirectory(t);
  await writeFile(
    join(directory, "diagnose502.db"),
    "this is no database, and long enough to be taken for one".repeat(20),
  );
  await assert.rejects(open(directory), (error: unknown) => {
    assert.ok(error instanceof StoreError);
    assert.match(error.message, /diagnose502\.db cannot be opened: .*not a database/);
    return true;
  });
});

const tampering = [
  "update audit set text = 'another' where seq = 1",
  "delete from audit where seq = 1",
  "insert or replace into audit select seq, at, kind, actor_json, incident, intent, 'another', details_json, previous_hash, hash from audit where seq = 1",
];

for (const statement of tampering) {
  test(`the database itself refuses: ${statement.slice(0, 30)}`, async (t) => {
    const directory = await makeStateDirectory(t);
    const records = await open(directory);
    await records.audit.append(makeEntry());
    await records.close();
    const database = new DatabaseSync(join(directory, "diagnose502.db"));
    assert.throws(() => database.exec(statement), /the audit log is never/);
    database.close();
  });
}

test("whoever removes the triggers and changes the log is found out", async (t) => {
  const before =
    "insert into audit select -1, at, kind, actor_json, incident, intent, text, details_json, previous_hash, hash from audit where seq = 1";
  for (const statement of [
    ...tampering,
    before,
    "delete from audit where seq = 3",
    "delete from audit_head",
  ]) {
    const directory = await makeStateDirectory(t);
    const records = await open(directory);
    for (let count = 0; count < 3; count += 1) await records.audit.append(makeEntry());
    await records.close();
    const database = new DatabaseSync(join(directory, "diagnose502.db"));
    database.exec(
      "drop trigger audit_no_update; drop trigger audit_no_delete; drop trigger audit_no_replace",
    );
    database.exec(statement);
    database.close();
    const check = await readAuditLog({ kind: "sqlite", directory }, ({ rows, head }) =>
      verifyChain(rows, { head }),
    );
    assert.equal(check.status, "broken", statement);
  }
});

test("what the audit log cannot take does not happen: no restart is approved, claimed or noted without its row", async (t) => {
  const directory = await makeStateDirectory(t);
  const records = await open(directory);
  t.after(() => records.close());
  const { incident } = await records.incidents.openOrJoin(
    { site: "shop", url: "https://shop.example.com/", openedBy: { kind: "bot" } },
    makeEntry({ kind: "incident-opened" }),
  );
  const intent = makeIntent({ incident: incident.number });
  await records.intents.create(intent, makeEntry({ kind: "restart-proposed" }), []);
  const database = new DatabaseSync(join(directory, "diagnose502.db"));
  database.exec("create trigger no_room before insert on audit begin select raise(abort, 'no room'); end");
  database.close();

  const { key } = intent;
  const approved = { from: "awaiting", to: "approved" } as const;
  const sent = { from: ["awaiting"], to: "sent", sentAt: intent.approveBy } as const;
  const acts = [
    () => records.intents.decide(key, makeApproval("U2"), approved, makeEntry(), []),
    () => records.intents.move(key, sent, makeEntry(), []),
    () => records.incidents.change(incident.number, { notes: [{ text: "n", loud: true }] }, [makeEntry()]),
  ];
  for (const act of acts) await assert.rejects(act, /no room/);
  assert.deepEqual(await records.intents.find(key), intent);
  assert.deepEqual(await records.incidents.notes(incident.number), []);
});

test("a log that is read while the bot writes is whole", async (t) => {
  const directory = await makeStateDirectory(t);
  const records = await open(directory);
  t.after(() => records.close());
  await records.audit.append(makeEntry());
  const check = await readAuditLog({ kind: "sqlite", directory }, async ({ rows, head }) => {
    await records.audit.append(makeEntry());
    return await verifyChain(rows, { head });
  });
  assert.deepEqual(check.status === "ok" && check.count, 1);
});

test("where no bot ever ran, reading the log says so and makes no file", async (t) => {
  const directory = await makeStateDirectory(t);
  await assert.rejects(
    readAuditLog({ kind: "sqlite", directory }, async () => undefined),
    (error: unknown) => {
      assert.ok(error instanceof StoreError);
      assert.match(error.hint, /Has the bot run here yet/);
      return true;
    },
  );
  assert.deepEqual(await readdir(directory), []);
});

test("evidence is gone after 90 days and what it proved is not", async (t) => {
  const directory = await makeStateDirectory(t);
  let now = NOON;
  const records = await open(directory, { now: () => now });
  t.after(() => records.close());
  const { incident } = await records.incidents.openOrJoin(
    { site: "shop", url: "https://shop.example.com/", openedBy: { kind: "bot" } },
    makeEntry({ kind: "incident-opened" }),
  );
  const save = () =>
    records.diagnoses.save({ incident: incident.number, diagnosis: makeDiagnosis(), evidence: "{}" });
  const old: string[] = [];
  for (let count = 0; count < 120; count += 1) old.push(await save());
  await records.inbox.isNewProof("p");
  await records.stepCrashes.begin("look", "1");
  const alert = { source: "s", status: "firing", fingerprint: "f", candidates: [], title: "t" } as const;
  const { ids } = await records.inbox.store({ source: "s", key: "k" }, [{ alert }, { alert }]);
  await records.inbox.markHandled(ids[0] ?? 0, incident.number);
  now += 60 * DAY_MS;
  const young = await save();
  now += 31 * DAY_MS;
  await records.prune();

  for (const id of old) assert.equal(await records.diagnoses.evidence(id), undefined);
  assert.deepEqual(await records.diagnoses.find(old[0] ?? ""), makeDiagnosis());
  assert.equal(await records.diagnoses.evidence(young), "{}");
  assert.equal((await records.inbox.pending(10)).length, 1, "an alert that nobody handled stays");
  assert.equal(await records.inbox.incidentOf("s", "f"), undefined);
  assert.equal(await records.stepCrashes.begin("look", "1"), 1);
  const check = await readAuditLog({ kind: "sqlite", directory }, ({ rows, head }) =>
    verifyChain(rows, { head }),
  );
  assert.deepEqual(check.status === "ok" && check.count, 1);
});

test("evidence is kept compressed", async (t) => {
  const directory = await makeStateDirectory(t);
  const records = await open(directory);
  const { incident } = await records.incidents.openOrJoin(
    { site: "shop", url: "https://shop.example.com/", openedBy: { kind: "bot" } },
    makeEntry({ kind: "incident-opened" }),
  );
  await records.incidents.ensurePost(incident.number, CHANNEL);
  const evidence = "upstream timed out\n".repeat(50_000);
  await records.diagnoses.save({ incident: incident.number, diagnosis: makeDiagnosis(), evidence });
  await records.close();
  const file = await readFile(join(directory, "diagnose502.db"));
  assert.ok(file.length < 300_000);
  assert.ok(!file.includes("upstream timed out"));
});
