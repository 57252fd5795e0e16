import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { type TestContext, test } from "node:test";
import timers from "node:timers/promises";
import { getRequestListener } from "@hono/node-server";
import type { SlackEndpoint } from "../../src/chat/slack/http-receiver.ts";
import type { Bot } from "../../src/workflow/surface.ts";
import { openBench } from "../fakes/bot-bench.ts";
import { startDiscord } from "../fakes/discord/start-discord.ts";
import { startPostgres, withoutPostgres } from "../fakes/postgres.ts";
import { startSlack } from "../fakes/slack/start-slack.ts";
import { proofBook, surfaceOf } from "./discord/bench.ts";
import { makeBench } from "./slack/bench.ts";

const APPROVE = "Restart upstream only";
/** More than a line of a card can name: there must be a button all the same. */
const ON_CALL = Array.from({ length: 100 }, (_, index) => `U0ONCALL${index}`);

const soon = (ms: number, signal?: AbortSignal): Promise<void> =>
  timers.setTimeout(Math.min(ms, 100), undefined, { signal }).catch(() => undefined);

/** On an address of its own. */
async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return `http://127.0.0.1:${address.port}/`;
}

test("Discord over HTTP, from the signed command to the proven restart; a forged click stores nothing", async (context) => {
  const discord = await startDiscord();
  const made: ReturnType<typeof surfaceOf>[] = [];
  const opened = await openBench({
    site: {
      approvers: { slack: [], discord: ["100000000000000001"], console: [] },
    },
    edges: { sleep: soon },
    surfaces: (bot: Bot) => {
      const mode = { kind: "http", publicKey: discord.publicKey } as const;
      made.push(surfaceOf(discord, bot, { mode, isNewProof: proofBook() }));
      return made;
    },
  });
  const running = await opened.boot();
  context.after(async () => {
    await running.stop();
    await opened.remove();
    await discord.close();
  });
  const receive = made[0]?.receiveInteractions;
  assert.ok(receive);
  discord.sendInteractionsTo(await serve(context, getRequestListener(receive)));

  discord.addMember({ id: "100000000000000002", name: "eve" });
  const asked = discord.command("shop", { by: "100000000000000002" });
  await discord.until("the answer", () => discord.answers(asked)[0]?.text.startsWith("Looking at") === true);
  const asking = () =>
    discord.messages().find(({ buttons }) => buttons.some(({ label }) => label === APPROVE));
  await discord.until("a question", () => asking() !== undefined);
  const card = asking();
  assert.ok(card);
  assert.match(card.text, /origin-1 is stopped/);

  const question = discord.press(card.id, APPROVE);
  await discord.until("the second question", () => discord.answers(question)[0]?.buttons.length === 2);
  const yes = discord.answers(question)[0];
  assert.ok(yes);
  const data = { component_type: 2, custom_id: yes.buttons[0]?.customId };
  const forged = JSON.stringify({ ...question.payload, id: discord.world.nextId(), data });
  const wrong = { ...discord.signatureOf(forged), "x-signature-ed25519": "0".repeat(128) };
  assert.deepEqual(await discord.deliver(forged, wrong), { status: 401, text: "" });

  // had the forged one counted, this one would come too late
  const said = discord.press(yes.id, yes.buttons[0]?.label ?? "");
  await discord.until("the approval", () => discord.answers(said)[0]?.text.startsWith("Approved.") === true);
  assert.deepEqual([said.ack?.type, said.acks], [7, 1]);
  await discord.until("the end", () =>
    discord.messages().some(({ id, text }) => id === card.id && text.includes("restarted and proven")),
  );
  assert.equal(opened.world.restarts.length, 1);
});

/** Hands each request to whichever endpoint is told for it. */
function deliverTo(
  next: () => SlackEndpoint,
  { isForging = () => false }: { readonly isForging?: () => boolean } = {},
): RequestListener {
  return async (request, response) => {
    const endpoint = next();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const header = (name: string) =>
      isForging() && name === "x-slack-signature"
        ? `v0=${"0".repeat(64)}`
        : request.headers[name]?.toString();
    const received = { header, body: Buffer.concat(chunks) };
    const answer = (await endpoint.isGenuine(received)) ? await endpoint.handle(received) : { status: 401 };
    response.writeHead(answer.status, "headers" in answer ? answer.headers : {});
    response.end("body" in answer ? answer.body : undefined);
  };
}

test("Slack over HTTP, from the signed command to the proven restart; a forged click stores nothing", async (context) => {
  const slack = await startSlack();
  const made: ReturnType<typeof makeBench<Bot>>[] = [];
  const opened = await openBench({
    site: { approvers: { slack: ["U0ANA", ...ON_CALL], discord: [], console: [] } },
    edges: { sleep: soon },
    surfaces: (bot: Bot) => {
      const signingSecrets = [slack.world.signingSecret];
      made.push(makeBench(slack, { bot, mode: { mode: "http", signingSecrets, isNewProof: proofBook() } }));
      return made.map(({ surface }) => surface);
    },
  });
  const running = await opened.boot();
  context.after(async () => {
    await running.stop();
    await opened.remove();
    await slack.stop();
  });
  const endpoint = made[0]?.surface.endpoint;
  assert.ok(endpoint);
  let isForging = false;
  slack.deliveries.url = await serve(
    context,
    deliverTo(() => endpoint, { isForging: () => isForging }),
  );

  const body = "command=%2Fdiagnose502&text=shop";
  const foreign = slack.deliveries.signatureOf(body, undefined, "another secret");
  assert.equal((await slack.deliveries.post(body, foreign)).status, 401);
  await slack.slashCommand("shop", { user: "U0EVE", name: "eve" });
  const asking = () => slack.messages().find(({ buttons }) => buttons.some(({ label }) => label === APPROVE));
  await slack.until("a question", () => asking() !== undefined);
  const card = asking();
  assert.ok(card);
  assert.match(slack.told("U0EVE")[0]?.text ?? "", /incident #1\)/);
  isForging = true;
  assert.equal((await slack.press(card, APPROVE)).acked, false);
  isForging = false;
  assert.equal((await slack.press(card, APPROVE)).acked, true);
  // had the forged one counted, this one would come too late
  await slack.until("the approval", () =>
    slack.told("U0ANA").some(({ text }) => text.startsWith("Approved.")),
  );
  await slack.until("the end", () =>
    slack.messages().some(({ text }) => text.includes("restarted and proven")),
  );
  assert.equal(opened.world.restarts.length, 1);
  assert.equal(slack.sockets.count(), 0);
});

test("of two replicas on one PostgreSQL each may get the click on what the other posted", {
  skip: withoutPostgres ?? false,
}, async (context) => {
  const [slack, postgres] = await Promise.all([startSlack(), startPostgres()]);
  const made: ReturnType<typeof makeBench<Bot>>[] = [];
  const isNewProof = proofBook();
  const opened = await openBench({
    place: { kind: "postgres", url: postgres.url },
    site: { approvers: { slack: ["U0ANA"], discord: [], console: [] } },
    edges: { sleep: soon },
    surfaces: (bot: Bot) => {
      const signingSecrets = [slack.world.signingSecret];
      const one = makeBench(slack, { bot, mode: { mode: "http", signingSecrets, isNewProof } });
      made.push(one);
      return [one.surface];
    },
  });
  const replicas = [await opened.boot(), await opened.boot()];
  context.after(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await opened.remove();
    await slack.stop();
    await postgres.remove();
  });
  const endpoints = made.flatMap(({ surface }) => surface.endpoint ?? []);
  assert.equal(endpoints.length, 2);
  let requests = 0;
  const inTurn = () => endpoints[requests++ % 2] ?? assert.fail();
  slack.deliveries.url = await serve(context, deliverTo(inTurn));

  await slack.slashCommand("shop", { user: "U0EVE", name: "eve" });
  const asking = () =>
    slack.messages().filter(({ buttons }) => buttons.some(({ label }) => label === APPROVE));
  await slack.until("a question", () => asking().length > 0);
  const [card] = asking();
  assert.ok(card);
  await slack.press(card, APPROVE);
  await slack.until("the end", () =>
    slack.messages().some(({ text }) => text.includes("restarted and proven")),
  );
  assert.equal(requests, 2);
  assert.equal(opened.world.restarts.length, 1);
  assert.equal(slack.messages().filter(({ ts }) => ts === card.ts).length, 1);
});
