import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Intent } from "../../src/approval/intent.ts";
import { hashRow, verifyChain } from "../../src/incident/audit-chain.ts";
import type { Incident } from "../../src/incident/incident.ts";
import type { Alert } from "../../src/intake/alert.ts";
import { openRecords, type Records } from "../../src/store/open-records.ts";
import { readAuditLog } from "../../src/store/read-audit-log.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import {
  CHANNEL,
  makeApproval,
  makeDiagnosis,
  makeEntry,
  makeIntent,
  makePerson,
  NOON,
} from "./sample-records.ts";

const MINUTE = 60_000;
const run = promisify(execFile);
const WRITER = fileURLToPath(import.meta.resolve("./write-notes.ts"));

/** What every kind of store promises; `makePlace` gives an empty one. */
export function testRecords(
  name: string,
  makePlace: () => Promise<StorePlace>,
  options: { readonly skip?: string | undefined } = {},
): void {
  describe(`records in ${name}`, { skip: options.skip ?? false }, () => {
    let place: StorePlace;
    let records: Records;
    let now = NOON;
    const open = () => openRecords(place, { now: () => now, random: randomBytes, holdLock: false });

    before(async () => {
      place = await makePlace();
      records = await open();
    });
    after(async () => {
      await records?.close();
    });

    let sites = 0;
    async function openIncident(site = `site-${++sites}`): Promise<Incident> {
      const { incident } = await records.incidents.openOrJoin(
        { site, url: `https://${site}.example.com/`, openedBy: { kind: "person", person: makePerson("U1") } },
        makeEntry({ kind: "incident-opened" }),
      );
      return incident;
    }

    async function offer(change: Partial<Intent> = {}): Promise<Intent> {
      const { number } = await openIncident();
      const intent = makeIntent({
        key: randomBytes(16).toString("hex"),
        incident: number,
        host: `host-${number}`,
        ...change,
      });
      assert.equal(await records.intents.create(intent, makeEntry({ kind: "restart-proposed" }), []), true);
      return intent;
    }

    async function kinds(incident: number): Promise<readonly string[]> {
      const rows = await allOf(records.audit.rows({ incident }));
      return rows.map(({ kind }) => kind);
    }

    test("an incident comes back as it was opened", async () => {
      const { incident, isNew } = await records.incidents.openOrJoin(
        {
          site: "shop",
          url: "https://shop.example.com/",
          openedBy: { kind: "alert", source: "grafana" },
          title: "502 \u0000on \ud800 shop",
        },
        makeEntry({ kind: "incident-opened" }),
      );
      assert.equal(isNew, true);
      assert.deepEqual(incident, {
        number: incident.number,
        site: "shop",
        url: "https://shop.example.com/",
        state: "open",
        openedAt: "2026-11-20T12:00:00.000Z",
        openedBy: { kind: "alert", source: "grafana" },
        askedBy: { kind: "alert", source: "grafana" },
        title: "502 on \ufffd shop",
        version: 1,
        looksWanted: 1,
        looksDone: 0,
        goodProbes: 0,
      });
      assert.deepEqual(await records.incidents.find(incident.number), incident);
      assert.deepEqual(await records.incidents.findOpen("shop"), incident);
      assert.equal(await records.incidents.find(999_999), undefined);
    });

    test("a hundred requests for one site at once open one incident", async () => {
      const request = { site: "busy", url: "https://busy.example.com/", openedBy: { kind: "bot" } as const };
      const opened = await Promise.all(
        Array.from({ length: 100 }, () =>
          records.incidents.openOrJoin(request, makeEntry({ kind: "incident-opened" })),
        ),
      );
      assert.equal(opened.filter(({ isNew }) => isNew).length, 1);
      assert.equal(new Set(opened.map(({ incident }) => incident.number)).size, 1);
    });

    test("numbers of incidents have no gaps", async () => {
      const first = await openIncident();
      await openIncident(first.site);
      const second = await openIncident();
      assert.equal(second.number, first.number + 1);
    });

    test("a closed incident is not joined, and is listed after the open ones", async () => {
      const { number, site } = await openIncident();
      const closed = await records.incidents.change(
        number,
        { state: "closed", closedBecause: "the site answers again" },
        [makeEntry({ kind: "incident-closed" })],
        { whenOpen: true },
      );
      assert.equal(closed?.state, "closed");
      assert.equal(closed?.closedAt, "2026-11-20T12:00:00.000Z");
      assert.equal(closed?.closedBecause, "the site answers again");
      assert.equal(await records.incidents.findOpen(site), undefined);
      assert.notEqual((await openIncident(site)).number, number);
      const listed = await records.incidents.list({ limit: 1000 });
      const states = listed.map(({ state }) => state);
      assert.deepEqual(states, [...states].sort().reverse());
      assert.ok(states.includes("closed") && states.includes("open"));
      assert.deepEqual(
        (await records.incidents.list({ state: "closed", limit: 1 })).map((incident) => incident.number),
        [number],
      );
    });

    test("a change that is only for open incidents leaves a closed one and the log alone", async () => {
      const { number } = await openIncident();
      const closing = { state: "closed", closedBecause: "well" } as const;
      await records.incidents.change(number, closing, [makeEntry({ kind: "incident-closed" })]);
      const again = await records.incidents.change(
        number,
        closing,
        [makeEntry({ kind: "incident-closed" })],
        {
          whenOpen: true,
        },
      );
      assert.equal(again, undefined);
      assert.deepEqual(await kinds(number), ["incident-opened", "incident-closed"]);
    });

    test("a change keeps what it does not name", async () => {
      const { number } = await openIncident();
      await records.incidents.change(
        number,
        { wantLook: { by: { kind: "person", person: makePerson("U2") } }, goodProbes: 2 },
        [],
      );
      const failed = await records.incidents.change(
        number,
        { looksDone: 1, diagnosis: "d-1", failure: { message: "m", hint: "h" } },
        [],
      );
      assert.equal(failed?.looksWanted, 2);
      assert.equal(failed?.looksDone, 1);
      assert.equal(failed?.goodProbes, 2);
      assert.deepEqual(failed?.askedBy, { kind: "person", person: makePerson("U2") });
      assert.deepEqual(failed?.failure, { message: "m", hint: "h" });
      const mended = await records.incidents.change(number, { failure: null, silent: true }, []);
      assert.equal(mended?.failure, undefined);
      assert.equal(mended?.diagnosis, "d-1");
      assert.equal(mended?.version, 3);
    });

    test("a hundred looks asked for at once are all counted", async () => {
      const { number } = await openIncident();
      const want = { wantLook: { by: { kind: "bot" } } } as const;
      await Promise.all(
        Array.from({ length: 100 }, () => records.incidents.change(number, want, [makeEntry()])),
      );
      const incident = await records.incidents.find(number);
      assert.equal(incident?.looksWanted, 101);
      assert.equal(incident?.version, 101);
      assert.equal((await kinds(number)).length, 101);
    });

    test("notes are numbered within their incident and kept as they are", async () => {
      const { number } = await openIncident();
      await records.incidents.change(number, { notes: [{ text: "one", loud: false }] }, []);
      await records.incidents.change(
        number,
        {
          notes: [
            { text: "two", quotes: ["a\u0000b"], evidenceOf: "d-1", loud: true },
            { text: "three", loud: false },
          ],
        },
        [],
      );
      const at = "2026-11-20T12:00:00.000Z";
      assert.deepEqual(await records.incidents.notes(number), [
        { seq: 1, at, text: "one", loud: false },
        { seq: 2, at, text: "two", quotes: ["a\u0000b"], evidenceOf: "d-1", loud: true },
        { seq: 3, at, text: "three", loud: false },
      ]);
      assert.deepEqual(
        (await records.incidents.notes(number, { after: 2 })).map(({ seq }) => seq),
        [3],
      );
    });

    test("there is one post a place, whoever asks first", async () => {
      const { number } = await openIncident();
      const posts = await Promise.all(
        Array.from({ length: 20 }, () => records.incidents.ensurePost(number, CHANNEL)),
      );
      assert.equal(new Set(posts.map(({ id }) => id)).size, 1);
      assert.deepEqual(await records.incidents.posts(number), [posts[0]]);
    });

    test("a post is due until it shows the newest version and every note", async () => {
      const { number } = await openIncident();
      const { id } = await records.incidents.ensurePost(number, CHANNEL);
      const isDue = async () => (await records.incidents.incidentsWithDuePosts()).includes(number);
      const show = async (change: Parameters<typeof records.incidents.savePost>[2]) => {
        await records.incidents.claimPost(id, "a", MINUTE);
        await records.incidents.savePost(id, "a", change);
      };
      assert.equal(await isDue(), true);
      await show({ messageId: "m-1", threadId: "t-1", shownVersion: 1 });
      assert.equal(await isDue(), false);
      await records.incidents.change(number, { silent: true, goodProbes: 1 }, []);
      assert.equal(await isDue(), false);
      await records.incidents.change(number, { silent: true, notes: [{ text: "n", loud: false }] }, []);
      assert.equal(await isDue(), true);
      await show({ notesShown: 1 });
      assert.equal(await isDue(), false);
      await records.incidents.change(number, {}, []);
      assert.equal(await isDue(), true);
      await show({ gone: true });
      assert.equal(await isDue(), false);
      const found = await records.incidents.findPost(CHANNEL, "m-1");
      assert.equal(found?.id, id);
      assert.equal(found?.threadId, "t-1");
      assert.equal(await records.incidents.findPost({ ...CHANNEL, workspace: "T2" }, "m-1"), undefined);
    });

    test("one of many holders may write to a post, until its time is over", async () => {
      const { number } = await openIncident();
      const { id } = await records.incidents.ensurePost(number, CHANNEL);
      const claims = await Promise.all(
        Array.from({ length: 50 }, (_, index) => records.incidents.claimPost(id, `holder ${index}`, MINUTE)),
      );
      assert.equal(claims.filter((post) => post !== undefined).length, 1);
      assert.equal(await records.incidents.claimPost(id, "late", MINUTE), undefined);
      now += MINUTE;
      assert.equal((await records.incidents.claimPost(id, "late", MINUTE))?.id, id);
      await records.incidents.savePost(id, "holder 0", { messageId: "stale" });
      assert.equal((await records.incidents.posts(number))[0]?.messageId, undefined);
      assert.equal(await records.incidents.claimPost(id, "third", MINUTE), undefined);
      now = NOON;
    });

    test("who writes to a post keeps it until it is released", async () => {
      const { number } = await openIncident();
      const { id } = await records.incidents.ensurePost(number, CHANNEL);
      await records.incidents.claimPost(id, "a", MINUTE);
      await records.incidents.savePost(id, "a", { messageId: "m-kept", shownVersion: 1 });
      assert.equal(await records.incidents.claimPost(id, "b", MINUTE), undefined);
      await records.incidents.savePost(id, "a", { notesShown: 2, release: true });
      const post = await records.incidents.claimPost(id, "b", MINUTE);
      assert.deepEqual([post?.messageId, post?.notesShown], ["m-kept", 2]);
    });

    test("an intent comes back as it was offered", async () => {
      const intent = await offer();
      assert.deepEqual(await records.intents.find(intent.key), intent);
      assert.deepEqual(await records.intents.ofIncident(intent.incident), [intent]);
      assert.equal(await records.intents.find("none"), undefined);
    });

    test("one restart a service is open at a time; another service has its own", async () => {
      const { number } = await openIncident();
      const made = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          records.intents.create(
            makeIntent({ key: `one-${number}-${index}`, incident: number, host: "one-host" }),
            makeEntry({ kind: "restart-proposed" }),
            [],
          ),
        ),
      );
      assert.equal(made.filter(Boolean).length, 1);
      assert.equal((await kinds(number)).filter((kind) => kind === "restart-proposed").length, 1);
      const other = makeIntent({
        key: `other-${number}`,
        incident: number,
        host: "one-host",
        identity: { id: "other.service", invocation: "i", bootId: "b" },
      });
      assert.equal(await records.intents.create(other, makeEntry(), []), true);
    });

    test("nothing is offered on an incident that ended meanwhile", async () => {
      const { number } = await openIncident();
      await records.incidents.change(number, { state: "closed", closedBecause: "well again" }, []);
      const late = makeIntent({ key: `late-${number}`, incident: number, host: "late-host" });
      assert.equal(await records.intents.create(late, makeEntry({ kind: "restart-proposed" }), []), false);
      assert.equal(await records.intents.find(late.key), undefined);
      assert.ok(!(await kinds(number)).includes("restart-proposed"));
    });

    test("a hundred approvals at once: one decides, and the log has one row", async () => {
      const intent = await offer();
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          records.intents.decide(
            intent.key,
            makeApproval(`U${index}`),
            { from: "awaiting", to: "approved", approvedAt: "2026-11-20T12:01:00.000Z" },
            makeEntry({ kind: "restart-approved" }),
            [{ text: "approved", loud: false }],
          ),
        ),
      );
      const [winner, ...others] = outcomes.filter((outcome) => outcome !== undefined);
      assert.equal(others.length, 0);
      assert.equal(winner?.decisions.length, 1);
      assert.equal(winner?.state, "approved");
      assert.equal((await records.intents.find(intent.key))?.decisions.length, 1);
      assert.deepEqual(await kinds(intent.incident), [
        "incident-opened",
        "restart-proposed",
        "restart-approved",
      ]);
      assert.equal((await records.incidents.notes(intent.incident)).length, 1);
    });

    test("whoever approved may still say no, and whoever said no has ended it", async () => {
      const intent = await offer({ approvalsNeeded: 2 });
      const decide = (answer: "approve" | "deny", to: "awaiting" | "denied") => {
        const decision = makeApproval("U2", answer);
        return records.intents.decide(intent.key, decision, { from: "awaiting", to }, makeEntry(), []);
      };
      assert.equal((await decide("approve", "awaiting"))?.state, "awaiting");
      const denied = await decide("deny", "denied");
      assert.equal(denied?.state, "denied");
      assert.deepEqual(denied?.decisions, [makeApproval("U2", "deny")]);
      assert.equal(await decide("approve", "awaiting"), undefined);
    });

    test("nobody approves twice, and two approvals are of two people", async () => {
      const intent = await offer({ approvalsNeeded: 2 });
      const decide = (id: string, to: "awaiting" | "approved") =>
        records.intents.decide(intent.key, makeApproval(id), { from: "awaiting", to }, makeEntry(), []);
      assert.equal(await decide("U2", "approved"), undefined, "one is not enough");
      assert.equal((await decide("U2", "awaiting"))?.state, "awaiting");
      assert.equal(await decide("U2", "approved"), undefined, "the same person again");
      assert.equal(await decide("U3", "awaiting"), undefined, "two are enough: read again");
      const approved = await decide("U3", "approved");
      assert.deepEqual(
        approved?.decisions.map(({ person }) => person.id),
        ["U2", "U3"],
      );
    });

    test("a hundred workers that send: one does", async () => {
      const intent = await offer({ state: "approved" });
      const sent = await Promise.all(
        Array.from({ length: 100 }, () =>
          records.intents.move(
            intent.key,
            { from: ["approved"], to: "sent", sentAt: "2026-11-20T12:02:00.000Z" },
            makeEntry({ kind: "restart-sent" }),
            [],
          ),
        ),
      );
      assert.equal(sent.filter((outcome) => outcome !== undefined).length, 1);
      assert.deepEqual(await kinds(intent.incident), ["incident-opened", "restart-proposed", "restart-sent"]);
    });

    test("approval, denial and expiry at once: exactly one happens", async () => {
      for (let round = 0; round < 10; round += 1) {
        const { key } = await offer();
        const outcomes = await Promise.all([
          records.intents.decide(
            key,
            makeApproval("U2"),
            { from: "awaiting", to: "approved" },
            makeEntry(),
            [],
          ),
          records.intents.decide(
            key,
            makeApproval("U3", "deny"),
            { from: "awaiting", to: "denied" },
            makeEntry(),
            [],
          ),
          records.intents.move(key, { from: ["awaiting"], to: "expired" }, makeEntry(), []),
        ]);
        const [winner, ...others] = outcomes.filter((outcome) => outcome !== undefined);
        assert.equal(others.length, 0);
        assert.equal((await records.intents.find(key))?.state, winner?.state);
      }
    });

    test("an intent is open until its restart is proven or not", async () => {
      const intent = await offer({ state: "approved" });
      const isOpen = async () => (await records.intents.open()).some(({ key }) => key === intent.key);
      const verify = (status: "running" | "proven") =>
        records.intents.move(
          intent.key,
          {
            from: ["done"],
            to: "done",
            verification: {
              status,
              at: "2026-11-20T12:03:00.000Z",
              checks: [{ hop: "unit", before: "dead", after: "running", ok: true }],
            },
          },
          makeEntry(),
          [],
        );
      assert.equal(await isOpen(), true);
      await records.intents.move(intent.key, { from: ["approved"], to: "sent" }, makeEntry(), []);
      assert.equal(await isOpen(), true);
      const done = { from: ["sent"], to: "done", outcome: "restarted", hint: "none" } as const;
      assert.equal((await records.intents.move(intent.key, done, makeEntry(), []))?.outcome, "restarted");
      assert.equal(await isOpen(), true);
      await verify("running");
      assert.equal(await isOpen(), true);
      assert.equal((await verify("proven"))?.verification?.checks[0]?.after, "running");
      assert.equal(await isOpen(), false);
    });

    test("restarts of a service are counted from when they were sent, newest first", async () => {
      const send = async (minute: number) => {
        const { key } = await offer({ host: "counted", state: "approved" });
        const sentAt = new Date(NOON + minute * MINUTE).toISOString();
        await records.intents.move(key, { from: ["approved"], to: "sent", sentAt }, makeEntry(), []);
        await records.intents.move(key, { from: ["sent"], to: "unknown" }, makeEntry(), []);
        return key;
      };
      const [first, second] = [await send(1), await send(2)];
      const of = { host: "counted", serviceId: "app.service" };
      const since = async (minute: number, whose?: typeof of) =>
        (await records.intents.sentSince(new Date(NOON + minute * MINUTE).toISOString(), whose)).map(
          ({ key }) => key,
        );
      assert.deepEqual(await since(0, of), [second, first]);
      assert.deepEqual(await since(2, of), [second]);
      assert.deepEqual(await since(0, { ...of, serviceId: "other.service" }), []);
      assert.ok((await since(0)).includes(first));
    });

    test("a change whose log row cannot be written does not happen", async () => {
      const intent = await offer();
      const circular: { [key: string]: never } = {};
      Object.assign(circular, { self: circular });
      await assert.rejects(
        records.intents.move(
          intent.key,
          { from: ["awaiting"], to: "expired" },
          makeEntry({ details: circular }),
          [],
        ),
      );
      assert.equal((await records.intents.find(intent.key))?.state, "awaiting");
    });

    test("a diagnosis and its evidence come back", async () => {
      const { number } = await openIncident();
      const evidence = JSON.stringify({ lines: "x".repeat(100_000) });
      const id = await records.diagnoses.save({ incident: number, diagnosis: makeDiagnosis(), evidence });
      assert.match(id, /^d-[0-9a-f]{16}$/);
      assert.deepEqual(await records.diagnoses.find(id), makeDiagnosis());
      assert.equal(await records.diagnoses.evidence(id), evidence);
      assert.equal(await records.diagnoses.find("d-none"), undefined);
      assert.equal(await records.diagnoses.evidence("d-none"), undefined);
    });

    test("evidence past two mebibytes, compressed, is not kept; its diagnosis is", async () => {
      const { number } = await openIncident();
      const evidence = randomBytes(2 * 1024 * 1024).toString("base64");
      const id = await records.diagnoses.save({ incident: number, diagnosis: makeDiagnosis(), evidence });
      assert.deepEqual(await records.diagnoses.find(id), makeDiagnosis());
      assert.equal(await records.diagnoses.evidence(id), undefined);
    });

    test("an alert is kept until it is handled, and its fingerprint leads to its incident", async () => {
      const { number } = await openIncident();
      const alert: Alert = {
        source: "grafana",
        status: "firing",
        fingerprint: `f\u0000${"x".repeat(5000)}`,
        candidates: ["shop"],
        title: "502",
        statusCode: 502,
      };
      const { isRepeat, ids } = await records.inbox.store({ source: "grafana", key: "k-1" }, [
        { alert, site: "shop" },
        { alert: { ...alert, fingerprint: "other" } },
      ]);
      assert.equal(isRepeat, false);
      const [first = 0, second = 0] = ids;
      assert.deepEqual(await records.inbox.pending(10), [
        { id: first, alert, site: "shop", receivedAt: "2026-11-20T12:00:00.000Z" },
        { id: second, alert: { ...alert, fingerprint: "other" }, receivedAt: "2026-11-20T12:00:00.000Z" },
      ]);
      await records.inbox.markHandled(first, number);
      await records.inbox.markHandled(second);
      assert.deepEqual(await records.inbox.pending(10), []);
      assert.equal(await records.inbox.incidentOf("grafana", alert.fingerprint), number);
      assert.equal(await records.inbox.incidentOf("grafana", "other"), undefined);
      assert.equal(await records.inbox.incidentOf("other", alert.fingerprint), undefined);
      assert.equal(
        await records.inbox.othersFire(number, { source: "grafana", fingerprint: alert.fingerprint }),
        false,
      );
      assert.equal(await records.inbox.othersFire(number, { source: "grafana", fingerprint: "other" }), true);
    });

    test("the same delivery within 15 minutes stores nothing, of fifty at once one does", async () => {
      const alert: Alert = {
        source: "s",
        status: "firing",
        fingerprint: "f",
        candidates: [],
        title: "t",
      };
      const store = (key: string) => records.inbox.store({ source: "s", key }, [{ alert }]);
      const stored = await Promise.all(Array.from({ length: 50 }, () => store("k-2")));
      assert.equal(stored.filter(({ isRepeat }) => !isRepeat).length, 1);
      assert.equal(stored.flatMap(({ ids }) => ids).length, 1);
      now += 14 * MINUTE;
      assert.equal((await store("k-2")).isRepeat, true);
      assert.equal((await store("k-3")).isRepeat, false);
      now = NOON + 15 * MINUTE;
      assert.equal((await store("k-2")).isRepeat, false);
      assert.equal((await store("k-2")).isRepeat, true);
      now = NOON;
    });

    test("a proof counts once within 15 minutes", async () => {
      const seen = await Promise.all(Array.from({ length: 50 }, () => records.inbox.isNewProof("p")));
      assert.equal(seen.filter(Boolean).length, 1);
      now += 15 * MINUTE;
      assert.equal(await records.inbox.isNewProof("p"), true);
      now = NOON;
    });

    test("a step that never comes back is counted, one that does is forgotten", async () => {
      const { begin, end } = records.stepCrashes;
      assert.deepEqual([await begin("look", "1"), await begin("look", "1")], [1, 2]);
      assert.equal(await begin("look", "2"), 1);
      await end("look", "1");
      assert.equal(await begin("look", "1"), 1);
    });

    test("the log hangs together whatever was said in it", async () => {
      const texts = ["plain", "nul \u0000 nul", "half \ud83d pair", "\u2028 \u202e", "é", ""];
      for (const text of texts) {
        await records.audit.append(
          makeEntry({
            text,
            actor: { kind: "person", person: makePerson(text) },
            details: { [text]: [text, 1e21, -0] },
          }),
        );
      }
      const check = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
      assert.equal(check.status, "ok");
      const rows = await allOf(records.audit.rows());
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        rows.map((_, index) => index + 1),
      );
      for (const row of rows) assert.equal(row.hash, hashRow(row.previousHash, row));
      assert.deepEqual(
        (await allOf(records.audit.rows({ after: 2, limit: 3 }))).map(({ seq }) => seq),
        [3, 4, 5],
      );
    });

    test("two processes that write at once lose nothing", async () => {
      const { number } = await openIncident();
      const order = JSON.stringify({ place, incident: number, notes: 200 });
      await Promise.all([1, 2].map(() => run(process.execPath, [WRITER, order])));
      const notes = await records.incidents.notes(number);
      assert.deepEqual(
        notes.map(({ seq }) => seq),
        Array.from({ length: 400 }, (_, index) => index + 1),
      );
      assert.equal((await kinds(number)).length, 401);
      const check = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
      assert.equal(check.status, "ok");
    });

    test("a process that is killed while it writes loses nothing it was told is stored, and leaves no half of it", async () => {
      const { number } = await openIncident();
      let acknowledged = 0;
      for (let kill = 0; kill < 3; kill += 1) {
        const order = JSON.stringify({ place, incident: number, notes: 1_000_000 });
        const child = spawn(process.execPath, [WRITER, order], { stdio: ["ignore", "pipe", "inherit"] });
        const ended = once(child, "close");
        let dots = 0;
        child.stdout.on("data", (chunk: Buffer) => {
          dots += chunk.length;
          if (dots > 40 + 7 * kill) child.kill("SIGKILL");
        });
        await ended;
        acknowledged += dots;
      }
      const notes = await records.incidents.notes(number);
      assert.ok(notes.length >= acknowledged && notes.length <= acknowledged + 3);
      assert.equal((await records.incidents.find(number))?.version, notes.length + 1);
      assert.equal((await kinds(number)).length, notes.length + 1);
      const check = await readAuditLog(place, ({ rows, head }) => verifyChain(rows, { head }));
      assert.equal(check.status, "ok");
    });

    test("everything is still there after closing and opening again", async () => {
      const intent = await offer();
      await records.close();
      records = await open();
      assert.deepEqual(await records.intents.find(intent.key), intent);
    });
  });
}

async function allOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
