import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { createConsoleSurface } from "../../../src/web/console/create-console-surface.ts";
import { createFakeBot, type FakeBot, lookingCard } from "../../fakes/bot.ts";
import { chromiumMissing, launchChromium, openPage } from "../chromium.ts";
import { CONSOLE_KEY, openWeb } from "../open-web.ts";

describe("the console in a browser", { skip: chromiumMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());

  /** A page that is signed in and connected. */
  async function open(
    t: TestContext,
    { bot = createFakeBot(), ...options }: Parameters<typeof openPage>[2] & { readonly bot?: FakeBot } = {},
  ) {
    const opened = await openWeb(t, { bot });
    const shown = await openPage(t, browser, options);
    await shown.page.goto(opened.web.consoleUrl() ?? "");
    await connected(shown.page);
    return { ...opened, ...shown };
  }

  const connected = (page: Page) => page.waitForSelector('#connection[data-state="connected"]');
  const say = async (page: Page, line: string) => {
    await page.fill("#line", line);
    await page.press("#line", "Escape");
    await page.press("#line", "Enter");
  };

  test("a command, live progress, the verdict, a yes to a second question, and proof", async (t) => {
    const { page, bot, problems } = await open(t);
    await say(page, "/diagnose502 shop");
    await page.waitForSelector(".host-connecting");
    await bot.step(1);
    await page.getByText("12 of 20 looks").waitFor();
    await bot.step(1);
    await page.getByRole("heading", { name: /killed by the kernel .* A restart would help/ }).waitFor();
    await page.getByRole("img", { name: /php8.2-fpm on origin-1 broken/ }).waitFor();
    await page.getByText("Out of memory: Killed process 4242").waitFor();

    await page.getByRole("button", { name: "Restart upstream only" }).click();
    await page.getByRole("dialog").getByText("will be restarted once").waitFor();
    await page.getByRole("button", { name: "Restart it" }).click();
    await page.locator(".status", { hasText: "approved by ana; checking once more" }).waitFor();
    await bot.step(1);
    await bot.step(1);
    await page.getByRole("heading", { name: /restarted, and proven to work again/ }).waitFor();
    await page.getByRole("row", { name: /public URL 502, 5 of 5 ✓ 200, 5 of 5/ }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Restart upstream only" }).count(), 0);
    assert.deepEqual(
      bot.presses.map(({ action, messageId }) => [action, messageId]),
      [["approve", "incident-1"]],
    );
    assert.deepEqual(problems, []);
  });

  test("how long ago something was goes on while the page is open", async (t) => {
    const { page, bot } = await open(t);
    const shown = page.locator(".proof time, .field time").first();
    await page.clock.install();
    await page.reload();
    await connected(page);
    await bot.show(lookingCard(1, "shop", "ana"));
    await bot.step(1);
    await bot.step(1);
    const at = Date.parse((await shown.getAttribute("datetime")) ?? "");
    await page.clock.setSystemTime(at + 5 * 60_000);
    await page.clock.fastForward(30_000);
    assert.match((await shown.textContent()) ?? "", /UTC, [56] min ago$/);
    await page.clock.setSystemTime(at + 3 * 3_600_000);
    await page.clock.fastForward(30_000);
    assert.match((await shown.textContent()) ?? "", /UTC, 3 h ago$/);
  });

  for (const way of ["Escape", "Not now"]) {
    test(`${way} at the second question means no`, async (t) => {
      const { page, bot } = await open(t);
      await bot.show(lookingCard(1, "shop", "ana"));
      await bot.step(1);
      await bot.step(1);
      await page.getByRole("button", { name: "Restart upstream only" }).click();
      // a hasty Enter is no yes either
      assert.equal(await page.evaluate("document.activeElement.id"), "ask-no");
      if (way === "Escape") await page.keyboard.press("Escape");
      else await page.getByRole("button", { name: way }).click();
      await page.waitForSelector("dialog", { state: "hidden" });
      await page.getByRole("button", { name: "Look again" }).click();
      await page.getByText("Looking again.").first().waitFor();
      assert.deepEqual(
        bot.presses.map(({ action }) => action),
        ["look-again"],
      );
    });
  }

  test("a second question that somebody else answered says so, and has no yes any more", async (t) => {
    const { page, bot, web } = await open(t);
    const { page: other } = await openPage(t, browser);
    await other.goto(web.consoleUrl() ?? "");
    await bot.show(lookingCard(1, "shop", "ana"));
    await bot.step(1);
    await bot.step(1);
    await page.getByRole("button", { name: "Restart upstream only" }).click();
    await page.getByRole("dialog").getByText("will be restarted once").waitFor();
    await other.getByRole("button", { name: "Deny" }).click();
    await page.getByRole("dialog").getByText("No longer asked: denied by ana").waitFor();
    assert.equal(await page.getByRole("button", { name: "Restart it" }).count(), 0);
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
    await page.waitForSelector("dialog", { state: "hidden" });
    // the next question has its yes again
    await bot.show(lookingCard(2, "blog", "ana"));
    await bot.step(2);
    await bot.step(2);
    await page.getByRole("button", { name: "Restart upstream only" }).click();
    await page.getByRole("button", { name: "Restart it" }).click();
    await page.locator(".status", { hasText: "approved by ana; checking once more" }).waitFor();
    assert.deepEqual(
      bot.presses.map(({ action, messageId }) => [action, messageId]),
      [
        ["deny", "incident-1"],
        ["approve", "incident-2"],
      ],
    );
  });

  test("the key is gone from the address and its history, and the page stays after a reload", async (t) => {
    const { page, bot, origin } = await open(t);
    await bot.show(lookingCard(1, "shop", "ana"));
    assert.equal(page.url(), `${origin}/`);
    await page.reload();
    await page.getByRole("heading", { name: "shop: looking" }).waitFor();
    await page.goBack();
    assert.doesNotMatch(page.url(), /key=/);
  });

  test("names of sites are offered, and can be taken without a mouse", async (t) => {
    const { page, bot } = await open(t);
    await page.locator("#line").pressSequentially("/dia");
    await page.getByRole("option").waitFor();
    await page.keyboard.press("Tab");
    assert.equal(await page.inputValue("#line"), "/diagnose502 ");
    await page.keyboard.type("sh");
    await page.getByRole("option", { name: "/diagnose502 shop-staging" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.equal(await page.getAttribute("#line", "aria-activedescendant"), "suggestion-1");
    await page.keyboard.press("Enter");
    assert.equal(await page.inputValue("#line"), "/diagnose502 shop-staging");
    assert.equal(bot.commands.length, 0);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "shop-staging: looking" }).waitFor();
  });

  test("a name that was chosen stays so when a list comes late, and typing on chooses none", async (t) => {
    const { page } = await open(t);
    const chosen = () => page.locator('[role="option"][aria-selected="true"]').allTextContents();
    await page.locator("#line").pressSequentially("/diagnose502 ");
    await page.getByRole("option", { name: "/diagnose502 shop-staging" }).waitFor();
    const late = Promise.withResolvers<void>();
    await page.route("**/console/sites?prefix=shop-", async (route) => {
      await late.promise;
      await route.continue();
    });
    await page.keyboard.type("shop-");
    while (!(await chosen()).includes("/diagnose502 shop-staging")) await page.keyboard.press("ArrowDown");
    const answered = page.waitForResponse("**/console/sites?prefix=shop-");
    late.resolve();
    await answered;
    await page.locator("#suggestions > :nth-child(2)").waitFor({ state: "detached" });
    assert.deepEqual(await chosen(), ["/diagnose502 shop-staging"]);
    assert.equal(await page.getAttribute("#line", "aria-activedescendant"), "suggestion-0");
    await page.keyboard.type("s");
    assert.equal(await page.getAttribute("#line", "aria-activedescendant"), null);
    assert.deepEqual(await chosen(), []);
  });

  test("a finger that scrolls the names chooses none of them, and one that taps chooses that one", async (t) => {
    const sites = Array.from({ length: 20 }, (_, n) => `shop-${n}`);
    const { page } = await open(t, {
      bot: createFakeBot({ sites }),
      viewport: { width: 390, height: 800 },
      hasTouch: true,
      isMobile: true,
    });
    await page.locator("#line").tap();
    await page.locator("#line").pressSequentially("shop");
    await page.getByRole("option").nth(19).waitFor();
    const scrolled = () => page.evaluate("document.getElementById('suggestions').scrollTop");
    await dragUp(page, page.locator("#suggestions"));
    // the browser scrolls by itself, and says so a frame later
    while (Number(await scrolled()) <= 100) await delay(20);
    assert.equal(await page.inputValue("#line"), "shop");
    await page.getByRole("option", { name: "/diagnose502 shop-12" }).tap();
    assert.equal(await page.inputValue("#line"), "/diagnose502 shop-12");
    assert.equal(await page.getByRole("option").count(), 0);
    assert.equal(await page.evaluate("document.activeElement.id"), "line");
  });

  test("a mouse chooses a name, and the list goes with the line's focus", async (t) => {
    const { page } = await open(t);
    await page.locator("#line").pressSequentially("sh");
    await page.getByRole("option", { name: "/diagnose502 shop-staging" }).click();
    assert.equal(await page.inputValue("#line"), "/diagnose502 shop-staging");
    assert.equal(await page.evaluate("document.activeElement.id"), "line");
    await page.fill("#line", "sh");
    await page.getByRole("option").first().waitFor();
    await page.locator("#who").click();
    await page.waitForSelector("#suggestions", { state: "hidden" });
  });

  test("only the person who typed it sees what was wrong, with the sites there are", async (t) => {
    const { page, web } = await open(t);
    const { page: other } = await openPage(t, browser);
    await other.goto(web.consoleUrl() ?? "");
    await connected(other);
    await say(page, "/diagnose502 shpo");
    const answer = page.locator(".private");
    await answer.getByText("Only you see this").waitFor();
    await answer.getByText('There is no site "shpo".').waitFor();
    await answer.getByRole("button", { name: "blog" }).click();
    await other.getByRole("heading", { name: "blog: looking" }).waitFor();
    assert.equal(await other.locator(".private").count(), 0);
    await answer.first().getByRole("button", { name: "Dismiss" }).click();
  });

  test("the thread opens beside the channel, grows live, and gives the focus back", async (t) => {
    const { page, bot } = await open(t);
    await bot.show(lookingCard(1, "shop", "ana"));
    await bot.step(1);
    await bot.step(1);
    await page.getByRole("button", { name: "1 reply" }).press("Enter");
    await page.getByText("Considered too").waitFor();
    await page.getByRole("button", { name: "Raw evidence" }).click();
    await page.getByRole("link", { name: "incident-1.json" }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "incident-1.json" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), "incident-1.json");
    await page.locator("#thread-title").focus();
    await page.keyboard.press("Escape");
    await page.waitForSelector("#thread", { state: "hidden" });
    assert.equal(await page.evaluate("document.activeElement.textContent"), "2 replies");
  });

  test("what has the focus keeps it while the message changes; what is gone hands it to the answer", async (t) => {
    const { page, bot } = await open(t);
    await bot.show(lookingCard(1, "shop", "ana"));
    await bot.step(1);
    await bot.step(1);
    await page.getByRole("button", { name: "Deny" }).focus();
    await bot.show({ ...(await cardOf(bot, 1)), headline: "shop: changed" });
    await page.getByRole("heading", { name: "shop: changed" }).waitFor();
    assert.equal(await page.evaluate("document.activeElement.textContent"), "Deny");
    await bot.show({ ...(await cardOf(bot, 1)), headline: "shop: gone", buttons: [] });
    await page.getByRole("heading", { name: "shop: gone" }).waitFor();
    assert.equal(await page.evaluate("document.activeElement.className"), "headline");
  });

  test("people who hear the page are told the answer", async (t) => {
    const { page, bot } = await open(t);
    await bot.show(lookingCard(1, "shop", "ana"));
    await bot.step(1);
    await bot.step(1);
    await page.locator("#announcer", { hasText: "killed by the kernel" }).waitFor({ state: "attached" });
    assert.equal(await page.getAttribute("#announcer", "aria-live"), "polite");
    for (const button of await page.getByRole("button").all()) {
      assert.notEqual(((await button.textContent()) ?? "").trim(), "");
    }
  });

  test("a restart of the bot is said and survived", async (t) => {
    const { page, bot, web, origin } = await open(t);
    await bot.show(lookingCard(1, "shop", "ana"));
    await page.getByRole("heading", { name: "shop: looking" }).waitFor();
    await web.stop();
    await page.locator('#connection[data-state="away"]').waitFor();
    await say(page, "shop");
    await page.getByText("No answer came, but it may have arrived.").first().waitFor();

    await bot.show({ ...lookingCard(1, "shop", "ana"), headline: "shop: found meanwhile" });
    await openWeb(t, { bot, listen: { address: "127.0.0.1", port: Number(new URL(origin).port) } });
    await page.getByRole("heading", { name: "shop: found meanwhile" }).waitFor();
    await connected(page);
    assert.equal(await page.locator(".message").count(), 1);
  });

  test("a restart with another key signs the page out, and says how to come back", async (t) => {
    const { page, bot, web, origin } = await open(t);
    await web.stop();
    await openWeb(t, {
      console: { bot, surface: createConsoleSurface({ userName: "ana" }), key: `${CONSOLE_KEY}-new` },
      listen: { address: "127.0.0.1", port: Number(new URL(origin).port) },
    });
    await page.getByText("Signed out: open the address the bot printed").waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Signed out" }).waitFor();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 390, 320]) {
      test(`in ${colorScheme} colours and ${width} pixels wide everything fits and can be read`, async (t) => {
        const { page, bot } = await open(t, { colorScheme, viewport: { width, height: 800 } });
        await bot.show(lookingCard(1, "shop", "ana"));
        await bot.step(1);
        await bot.step(1);
        await page.getByRole("button", { name: "1 reply" }).waitFor();
        assert.deepEqual(await page.evaluate(TOO_WIDE), []);
        assert.deepEqual(await page.evaluate(TOO_PALE), []);
        // the channel scrolls; the page beneath it does not, whatever is brought into view
        assert.equal(await page.evaluate("document.documentElement.scrollHeight"), 800);
        await page.getByRole("button", { name: "1 reply" }).click();
        await page.getByText("Considered too").waitFor();
        assert.deepEqual(await page.evaluate(TOO_WIDE), []);
        assert.deepEqual(await page.evaluate(TOO_PALE), []);
      });
    }
  }

  test("nothing moves for people who asked for less motion", async (t) => {
    const { page, bot } = await open(t, { reducedMotion: "reduce" });
    await bot.show(lookingCard(1, "shop", "ana"));
    await page.waitForSelector(".host-connecting");
    const animation =
      "getComputedStyle(document.querySelector('.host-connecting'), '::before').animationName";
    assert.equal(await page.evaluate(animation), "none");
  });

  test("before anything happened the page says what to do, and a name is enough of a click", async (t) => {
    const { page, bot } = await open(t, { viewport: { width: 390, height: 800 } });
    await page.getByRole("heading", { name: "Which site answers 502?" }).waitFor();
    await page.getByRole("button", { name: "shop", exact: true }).click();
    await page.getByRole("heading", { name: "shop: looking" }).waitFor();
    assert.deepEqual(
      bot.commands.map(({ text }) => text),
      ["shop"],
    );
  });
});

/** A finger that goes up from the lower end, and then leaves the screen. */
async function dragUp(page: Page, place: Locator) {
  const box = await place.boundingBox();
  assert.ok(box);
  const screen = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove", up: number) =>
    screen.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: [{ x: box.x + box.width / 2, y: box.y + box.height - 40 - up }],
    });
  await touch("touchStart", 0);
  for (let up = 20; up <= 200; up += 20) await touch("touchMove", up);
  await screen.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
}

async function cardOf(bot: FakeBot, number: number) {
  const found = await bot.incident(number);
  assert.ok(found);
  return found.card;
}

/** Elements that stick out of the window, in the browser. */
const TOO_WIDE = `[...document.querySelectorAll("body *")]
  .filter((e) => !e.closest(".visually-hidden, .skip") && e.getClientRects().length > 0)
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
  .map((e) => e.tagName + "." + e.getAttribute("class"))`;

/** Texts with less contrast than 4.5 to 1 against what is behind them. Source: WCAG 2.2, 1.4.3. */
const TOO_PALE = `(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const part = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("body *")]
    .filter((e) => !e.closest(".visually-hidden, .skip, svg, dialog:not([open])") && e.getClientRects().length > 0)
    .filter((e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""))
    .map((e) => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
      return { what: e.tagName + "." + e.className, contrast: (a + 0.05) / (b + 0.05) };
    })
    .filter(({ contrast }) => contrast < 4.5);
})()`;
