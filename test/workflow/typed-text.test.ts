import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DiagnosisRequest } from "../../src/intake/diagnosis-request.ts";
import { EVE, openBench } from "../fakes/bot-bench.ts";

const PLACE = { surface: "console", workspace: "local", channel: "console" } as const;

/** What somebody types who wants more than a site: near to a name that exists, and far from it. */
const Typed = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .tuple(
      fc.constantFrom(
        "shop",
        "SHOP",
        "sh op",
        "shop2",
        "ѕhop",
        "shop.example.com",
        "constructor",
        "__proto__",
      ),
      fc.constantFrom(
        ";",
        " ",
        "--proxy=evil",
        "&&",
        "`id`",
        "$(id)",
        "|",
        "\n",
        "\0",
        "/../",
        " -oProxyCommand=x",
      ),
      fc.string({ maxLength: 20 }),
    )
    .map(([name, glue, rest]) => `${name}${glue}${rest}`),
);

test("whatever is typed, only the exact name of a site makes the bot look, and nothing of it reaches a host", async (context) => {
  const opened = await openBench();
  const { world } = opened;
  const { diagnose } = world;
  const requests: DiagnosisRequest[] = [];
  Object.assign(world, {
    diagnose: async (...args: Parameters<typeof diagnose>) => {
      requests.push(args[0]);
      return await diagnose(...args);
    },
  });
  const { runtime, records, surface, stop } = await opened.boot();
  context.after(async () => {
    await stop();
    await opened.remove();
  });
  const isAsking = (text: string) => text.trim() === "shop";
  await fc.assert(
    fc.asyncProperty(
      Typed.filter((text) => !isAsking(text)),
      async (text) => {
        const reply = await runtime.bot.command(text, { person: EVE, place: PLACE });
        assert.doesNotMatch(reply.text, /^Looking|is open already/);
      },
    ),
    { numRuns: 20_000 },
  );
  assert.deepEqual(await records.incidents.list({ limit: 10 }), []);
  assert.deepEqual(requests, []);

  await runtime.bot.command(" shop ", { person: EVE, place: PLACE });
  await surface.until(({ card }) => card.buttons.some(({ action }) => action === "approve"));
  assert.deepEqual(
    requests.map(({ site, url }) => [site, url]),
    [["shop", "https://shop.example.com/"]],
  );
});
