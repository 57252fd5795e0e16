import { after, before, describe } from "node:test";
import type { StorePlace } from "../../src/store/store-place.ts";
import { testInbox } from "./inbox.contract.ts";
import { testIncidents } from "./incidents.contract.ts";
import { testIntents } from "./intents.contract.ts";
import { testLog } from "./log.contract.ts";
import { testPosts } from "./posts.contract.ts";
import { RecordsBench } from "./records-bench.ts";

/** What every kind of store promises; `makePlace` gives an empty one. */
export function testRecords(
  name: string,
  makePlace: () => Promise<StorePlace>,
  options: { readonly skip?: string | undefined } = {},
): void {
  describe(`records in ${name}`, { skip: options.skip ?? false }, () => {
    const bench = new RecordsBench();
    before(async () => bench.open(await makePlace()));
    after(() => bench.close());
    for (const testPart of [testIncidents, testPosts, testIntents, testInbox, testLog]) testPart(bench);
  });
}
