import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { createCollect } from "../../src/collect/collect.ts";
import type { Shell } from "../../src/collect/shell.ts";
import { createDiagnose } from "../../src/workflow/diagnose.ts";
import { EVE, openBench } from "../fakes/bot-bench.ts";
import { SimulatedSite } from "../fakes/simulated-site.ts";
import { playbooks } from "../topology/site.ts";

const PLACE = { surface: "console", workspace: "local", channel: "console" } as const;
const SITE = "shop";
/** In most of what is typed, and in nothing else that the bot reads. */
const MARK = "c4n4ry";

/** What somebody types who wants more than a site: near to the one name there is, and far from it; sometimes the name itself. */
const typed = fc.oneof(
  { weight: 400, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 500,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          SITE,
          "SHOP",
          "sh op",
          "shop2",
          "ѕhop",
          "shop.example.com",
          "edge-1",
          "constructor",
          "__proto__",
          "list",
          "status",
        ),
        fc.constantFrom(";", " ", "\u200b", "&&", "`id`", "$(id)", "|", "\n", "\0", "/../", " --proxy="),
        fc.string({ unit: "grapheme", maxLength: 20 }),
      )
      .map(([name, glue, rest]) => `${name}${glue}${MARK}${rest}`),
  },
  {
    weight: 98,
    arbitrary: fc.constantFrom(`${SITE}\u200b`, `${SITE}\0`, `${SITE} ${SITE}`, "Shop", "sho", `-${SITE}`),
  },
  { weight: 2, arbitrary: fc.constantFrom(SITE, ` ${SITE}\n`) },
);

/** Types into a whole bot; its hosts are there, say nothing, and remember what they were told. `wrong`: in words. */
export async function typeNames({ count, seed }: { readonly count: number; readonly seed?: number }) {
  const hosts = new Set<string>();
  const scripts: string[] = [];
  const told: string[] = [];
  const shell: Shell = {
    async connect(access) {
      hosts.add(access.name);
      told.push(JSON.stringify(access));
      const rttMs = 1;
      const runScript = async (script: string) => {
        scripts.push(script);
        return { kind: "closed", exitCode: 0 } as const;
      };
      return { ok: true, connection: { rttMs, runScript, close: () => undefined } };
    },
    close: async () => undefined,
  };
  const diagnose = createDiagnose({
    createCollect: () => createCollect({ shell, now: Date.now, random: randomBytes }),
    http: new SimulatedSite().http,
    playbooks,
    now: Date.now,
  });
  const opened = await openBench({ edges: { diagnose } });
  const { runtime, surface, stop } = await opened.boot();
  const wrong: string[] = [];
  let accepted = 0;
  try {
    const isTaken = fc.asyncProperty(typed, async (text) => {
      const reply = await runtime.bot.command(text, { person: EVE, place: PLACE });
      const isLooking = /^Looking at |^Incident #\d+ of .* is open already/.test(reply.text);
      accepted += isLooking ? 1 : 0;
      return isLooking === (text.trim() === SITE);
    });
    const details = await fc.check(isTaken, { numRuns: count, ...(seed === undefined ? {} : { seed }) });
    const report = fc.defaultReportMessage(details);
    if (report !== undefined) wrong.push(report);
    await runtime.bot.command(SITE, { person: EVE, place: PLACE });
    await surface.until(({ card }) => card.progress.length === 0 && scripts.length > 0);
  } finally {
    await stop();
    await opened.remove();
  }
  const leaked = [...told, ...scripts].filter((text) => text.includes(MARK));
  wrong.push(...leaked.map((text) => `a host was told: ${text}`));
  return { tried: count, accepted, hosts: [...hosts].sort(), scripts: scripts.length, wrong };
}
