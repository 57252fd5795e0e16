import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { TestContext } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Intent } from "../../src/approval/intent.ts";
import type { Intents } from "../../src/approval/intents.ts";
import type { SiteConfig } from "../../src/config/config.ts";
import type { AuditRow } from "../../src/incident/audit.ts";
import type { Person, Place, SurfaceName } from "../../src/incident/person.ts";
import { openRecords, type Records } from "../../src/store/open-records.ts";
import { createClicks } from "../../src/workflow/clicks.ts";
import type { SiteBook } from "../../src/workflow/site-book.ts";
import type { Surface } from "../../src/workflow/surface.ts";
import { createTakeDecision } from "../../src/workflow/take-decision.ts";
import { createTakeLift } from "../../src/workflow/take-lift.ts";
import { makeTestIntent, NOW } from "../approval/intent.ts";
import { makeStateDirectory } from "../store/temporary-place.ts";

export const LATE = Date.parse("2026-11-20T03:15:00.000Z");
const ROLES = { slack: "S9", discord: "role:9", console: "none" } as const;
const APPROVERS: SiteConfig["approvers"] = {
  slack: ["U1", "U2", "U3", ROLES.slack],
  discord: ["U1", "U2", "U3", ROLES.discord],
  console: ["U1", "U2", "U3"],
};
export const SURFACES: readonly SurfaceName[] = ["slack", "discord", "console"];
/**
 * The real records in a directory of their own, and one posted incident on each platform. Who clicks meets records that answer late, so
 * that what is not waited for has not happened yet when the click is answered.
 */
export async function openOffice(
  t: TestContext,
  given: {
    readonly approval?: Partial<SiteConfig["approval"]>;
    /** Who is in the group or role of approvers right now; throws for a platform that cannot say. */
    readonly isMember?: (group: string, person: Person) => boolean;
    /** What of the stored intents answers otherwise. */
    readonly intents?: (stored: Intents) => Partial<Intents>;
  } = {},
) {
  const clock = { now: NOW };
  const directory = await makeStateDirectory(t);
  const records = await openRecords(
    { kind: "sqlite", directory },
    { now: () => clock.now, random: randomBytes, holdLock: false },
  );
  t.after(() => records.close());
  const wakings: string[] = [];
  const touched: number[] = [];
  const warnings: object[] = [];
  const config = { approvers: APPROVERS, approval: { selfApproval: true, ...given.approval } };
  const sites = bookOf({ shop: config });
  const incidents = answeringLate(records.incidents);
  const intents = answeringLate({ ...records.intents, ...given.intents?.(records.intents) });
  const clicks = createClicks({
    audit: answeringLate(records.audit),
    surfaces: SURFACES.map((name) => surfaceOf(name, given.isMember ?? (() => false))),
    log: { debug() {}, info() {}, warn: (facts) => void warnings.push(facts), error() {} },
  });
  const takeDecision = createTakeDecision({
    incidents,
    intents,
    sites,
    clicks,
    now: () => clock.now,
    touch: (incident) => void touched.push(incident),
    wakeRestart: (key) => void wakings.push(key),
  });
  const takeLift = createTakeLift({
    incidents,
    intents,
    sites,
    clicks,
    now: () => clock.now,
  });
  return {
    records,
    takeDecision,
    takeLift,
    clock,
    wakings,
    touched,
    warnings,
    desk: await openDesk(records),
  };
}

/** The same, each method a few turns of the event loop later. */
function answeringLate<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: readonly unknown[]) => {
        for (let turn = 0; turn < 5; turn++) await setImmediate();
        return await method.apply(target, args);
      };
    },
  });
}

/** Two sites of people's: one is broken, the other's message is open beside it. */
async function openDesk(records: Records): Promise<{ readonly incident: number; readonly other: number }> {
  const open = async (site: string) => {
    const { incident } = await records.incidents.openOrJoin(
      { site, url: `https://${site}.example.com/`, openedBy: { kind: "bot" } },
      { kind: "incident-opened", actor: { kind: "bot" }, text: site },
    );
    for (const surface of SURFACES) {
      const { id } = await records.incidents.ensurePost(incident.number, placeOf(surface));
      await records.incidents.claimPost(id, "us", 1000);
      const message = { messageId: `message-${incident.number}`, threadId: "thread" };
      await records.incidents.savePost(id, "us", message);
    }
    return incident.number;
  };
  return { incident: await open("shop"), other: await open("blog") };
}

function bookOf(sites: Readonly<Record<string, Pick<SiteConfig, "approvers"> & object>>): SiteBook {
  return {
    names: Object.keys(sites),
    find: (name) => sites[name] as SiteConfig | undefined,
    requestOf: () => Promise.reject(new Error("no click looks at a host")),
    placesOf: () => [],
  };
}

function surfaceOf(name: SurfaceName, isMember: (group: string, person: Person) => boolean): Surface {
  const unused = () => Promise.reject(new Error("a click posts nothing by itself"));
  return {
    name,
    editEveryMs: 0,
    post: unused,
    update: unused,
    reply: unused,
    isMember: async (group, person) => isMember(group, person),
    workspace: () => "T1",
    start: unused,
    stop: unused,
  };
}

export function placeOf(surface: SurfaceName, over: Partial<Place> = {}): Place {
  return { surface, workspace: "T1", channel: "C1", ...over };
}

export function personOf(surface: SurfaceName, id: string, over: Partial<Person> = {}): Person {
  return { surface, workspace: "T1", id, name: `name of ${id}`, ...over };
}

/** One offer in the store; a host of its own each, because one service has one offer at a time. */
export async function offer(records: Records, over: Partial<Intent>): Promise<Intent> {
  const key = randomBytes(16).toString("hex");
  const intent = makeTestIntent({ key, host: `host-${key}`, ...over });
  const proposed = { kind: "restart-proposed", actor: { kind: "bot" }, text: "offered" } as const;
  assert.ok(await records.intents.create(intent, proposed, []));
  return intent;
}

export async function auditAfter(records: Records, after: number): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  for await (const row of records.audit.rows({ after })) rows.push(row);
  return rows;
}
