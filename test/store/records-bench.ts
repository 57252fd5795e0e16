import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Intent } from "../../src/approval/intent.ts";
import type { Incident } from "../../src/incident/incident.ts";
import { openRecords, type Records } from "../../src/store/open-records.ts";
import type { StorePlace } from "../../src/store/store-place.ts";
import { makeEntry, makeIntent, makePerson, NOON } from "./sample-records.ts";

/** A store that a contract is tried on, with a clock that is set by hand. */
export class RecordsBench {
  now = NOON;
  #sites = 0;
  #opened: { readonly place: StorePlace; readonly records: Records } | undefined;

  async open(place: StorePlace): Promise<void> {
    const records = await openRecords(place, { now: () => this.now, random: randomBytes, holdLock: false });
    this.#opened = { place, records };
  }

  async reopen(): Promise<void> {
    await this.records.close();
    await this.open(this.place);
  }

  async close(): Promise<void> {
    await this.#opened?.records.close();
  }

  get records(): Records {
    assert.ok(this.#opened);
    return this.#opened.records;
  }

  get place(): StorePlace {
    assert.ok(this.#opened);
    return this.#opened.place;
  }

  /** Of a site of its own, when none is named. */
  async openIncident(site = `site-${++this.#sites}`): Promise<Incident> {
    const { incident } = await this.records.incidents.openOrJoin(
      { site, url: `https://${site}.example.com/`, openedBy: { kind: "person", person: makePerson("U1") } },
      makeEntry({ kind: "incident-opened" }),
    );
    return incident;
  }

  /** A restart that is offered, of an incident and a host of its own. */
  async offer(change: Partial<Intent> = {}): Promise<Intent> {
    const { number: incident } = await this.openIncident();
    const key = randomBytes(16).toString("hex");
    const intent = makeIntent({ key, incident, host: `host-${incident}`, ...change });
    const entry = makeEntry({ kind: "restart-proposed" });
    assert.equal(await this.records.intents.create(intent, entry, []), true);
    return intent;
  }

  /** What the audit log says of an incident, in order. */
  async kinds(incident: number): Promise<readonly string[]> {
    const rows = await allOf(this.records.audit.rows({ incident }));
    return rows.map(({ kind }) => kind);
  }
}

export async function allOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
