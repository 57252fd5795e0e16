import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordsBench } from "./records-bench.ts";
import { CHANNEL, NOON } from "./sample-records.ts";

const MINUTE = 60_000;

/** Who writes to a post, and when it is due. */
export function testPosts(bench: RecordsBench): void {
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

  test("a holder whose time is further away than any can be, because the clock was set back, holds nothing", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    bench.now += 60 * MINUTE;
    assert.equal((await bench.records.incidents.claimPost(id, "a", MINUTE))?.id, id);
    bench.now -= 60 * MINUTE;
    assert.equal((await bench.records.incidents.claimPost(id, "b", MINUTE))?.id, id);
    assert.equal(await bench.records.incidents.claimPost(id, "a", MINUTE), undefined);
  });

  test("one of many holders may write to a post, until its time is over", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    const claims = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        bench.records.incidents.claimPost(id, `holder ${index}`, MINUTE),
      ),
    );
    assert.equal(claims.filter((post) => post !== undefined).length, 1);
    assert.equal(await bench.records.incidents.claimPost(id, "late", MINUTE), undefined);
    bench.now += MINUTE;
    assert.equal((await bench.records.incidents.claimPost(id, "late", MINUTE))?.id, id);
    await bench.records.incidents.savePost(id, "holder 0", { messageId: "stale" });
    assert.equal((await bench.records.incidents.posts(number))[0]?.messageId, undefined);
    assert.equal(await bench.records.incidents.claimPost(id, "third", MINUTE), undefined);
    bench.now = NOON;
  });

  test("who writes to a post keeps it until it is released", async () => {
    const { number } = await bench.openIncident();
    const { id } = await bench.records.incidents.ensurePost(number, CHANNEL);
    await bench.records.incidents.claimPost(id, "a", MINUTE);
    await bench.records.incidents.savePost(id, "a", { messageId: "m-kept", shownVersion: 1 });
    assert.equal(await bench.records.incidents.claimPost(id, "b", MINUTE), undefined);
    await bench.records.incidents.savePost(id, "a", { notesShown: 2, release: true });
    const post = await bench.records.incidents.claimPost(id, "b", MINUTE);
    assert.deepEqual([post?.messageId, post?.notesShown], ["m-kept", 2]);
  });
}
