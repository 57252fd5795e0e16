import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { diagnosedCard, lookingCard } from "../../fakes/bot.ts";
import { chromiumMissing, launchChromium, openPage } from "../chromium.ts";
import { CONSOLE_KEY, openWeb } from "../open-web.ts";
import { openBadNetwork } from "./bad-network.ts";

const PHONE = { viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true } as const;

/** Timeouts of requests by the page's clock, which the tests move. */
const TIMEOUTS_BY_CLOCK = `AbortSignal.timeout = (ms) => {
  const end = new AbortController();
  setTimeout(() => end.abort(new DOMException("", "TimeoutError")), ms);
  return end.signal;
};`;

describe("the console over a bad network", { skip: chromiumMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());

  /** A page that is connected, with one message that asks for a restart. */
  async function open(t: TestContext) {
    const opened = await openWeb(t);
    const network = await openBadNetwork(t, opened.origin);
    const { page } = await openPage(t, browser, PHONE);
    await page.clock.install();
    await page.addInitScript(TIMEOUTS_BY_CLOCK);
    await page.goto(`${network.origin}/?key=${CONSOLE_KEY}`);
    await stateIs(page, "connected");
    await opened.bot.show(diagnosedCard(lookingCard(1, "shop", "ana")));
    await page.getByRole("button", { name: "Look again" }).waitFor();
    return { ...opened, network, page };
  }

  const stateIs = (page: Page, state: string) => page.waitForSelector(`#connection[data-state="${state}"]`);
  const approve = async (page: Page) => {
    await page.getByRole("button", { name: "Restart upstream only" }).click();
    await page.getByRole("button", { name: "Restart it" }).click();
  };
  const NO_ANSWER = /^No answer came, but it may have arrived\./;

  test("a command whose answer was lost is done once, however often the browser sends it", async (t) => {
    const { page, bot, network } = await open(t);
    network.loseAnswers(1);
    await page.fill("#line", "/diagnose502 blog");
    await page.press("#line", "Enter");
    await page.getByText("Looking at blog: incident #2.").first().waitFor();
    assert.equal(network.posts(), 2);
    assert.equal(bot.commands.length, 1);
  });

  test("an approval whose answer was lost for good is not called unsent: the card shows what became of it", async (t) => {
    const { page, bot, network } = await open(t);
    network.loseAnswers(1000);
    await approve(page);
    await page.locator(".problem").getByText(NO_ANSWER).waitFor();
    await stateIs(page, "connected");
    await page.locator(".status", { hasText: "approved by ana" }).waitFor();
    assert.equal(bot.presses.length, 1);
  });

  test("a press into a dead network is said to have no answer, and the page not to be connected", async (t) => {
    const { page, network } = await open(t);
    network.die();
    await approve(page);
    await page.waitForSelector('[data-focus="approve"][aria-disabled="true"]');
    await page.clock.fastForward(1000);
    await page.locator(".private").getByText("Waiting for an answer").waitFor();
    await page.clock.fastForward(15_000);
    await page.locator(".problem").getByText(NO_ANSWER).waitFor();
    assert.equal(await page.locator(".private").count(), 1);
    await stateIs(page, "connecting");
  });

  test("a reverse proxy that gave up waiting does not know either", async (t) => {
    const { page } = await open(t);
    await page.route("**/console/press", (route) =>
      route.fulfill({ status: 504, body: "<h1>504 Gateway Time-out</h1>" }),
    );
    await approve(page);
    await page.locator(".problem").getByText(NO_ANSWER).waitFor();
  });

  test("a network that died without a word is noticed, and what happened meanwhile is shown", async (t) => {
    const { page, bot, network } = await open(t);
    network.die();
    await bot.show({ ...lookingCard(1, "shop", "ana"), headline: "shop: found meanwhile" });
    await page.clock.fastForward(60_000);
    await stateIs(page, "away");
    await page.getByText("this may be old").waitFor();
    network.comeBack();
    await page.clock.fastForward(60_000);
    await page.getByRole("heading", { name: "shop: found meanwhile" }).waitFor();
    await stateIs(page, "connected");
  });

  for (const [what, happens] of Object.entries({
    "the page is looked at again": `document.dispatchEvent(new Event("visibilitychange"))`,
    "the device has a network again": `dispatchEvent(new Event("online"))`,
    "the page comes out of the history": `dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`,
  })) {
    test(`when ${what}, it is brought up to date, and what was open stays open`, async (t) => {
      const { page, bot, network } = await open(t);
      await bot.show(lookingCard(1, "shop", "ana"), [
        { key: "1-a", text: "Diagnosed.", quotes: [], loud: false },
      ]);
      await page.getByRole("button", { name: "1 reply" }).click();
      network.die();
      await bot.show({ ...lookingCard(1, "shop", "ana"), headline: "shop: found meanwhile" });
      network.comeBack();
      assert.equal(
        await page.evaluate(`${happens}; document.getElementById("connection").dataset.state`),
        "connecting",
      );
      await page.getByRole("heading", { name: "shop: found meanwhile" }).waitFor({ state: "attached" });
      await stateIs(page, "connected");
      assert.equal(await page.locator(".message").count(), 1);
      await page.getByText("Diagnosed.").waitFor();
    });
  }
});
