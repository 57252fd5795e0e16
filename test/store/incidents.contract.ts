import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordsBench } from "./records-bench.ts";
import { makeEntry, makePerson } from "./sample-records.ts";

/** Incidents, the looks they wait for, and their notes. */
export function testIncidents(bench: RecordsBench): void {
  test("an incident comes back as it was opened", async () => {
    const { incident, isNew } = await bench.records.incidents.openOrJoin(
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
    assert.deepEqual(await bench.records.incidents.find(incident.number), incident);
    assert.deepEqual(await bench.records.incidents.findOpen("shop"), incident);
    assert.equal(await bench.records.incidents.find(999_999), undefined);
  });

  test("a hundred requests for one site at once open one incident", async () => {
    const request = { site: "busy", url: "https://busy.example.com/", openedBy: { kind: "bot" } as const };
    const opened = await Promise.all(
      Array.from({ length: 100 }, () =>
        bench.records.incidents.openOrJoin(request, makeEntry({ kind: "incident-opened" })),
      ),
    );
    assert.equal(opened.filter(({ isNew }) => isNew).length, 1);
    assert.equal(new Set(opened.map(({ incident }) => incident.number)).size, 1);
  });

  test("numbers of incidents have no gaps", async () => {
    const first = await bench.openIncident();
    await bench.openIncident(first.site);
    const second = await bench.openIncident();
    assert.equal(second.number, first.number + 1);
  });

  test("a closed incident is not joined, and is listed after the open ones", async () => {
    const { number, site } = await bench.openIncident();
    const closed = await bench.records.incidents.change(
      number,
      { state: "closed", closedBecause: "the site answers again" },
      [makeEntry({ kind: "incident-closed" })],
      { whenOpen: true },
    );
    assert.equal(closed?.state, "closed");
    assert.equal(closed?.closedAt, "2026-11-20T12:00:00.000Z");
    assert.equal(closed?.closedBecause, "the site answers again");
    assert.equal(await bench.records.incidents.findOpen(site), undefined);
    assert.notEqual((await bench.openIncident(site)).number, number);
    const listed = await bench.records.incidents.list({ limit: 1000 });
    const states = listed.map(({ state }) => state);
    assert.deepEqual(states, [...states].sort().reverse());
    assert.ok(states.includes("closed") && states.includes("open"));
    assert.deepEqual(
      (await bench.records.incidents.list({ state: "closed", limit: 1 })).map((incident) => incident.number),
      [number],
    );
  });

  test("those that a look was asked for are found among all others", async () => {
    const [due, done, again] = [
      await bench.openIncident(),
      await bench.openIncident(),
      await bench.openIncident(),
    ];
    for (const { number } of [done, again]) {
      await bench.records.incidents.change(number, { looksDone: 1 }, []);
    }
    await bench.records.incidents.change(again.number, { wantLook: { by: { kind: "bot" } } }, []);
    const listed = await bench.records.incidents.list({ state: "open", isDue: true, limit: 1000 });
    const numbers = listed.map(({ number }) => number);
    assert.deepEqual(
      [due, done, again].map(({ number }) => numbers.includes(number)),
      [true, false, true],
    );
  });

  test("a change that is only for open incidents leaves a closed one and the log alone", async () => {
    const { number } = await bench.openIncident();
    const closing = { state: "closed", closedBecause: "well" } as const;
    await bench.records.incidents.change(number, closing, [makeEntry({ kind: "incident-closed" })]);
    const again = await bench.records.incidents.change(
      number,
      closing,
      [makeEntry({ kind: "incident-closed" })],
      {
        whenOpen: true,
      },
    );
    assert.equal(again, undefined);
    assert.deepEqual(await bench.kinds(number), ["incident-opened", "incident-closed"]);
  });

  test("a change keeps what it does not name", async () => {
    const { number } = await bench.openIncident();
    await bench.records.incidents.change(
      number,
      { wantLook: { by: { kind: "person", person: makePerson("U2") } }, goodProbes: 2 },
      [],
    );
    const failed = await bench.records.incidents.change(
      number,
      { looksDone: 1, diagnosis: "d-1", failure: { message: "m", hint: "h" } },
      [],
    );
    assert.equal(failed?.looksWanted, 2);
    assert.equal(failed?.looksDone, 1);
    assert.equal(failed?.goodProbes, 2);
    assert.deepEqual(failed?.askedBy, { kind: "person", person: makePerson("U2") });
    assert.deepEqual(failed?.failure, { message: "m", hint: "h" });
    const mended = await bench.records.incidents.change(number, { failure: null, silent: true }, []);
    assert.equal(mended?.failure, undefined);
    assert.equal(mended?.diagnosis, "d-1");
    assert.equal(mended?.version, 3);
  });

  test("a hundred looks asked for at once are all counted", async () => {
    const { number } = await bench.openIncident();
    const want = { wantLook: { by: { kind: "bot" } } } as const;
    await Promise.all(
      Array.from({ length: 100 }, () => bench.records.incidents.change(number, want, [makeEntry()])),
    );
    const incident = await bench.records.incidents.find(number);
    assert.equal(incident?.looksWanted, 101);
    assert.equal(incident?.version, 101);
    assert.equal((await bench.kinds(number)).length, 101);
  });

  test("notes are numbered within their incident and kept as they are", async () => {
    const { number } = await bench.openIncident();
    await bench.records.incidents.change(number, { notes: [{ text: "one", loud: false }] }, []);
    await bench.records.incidents.change(
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
    assert.deepEqual(await bench.records.incidents.notes(number), [
      { seq: 1, at, text: "one", loud: false },
      { seq: 2, at, text: "two", quotes: ["a\u0000b"], evidenceOf: "d-1", loud: true },
      { seq: 3, at, text: "three", loud: false },
    ]);
    assert.deepEqual(
      (await bench.records.incidents.notes(number, { after: 2 })).map(({ seq }) => seq),
      [3],
    );
  });
}
