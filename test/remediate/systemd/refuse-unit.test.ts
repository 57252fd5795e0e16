import assert from "node:assert/strict";
import { test } from "node:test";
import type { UnitHistory } from "../../../src/remediate/systemd/read-starts.ts";
import { refuseCompany, refuseState } from "../../../src/remediate/systemd/refuse-unit.ts";
import { unitBlock } from "../../topology/site.ts";
import { makeUnit } from "./make-unit.ts";

const CURRENT = "c".repeat(32);
const OPTIONS = {
  resetBudget: false,
  proxyUnits: ["edge-cache.service"],
  neverRestart: ["precious.service"],
};
const ALL = { complete: true, isCut: false, oldestMs: 0 };
const STARTED: UnitHistory = { ...ALL, starts: new Map([[CURRENT, 0]]), stoppedByJob: false };
type Properties = Readonly<Record<string, string>>;

/** What is said of shop.service when systemd shows these properties of it; undefined when it may be restarted. */
function refusalOf(properties: Properties, history = STARTED, id = "shop.service") {
  const given = { InvocationID: CURRENT, ...properties };
  const shown = unitBlock(id, given);
  return refuseState(makeUnit(id, given), { ...OPTIONS, asked: "shop.service", shown, history });
}

const BY_HAND = "Restart it by hand if it must be; this bot never does.";
const SOON = "Look again in a moment.";
const REFUSED: readonly (readonly [properties: Properties, why: string, hint: string, id?: string])[] = [
  [{ Names: "shop.service edge-cache.service" }, "shop.service is the site's own proxy", BY_HAND],
  [
    { Names: "shop.service precious.service" },
    "shop.service is on the list neverRestart of the config",
    BY_HAND,
  ],
  [{ Names: "mysql.service" }, "shop.service is a database, cache or queue", BY_HAND],
  [
    { Names: "precious.service shop.service" },
    "shop.service is another name of precious.service, which is on the list neverRestart of the config",
    BY_HAND,
    "precious.service",
  ],
  [
    { LoadState: "masked" },
    "shop.service is masked: somebody locked it",
    "To lift that: systemctl unmask shop.service",
  ],
  [
    { LoadState: "not-found" },
    "there is no shop.service on this host",
    "Correct the site's service in the config.",
  ],
  [
    { LoadState: "bad-setting" },
    "systemd cannot load shop.service (bad-setting): it would stop and not start again",
    "See: systemctl status shop.service",
  ],
  [
    { ActiveState: "activating", SubState: "auto-restart" },
    "shop.service is activating (auto-restart) already: something starts or stops it right now",
    SOON,
  ],
  [
    { ActiveState: "deactivating", SubState: "stop-sigterm" },
    "shop.service is deactivating (stop-sigterm) already: something starts or stops it right now",
    SOON,
  ],
  [
    { ActiveState: "reloading", SubState: "reload" },
    "shop.service is reloading (reload) already: something starts or stops it right now",
    SOON,
  ],
  [{ Job: "9" }, "shop.service is active (running) already: something starts or stops it right now", SOON],
  [
    { RefuseManualStart: "yes" },
    "shop.service refuses to be started or stopped by hand",
    "Its unit file says so.",
  ],
  [
    { RefuseManualStop: "yes" },
    "shop.service refuses to be started or stopped by hand",
    "Its unit file says so.",
  ],
];

for (const [properties, why, hint, id] of REFUSED) {
  test(`refused: ${why}`, () => {
    assert.deepEqual(refusalOf(properties, STARTED, id), { kind: "refused", why, hint });
  });
}

test("the name that somebody asked for counts, too, when systemd shows others only", () => {
  const unit = makeUnit("store.service");
  const known = { ...OPTIONS, asked: "precious.service", shown: "", history: STARTED };
  assert.deepEqual(refuseState(unit, known), {
    kind: "refused",
    why: "precious.service is another name of store.service, which is on the list neverRestart of the config",
    hint: BY_HAND,
  });
});

const ALLOWED: readonly (readonly [fact: string, properties: Properties])[] = [
  ["it runs", {}],
  ["no job is queued", { Job: "0" }],
  ["jobs and refusals are only spoken of", { FragmentPath: "/srv/Job=1/RefuseManualStop=yes.service" }],
  ["it may be started and stopped by hand", { RefuseManualStart: "no", RefuseManualStop: "no" }],
];

for (const [fact, properties] of ALLOWED) {
  test(`not refused: ${fact}`, () => {
    assert.equal(refusalOf(properties), undefined);
  });
}

const DOWN = { ActiveState: "inactive", SubState: "dead" };
const NEVER_HEARD: UnitHistory = { ...ALL, starts: new Map(), stoppedByJob: false };
const ENDS: readonly (readonly [
  fact: string,
  properties: Properties,
  history: UnitHistory,
  onPurpose: boolean,
])[] = [
  ["it ended by itself", DOWN, STARTED, false],
  ["it ended by itself, and systemd tells no result", { ...DOWN, Result: "" }, STARTED, false],
  ["a job stopped it", DOWN, { ...STARTED, stoppedByJob: true }, true],
  [
    "a job stopped it, and systemd tells no result",
    { ...DOWN, Result: "" },
    { ...STARTED, stoppedByJob: true },
    true,
  ],
  [
    "a job stopped it after a fault",
    { ...DOWN, Result: "exit-code" },
    { ...STARTED, stoppedByJob: true },
    false,
  ],
  ["it runs again after a job had stopped it", {}, { ...STARTED, stoppedByJob: true }, false],
  ["the journal cannot be read in full", DOWN, { ...STARTED, complete: false }, true],
  ["the journal does not know its last start", DOWN, NEVER_HEARD, true],
  ["it was never started", { ...DOWN, InvocationID: "" }, NEVER_HEARD, false],
];

for (const [fact, properties, history, onPurpose] of ENDS) {
  test(`${onPurpose ? "stopped on purpose" : "not stopped on purpose"}: ${fact}`, () => {
    const why = "shop.service was stopped on purpose";
    const hint = "Ask who stopped it, then: systemctl start shop.service";
    assert.deepEqual(refusalOf(properties, history), onPurpose ? { kind: "refused", why, hint } : undefined);
    const since = refusalOf({ ...properties, InactiveEnterTimestamp: "@1795000000" }, history);
    const at = "2026-11-18T11:06:40.000Z";
    assert.deepEqual(since, onPurpose ? { kind: "refused", why: `${why} at ${at}`, hint } : undefined);
  });
}

const COMPANY: readonly (readonly [path: readonly string[], names: readonly string[], chain: string])[] = [
  [["edge-cache.service"], [], "edge-cache.service, which is the site's own proxy"],
  [
    ["a.service", "b.service"],
    ["precious.service"],
    "a.service, and with it b.service, which is on the list neverRestart of the config",
  ],
  [["haproxy.service"], [], "haproxy.service, which is a proxy that may serve other sites"],
];

for (const [path, names, chain] of COMPANY) {
  test(`refused: a restart would also restart ${chain}`, () => {
    const harmless = { unit: "a.service", names: ["a.service"], path: ["shop.service", "a.service"] };
    const along = { unit: path.at(-1) ?? "", names, path: ["shop.service", ...path] };
    assert.deepEqual(refuseCompany("shop.service", [harmless, along], OPTIONS), {
      kind: "refused",
      why: `a restart of shop.service would also restart ${chain}`,
      hint: "Loosen the bond (Wants= instead of Requires=, Requisite=, BindsTo= or PartOf=), or restart shop.service by hand.",
    });
    assert.equal(refuseCompany("shop.service", [harmless], OPTIONS), undefined);
  });
}
