import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type TestContext, test } from "node:test";
import { type FakeSlack, startSlack } from "../../fakes/slack/start-slack.ts";
import { type Bench, DIAGNOSED, makeBench, type RecordingBot, recordingBot } from "./bench.ts";

/** The app behind a web server of its own, as the product's mounts it: the proof first, then the answer. */
async function startHttp(context: TestContext, bot: RecordingBot = recordingBot()): Promise<Bench> {
  const slack = await startSlack();
  const seen = new Set<string>();
  const isNewProof = async (proof: string) => seen.size < seen.add(proof).size;
  const signingSecrets = [slack.world.signingSecret];
  const bench = makeBench(slack, { bot, mode: { mode: "http", signingSecrets, isNewProof } });
  const { endpoint } = bench.surface;
  assert.ok(endpoint);
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const header = (name: string) => request.headers[name]?.toString();
    const received = { header, body: Buffer.concat(chunks) };
    const answer = (await endpoint.isGenuine(received)) ? await endpoint.handle(received) : { status: 401 };
    response.writeHead(answer.status, "headers" in answer ? answer.headers : {});
    response.end("body" in answer ? answer.body : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  slack.deliveries.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : address}/slack/events`;
  context.after(async () => {
    await bench.surface.stop();
    await slack.stop();
    server.closeAllConnections();
    server.close();
  });
  await bench.surface.start();
  return bench;
}

test("commands, clicks, suggestions, dialogs and events arrive over signed requests, without a socket", async (context) => {
  const { slack, surface, bot, place } = await startHttp(context);
  assert.equal((await slack.slashCommand("shop")).acked, true);
  await slack.until("the answer", () => slack.told().length > 0);
  assert.equal(slack.told()[0]?.text, "Looking at shop (incident #42).");
  await surface.post(place, DIAGNOSED, "42-1");
  const [card] = slack.messages();
  assert.ok(card);
  assert.equal((await slack.press(card, "Deny")).acked, true);
  await slack.until("the press", () => bot.presses.length === 1);
  await slack.slashCommand("");
  await slack.until("the dialog", () => slack.modals().length > 0);
  const [modal] = slack.modals();
  assert.ok(modal);
  assert.deepEqual(await slack.suggest(modal, "stag"), ["shop-staging"]);
  assert.equal((await slack.submit(modal, "blog")).acked, true);
  await slack.until("the command", () => bot.commands.some(({ text }) => text === "blog"));
  assert.equal((await slack.openHome()).acked, true);
  await slack.until("the tab", () => slack.home() !== undefined);
  assert.deepEqual([slack.sockets.count(), surface.secondsWithoutSocket()], [0, 0]);
});

test("Slack's question whether the address is ours is answered", async (context) => {
  const { slack } = await startHttp(context);
  const body = JSON.stringify({ type: "url_verification", token: "x", challenge: "3eZbrw1aB" });
  assert.deepEqual(await slack.deliveries.post(body), { status: 200, text: '{"challenge":"3eZbrw1aB"}' });
  assert.equal((await slack.deliveries.post("ssl_check=1&token=x")).status, 200);
});

const commandOf = ({ world }: FakeSlack) =>
  new URLSearchParams({
    team_id: world.teamId,
    channel_id: "C0INCIDENTS",
    user_id: "U0ANA",
    command: "/diagnose502",
    text: "shop",
    trigger_id: "t",
    response_url: `${world.baseUrl}/response/none`,
  }).toString();

test("the same request a second time is refused, and so is one that nobody signed", async (context) => {
  const { slack, bot } = await startHttp(context);
  const body = commandOf(slack);
  const signature = slack.deliveries.signatureOf(body);
  assert.equal((await slack.deliveries.post(body, signature)).status, 200);
  await slack.until("the answer is tried", () => slack.told().length > 0);
  assert.equal((await slack.deliveries.post(body, signature)).status, 401);
  const unsigned = { "x-slack-signature": "", "x-slack-request-timestamp": "" };
  assert.equal((await slack.deliveries.post(body, unsigned)).status, 401);
  const foreign = slack.deliveries.signatureOf(body, undefined, "another secret");
  assert.equal((await slack.deliveries.post(body, foreign)).status, 401);
  const old = slack.deliveries.signatureOf(body, String(Math.floor(slack.world.now() / 1000) - 301));
  assert.equal((await slack.deliveries.post(body, old)).status, 401);
  assert.equal(
    (await slack.deliveries.post(`${body}&text=blog`, slack.deliveries.signatureOf(body))).status,
    401,
  );
  assert.equal(bot.commands.length, 1);
});

const NONSENSE = [
  "",
  "{",
  "[]",
  "payload=",
  "payload=%7B",
  "payload=null",
  "payload=%5B%5D",
  "a=b",
  "{}",
  "\u0000",
];

test("signed nonsense is refused and breaks nothing", async (context) => {
  const { slack, bot } = await startHttp(context);
  for (const body of NONSENSE) {
    const { status } = await slack.deliveries.post(body);
    assert.ok(status === 400 || status === 404, `${JSON.stringify(body)}: ${status}`);
  }
  assert.equal((await slack.slashCommand("shop")).acked, true);
  await slack.until("the answer", () => slack.told().length > 0);
  assert.equal(bot.commands.length, 1);
});

test("what was not proven is not answered, whoever calls", async (context) => {
  const { slack, surface, bot } = await startHttp(context);
  const body = Buffer.from(commandOf(slack));
  const headers = { ...slack.deliveries.signatureOf(commandOf(slack)), "content-type": "text/plain" };
  const request = { body, header: (name: string) => new Headers(headers).get(name) ?? undefined };
  assert.deepEqual(await surface.endpoint?.handle(request), { status: 401 });
  assert.equal(await surface.endpoint?.isGenuine(request), true);
  assert.deepEqual(await surface.endpoint?.handle(request), { status: 200 });
  assert.deepEqual(await surface.endpoint?.handle(request), { status: 401 });
  await slack.until("the answer", () => slack.told().length > 0);
  assert.equal(bot.commands.length, 1);
});
