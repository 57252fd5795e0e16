import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type AlertEndpoint, startAlertEndpoint } from "../../fakes/alert-endpoint.ts";
import {
  type Alertmanager,
  alertmanagerUnavailableBecause,
  startAlertmanager,
} from "../../fakes/alertmanager.ts";
import { startReceiver, TOKEN } from "./receiver.ts";

const LIMIT_MS = 30_000;
const SHOP = { alertname: "Shop502", instance: "https://shop.example.com/" };
const BLOG = { alertname: "Blog502", instance: "blog.example.com:443" };
const LOST = { alertname: "Lost", instance: "elsewhere.example.net" };

const reason = await alertmanagerUnavailableBecause();
const skip = reason === undefined ? false : `no stock Alertmanager: ${reason}`;

const { receiver, memory } = startReceiver({ now: Date.now });
let endpoint: AlertEndpoint | undefined;
let alertmanager: Alertmanager | undefined;

before(async () => {
  if (skip) return;
  endpoint = await startAlertEndpoint(receiver);
  alertmanager = await startAlertmanager({ webhookUrl: `${endpoint.url}/alerts/alertmanager`, token: TOKEN });
});

after(async () => {
  await alertmanager?.stop();
  await endpoint?.goDown();
});

function running() {
  assert.ok(alertmanager && endpoint);
  return { alertmanager, endpoint };
}

/** What was stored, as `status site title`. */
function stored(): readonly string[] {
  return memory.kept.map(({ alert, site = "-" }) => `${alert.status} ${site} ${alert.title}`);
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await pause(20)) if (await isSo()) return;
  assert.fail(`${what}: not within ${LIMIT_MS / 1000} s; stored: ${stored().join(", ")}`);
}

test("what a stock Alertmanager fires is stored once, however often it repeats it", { skip }, async () => {
  const { alertmanager, endpoint } = running();
  await alertmanager.fire(SHOP, { summary: "shop answers 502" });
  await until("a repeat", () => endpoint.answers.some(({ body }) => body.includes('"repeat":true')));
  assert.deepEqual(stored(), ["firing shop shop answers 502"]);
  assert.equal(memory.kept[0]?.alert.statusCode, 502);
  assert.match(memory.kept[0]?.alert.fingerprint ?? "", /^[0-9a-f]{16}$/);
});

test("an alert that cannot be stored is sent again until it can, and is stored once", { skip }, async () => {
  const { alertmanager, endpoint } = running();
  memory.break();
  await alertmanager.fire(BLOG, { summary: "blog is down" });
  const refused = () => endpoint.answers.filter(({ status }) => status === 503).length;
  await until("two refused attempts", () => refused() >= 2);
  memory.mend();
  await until("the alert of the blog", () => stored().includes("firing blog blog is down"));
  assert.deepEqual(stored(), ["firing shop shop answers 502", "firing blog blog is down"]);
});

test("an alert that fires while nobody listens arrives when somebody does, once", { skip }, async () => {
  const { alertmanager, endpoint } = running();
  await endpoint.goDown();
  const failed = () =>
    alertmanager.metric('alertmanager_notification_requests_failed_total{integration="webhook"}');
  const failedBefore = await failed();
  await alertmanager.fire(LOST, { summary: "lost" });
  await until("failed attempts", async () => (await failed()) >= failedBefore + 3);
  await endpoint.comeBack();
  await until("the alert without a site", () => stored().includes("firing - lost"));
  assert.deepEqual(stored().toSorted(), [
    "firing - lost",
    "firing blog blog is down",
    "firing shop shop answers 502",
  ]);
});

test("its end arrives under the same fingerprint", { skip }, async () => {
  const { alertmanager } = running();
  await alertmanager.resolve(SHOP);
  await until("the end", () => memory.kept.some(({ alert }) => alert.status === "resolved"));
  const [fired, resolved] = memory.kept.filter(({ site }) => site === "shop").map(({ alert }) => alert);
  assert.equal(resolved?.status, "resolved");
  assert.equal(resolved?.fingerprint, fired?.fingerprint);
});
