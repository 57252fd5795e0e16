import assert from "node:assert/strict";
import { after, before, describe, type TestContext, test } from "node:test";
import fc from "fast-check";
import type { Browser, Page } from "playwright-core";
import type { Card, ThreadNote } from "../../../src/report/card.ts";
import { createFakeBot, diagnosedCard, lookingCard } from "../../fakes/bot.ts";
import { chromiumMissing, launchChromium, openPage } from "../chromium.ts";
import { openWeb } from "../open-web.ts";

const HOSTILE = [
  "<script>globalThis.broken = true</script>",
  "<img src=x onerror='globalThis.broken = true'>",
  "<svg onload=globalThis.broken=true><a href='javascript:globalThis.broken=true'>x</a></svg>",
  '"><iframe srcdoc="<script>parent.broken=true</script>"></iframe>',
  "javascript:globalThis.broken=true",
  "</pre></li></ol><style>*{display:none!important}</style><base href=//evil.example>",
  "{{constructor.constructor('globalThis.broken=true')()}} `globalThis.broken=true`",
  "\u202edetratser si pohs\u202c \u2066isolated\u2069 \u200bzero\u200dwidth \u{e0041}tag",
  "\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007 \u009b2J \b\b\b\r overwritten",
  "w".repeat(5000),
  "ﷺ".repeat(300),
  "Z̸̡̢͎̥̬̖͖̦͉̝̫͙͕̿̈́̓̔͐̇͘͜͝ͅ".repeat(40),
  "עברית مرحبا mixed 123",
  "<!channel> @everyone [masked](https://evil.example) ```",
  "line\nafter line\n".repeat(200),
  "__proto__",
  "",
];

const INVISIBLE =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

describe("text of strangers on the console", { skip: chromiumMissing() }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser?.close());

  async function open(t: TestContext, width: number) {
    const bot = createFakeBot({ sites: ["shop", ...HOSTILE] });
    const { web } = await openWeb(t, { bot });
    const { page, problems } = await openPage(t, browser, { viewport: { width, height: 800 } });
    const foreign: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(`${web.origin()}/`)) foreign.push(request.url());
    });
    page.on("dialog", (dialog) => problems.push(dialog.message()));
    await page.goto(web.consoleUrl() ?? "");
    await page.waitForSelector("#welcome-sites button");
    return { bot, page, problems, foreign };
  }

  /** The page still is what it was: nothing ran, nothing was added but text, nothing was asked for elsewhere. */
  async function isIntact(page: Page, { problems, foreign }: { problems: string[]; foreign: string[] }) {
    assert.deepEqual(await page.evaluate(STATE), {
      broken: false,
      added: [],
      handlers: [],
      links: [],
      tooWide: [],
      scrollsSideways: [],
      hidden: [],
    });
    assert.doesNotMatch(String(await page.evaluate("document.body.innerText")), INVISIBLE);
    assert.deepEqual(problems, []);
    assert.deepEqual(foreign, []);
  }

  for (const width of [1280, 390]) {
    test(`every kind of it in every place runs nothing and breaks nothing, ${width} pixels wide`, async (t) => {
      const { bot, page, ...seen } = await open(t, width);
      await isIntact(page, seen);
      for (const [n, text] of HOSTILE.entries()) {
        await bot.show(allTextIs(diagnosedCard(lookingCard(n + 1, "shop", "ana")), text), [noteOf(n, text)]);
      }
      await page.waitForSelector(`#incident-${HOSTILE.length} [data-focus=thread]`);
      await isIntact(page, seen);
      for (const [n] of HOSTILE.entries()) {
        await page.locator(`#incident-${n + 1} [data-focus=thread]`).click();
        await page.waitForSelector("#notes .note");
        await isIntact(page, seen);
        await page.locator("#thread-close").click();
      }
    });
  }

  test("a second question made of it is only text", async (t) => {
    const { bot, page, ...seen } = await open(t, 390);
    await bot.show(allTextIs(diagnosedCard(lookingCard(1, "shop", "ana")), HOSTILE.join(" ")));
    await page.locator("[data-focus=approve]").first().click();
    await page.waitForSelector("dialog[open]");
    await isIntact(page, seen);
    await page.locator("#ask-yes").click();
    await page.waitForSelector(".private");
    await isIntact(page, seen);
  });

  test("any mixture of it does no harm", async (t) => {
    const { bot, page, ...seen } = await open(t, 390);
    const piece = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 100 }));
    const texts = fc
      .sample(fc.array(piece, { minLength: 1, maxLength: 4 }), 25)
      .map((pieces) => pieces.join(""));
    for (const [n, text] of texts.entries()) {
      await bot.show(allTextIs(diagnosedCard(lookingCard(1, "shop", "ana")), text), [noteOf(n, text)]);
      await page.getByRole("button", { name: `${n + 1} repl` }).waitFor();
      await isIntact(page, seen);
    }
  });

  test("a link leads to an address of the web, or nowhere", async (t) => {
    const { bot, page } = await open(t, 1280);
    for (const url of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      " javascript:alert(1)",
      "//evil",
    ]) {
      await bot.show({ ...lookingCard(1, "shop", "ana"), url, headline: url });
      await page.getByRole("heading", { name: url.trim() }).waitFor();
      assert.equal(await page.locator(".message a").count(), 0, url);
    }
    await bot.show(lookingCard(1, "shop", "ana"));
    assert.equal(await page.locator(".message a").getAttribute("href"), "https://shop.example.com/");
    assert.equal(await page.locator(".message a").getAttribute("rel"), "noopener noreferrer");
  });
});

/** Words of ours that decide how it is drawn, and ids. */
const OWN = new Set(["tone", "state", "answer", "action", "style", "value"]);

/** The same card, every text that may be foreign replaced. */
function allTextIs(card: Card, text: string): Card {
  const replaced = JSON.parse(JSON.stringify(card), (key, value: unknown) =>
    typeof value === "string" && !OWN.has(key) ? text : value,
  ) as Card;
  const progress = [{ host: text, state: "looking" as const, text }];
  const checks = [{ hop: text, before: text, after: text, ok: false }];
  const action =
    replaced.action === null ? null : { ...replaced.action, tone: "asking" as const, checks, hint: text };
  const buttons = replaced.buttons.map((button, n) => ({ ...button, value: card.buttons[n]?.value ?? "" }));
  return { ...replaced, progress, action, buttons, explanation: { text, nextLook: text, model: text } };
}

function noteOf(n: number, text: string): ThreadNote {
  return {
    key: `${n}`,
    text,
    quotes: [text, text],
    details: {
      proof: [{ says: text, host: text, quote: text }],
      others: [{ title: text, percent: 1, for: [text], against: [text] }],
      notChecked: [{ checks: [text], host: text, reason: text, fix: text }],
    },
    file: { name: text, text },
    loud: true,
  };
}

/** Looked at in the browser. */
const STATE = `({
  broken: "broken" in globalThis,
  added: [...document.querySelectorAll("script:not([src]), style, iframe, object, embed, base, form:not(#composer), img:not(.bar img)")].map((e) => e.outerHTML),
  handlers: [...document.querySelectorAll("*")].flatMap((e) => [...e.attributes]).filter(({ name }) => name.startsWith("on")).map(({ name }) => name),
  links: [...document.links].map((a) => new URL(a.href)).filter((url) => url.origin !== location.origin && url.origin !== "https://shop.example.com").map(String),
  tooWide: [...document.querySelectorAll("body *")]
    .filter((e) => !e.closest(".visually-hidden, .skip, .hop") && e.getClientRects().length > 0)
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1)
    .map((e) => e.tagName + "." + e.getAttribute("class")),
  scrollsSideways: ["scroller", "notes"].filter((id) => document.getElementById(id).scrollWidth > document.getElementById(id).clientWidth),
  hidden: ["line", "scroller", "connection"].filter((id) => document.getElementById(id).getBoundingClientRect().height < 10),
})`;
