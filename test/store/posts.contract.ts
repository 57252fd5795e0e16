import assert from "node:assert/strict";
import { test } from "node:test";
import type { Post } from "../../src/incident/incident.ts";
import type { RecordsBench } from "./records-bench.ts";
import { CHANNEL, NOON } from "./sample-records.ts";

const MINUTE = 60_000;

/** Who writes to a post, and when it is due. */
export function testPosts(bench: RecordsBench): void {
  /** What the claim gives: the post, or why there is none. */
  async function claim(id: number, holder: string): Promise<Post | "held" | "gone"> {
    const claimed = await bench.records.incidents.claimPost(id, holder, MINUTE);
    return claimed.kind === "ours" ? claimed.post : claimed.kind;
  }
  const claimedId = async (id: number, holder: string) => {
    const post = await claim(id, holder);
    return typeof post === "string" ? post : post.id;
  };

  test("there is one post a place, whoever asks first", async () => {
    const { number } = await bench.openIncident();
    const posts = await Promise.all(
      Array.from({ length: 20 }, () => bench.records.incidents.ensurePost(number, CHANNEL)),
    );
    assert.equal(new Set(posts.map(({ id }) => id)).size, 1);
    assert.deepEqual(await bench.records.incidents.posts(number), [posts[0]]);
  });

  test("a post is due until it shows the newest version and every note", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    const isDue = async () => (await bench.records.incidents.incidentsWithDuePosts()).includes(number);
    const show = async (change: Parameters<typeof bench.records.incidents.savePost>[2]) => {
      await bench.records.incidents.claimPost(id, "a", MINUTE);
      await bench.records.incidents.savePost(id, "a", change);
    };
    assert.equal(await isDue(), true);
    await show({ messageId: "m-1", threadId: "t-1", shownVersion: 1 });
    assert.equal(await isDue(), false);
    await bench.records.incidents.change(number, { silent: true, goodProbes: 1 }, []);
    assert.equal(await isDue(), false);
    await bench.records.incidents.change(number, { silent: true, notes: [{ text: "n", loud: false }] }, []);
    assert.equal(await isDue(), true);
    await show({ notesShown: 1 });
    assert.equal(await isDue(), false);
    await bench.records.incidents.change(number, {}, []);
    assert.equal(await isDue(), true);
    await show({ gone: true });
    assert.equal(await isDue(), false);
    const found = await bench.records.incidents.findPost(CHANNEL, "m-1");
    assert.equal(found?.id, id);
    assert.equal(found?.threadId, "t-1");
    assert.equal(await bench.records.incidents.findPost({ ...CHANNEL, workspace: "T2" }, "m-1"), undefined);
  });

  test("a post that is made while its incident changes is due all the same", async () => {
    const { incidents } = bench.records;
    for (let round = 0; round < 20; round += 1) {
      const { number } = await bench.openIncident();
      const [{ id }] = await Promise.all([
        incidents.ensurePost(number, CHANNEL),
        incidents.change(number, {}, []),
      ]);
      await incidents.claimPost(id, "a", MINUTE);
      await incidents.savePost(id, "a", { messageId: `m-${round}`, shownVersion: 1, release: true });
      assert.ok((await incidents.incidentsWithDuePosts()).includes(number));
    }
  });

  test("a holder whose time is further away than any can be, because the clock was set back, holds nothing", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    bench.now += 60 * MINUTE;
    assert.equal(await claimedId(id, "a"), id);
    bench.now -= 60 * MINUTE;
    assert.equal(await claimedId(id, "b"), id);
    assert.equal(await claim(id, "a"), "held");
  });

  test("one of many holders may write to a post, until its time is over", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    const claims = await Promise.all(Array.from({ length: 50 }, (_, index) => claim(id, `holder ${index}`)));
    assert.equal(claims.filter((post) => post !== "held").length, 1);
    assert.equal(await claim(id, "late"), "held");
    bench.now += MINUTE;
    assert.equal(await claimedId(id, "late"), id);
    await bench.records.incidents.savePost(id, "holder 0", { messageId: "stale" });
    assert.equal((await bench.records.incidents.posts(number))[0]?.messageId, undefined);
    assert.equal(await claim(id, "third"), "held");
    bench.now = NOON;
  });

  test("who writes to a post keeps it until it is released", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    await bench.records.incidents.claimPost(id, "a", MINUTE);
    await bench.records.incidents.savePost(id, "a", { messageId: "m-kept", shownVersion: 1 });
    assert.equal(await claim(id, "b"), "held");
    await bench.records.incidents.savePost(id, "a", { notesShown: 2, release: true });
    const post = await claim(id, "b");
    assert.ok(typeof post !== "string");
    assert.deepEqual([post.messageId, post.notesShown], ["m-kept", 2]);
  });

  test("a post that is gone is nobody's to write, until it is made anew: another one, of which nothing is shown", async () => {
    const { incidents } = bench.records;
    const { number } = await bench.openIncident();
    const { id } = await incidents.ensurePost(number, CHANNEL);
    const elsewhere = await incidents.ensurePost(number, { ...CHANNEL, channel: "C2" });
    const isDue = async () => (await incidents.incidentsWithDuePosts()).includes(number);
    await incidents.claimPost(elsewhere.id, "a", MINUTE);
    await incidents.savePost(elsewhere.id, "a", {
      messageId: "m-2",
      shownVersion: 1,
      gone: true,
      release: true,
    });
    await incidents.claimPost(id, "a", MINUTE);
    await incidents.savePost(id, "a", { messageId: "m-gone", shownVersion: 1, notesShown: 3, release: true });
    assert.equal((await incidents.ensurePost(number, CHANNEL, { anew: true })).id, id, "it stands there");
    await claim(id, "a");
    await incidents.savePost(id, "a", { gone: true, release: true });
    assert.equal(await claim(id, "a"), "gone");
    assert.equal((await incidents.ensurePost(number, CHANNEL)).id, id, "nobody asked");
    assert.equal(await isDue(), false);

    const made = await Promise.all(
      Array.from({ length: 20 }, () => incidents.ensurePost(number, CHANNEL, { anew: true })),
    );
    const [anew] = made;
    assert.ok(anew !== undefined && anew.id !== id);
    assert.deepEqual(new Set(made.map((post) => post.id)), new Set([anew.id]));
    assert.deepEqual(
      [anew.messageId, anew.threadId, anew.shownVersion, anew.notesShown],
      [undefined, undefined, 0, 0],
    );
    assert.equal(await isDue(), true);
    assert.equal(await incidents.findPost(CHANNEL, "m-gone"), undefined);
    assert.equal(await claim(id, "a"), "gone");
    assert.equal(await claimedId(anew.id, "a"), anew.id);
    assert.equal(await claim(elsewhere.id, "a"), "gone", "nobody asked there");
  });
}
