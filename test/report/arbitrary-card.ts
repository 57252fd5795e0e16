import fc from "fast-check";
import type { ActionView, Button, Card, ThreadNote } from "../../src/report/card.ts";
import type { Moment, NotChecked, OtherCause, Proof } from "../../src/report/report.ts";

/** What attackers write into logs, headers, alert labels and display names, hoping that a chat obeys it. */
export const HOSTILE_TEXTS = [
  "<!channel>",
  "<!here|here>",
  "<!everyone>",
  "<!subteam^S012AB3CD|@oncall>",
  "<!date^1392734382^{date}^https://evil.example/|now>",
  "<@U012AB3CD>",
  "<@!80351110224678912>",
  "<@&165511591545143296>",
  "<#C012AB3CD|general>",
  "<#103735883630395392>",
  "<:custom:41771983429993937>",
  "</diagnose502:1>",
  "<t:1618953630:R>",
  "@everyone",
  "@here @channel @U012AB3CD",
  "<https://evil.example/|https://shop.example.com/>",
  "[https://shop.example.com/](https://evil.example/)",
  "https://evil.example/path?x=1",
  "mailto:root@evil.example",
  "<mailto:root@evil.example|ops>",
  "<https://evil.example>",
  '[ops](<https://evil.example> "runbook")',
  "\\[ops](https://evil.example) \\<@U012AB3CD> \\@everyone",
  "<tel:+15551234567>",
  "<root@evil.example>",
  "<id:customize>",
  "HTTPS://EVIL.EXAMPLE discord://-/channels/1 steam://run/1",
  "evil.example",
  "discord.gg/evil",
  "```",
  "``` ```` ` ``",
  "```\n<!channel>\n```",
  "```ansi\n\u001b[31m@everyone\n``` after",
  "\\``` \\`",
  "`code`",
  "*bold* _italic_ ~gone~ __under__ ||spoiler||",
  "# heading\n> quote\n- list\n1. one\n-# small",
  "> > >",
  "| a | b |\n|---|---|",
  ":rotating_light: :tada:",
  "&lt;!channel&gt; &amp;",
  "\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007",
  "\u001b]52;c;ZXZpbA==\u0007",
  "\u202egnp.exe\u202c \u2066hidden\u2069",
  "zero\u200bwidth\u200d\ufeff\u2060",
  "@every\u200bone <\u200b!channel>",
  "`\u200b``\ufeff",
  "\u3164\u115f\u00ad\u180e\u034f\u{e0100}",
  "\u{e0041}\u{e0042}tags",
  "\ud800 lone \udfff",
  "\u0000\u0007\b\r over",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "javascript:alert(1)",
  "👩‍👩‍👧‍👦🏳️‍🌈é́́́",
  "ﷺ".repeat(20),
  "",
  " ",
  "\n\n\n",
  "\t",
] as const;

/** Any code points, halves of surrogate pairs among them; `fc.string` would first count through all there are. */
const anyUnicode = fc
  .array(fc.nat({ max: 0x10ffff }), { maxLength: 12 })
  .map((codes) => String.fromCodePoint(...codes));

/** A line or a few of them: plain words, hostile pieces, any Unicode, sometimes long. */
export function arbitraryText(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
    { weight: 2, arbitrary: fc.lorem({ maxCount: 3 }) },
    { weight: 1, arbitrary: anyUnicode },
    { weight: 1, arbitrary: fc.constantFrom("\n", "`", "*", "_", "<", ">", "&", "@", "|", "\\") },
  );
  const long = fc
    .tuple(piece, fc.integer({ min: 100, max: 900 }))
    .map(([text, times]) => text.repeat(times).slice(0, 9000));
  return fc.oneof(
    { weight: 12, arbitrary: fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("")) },
    { weight: 1, arbitrary: long },
  );
}

const text = arbitraryText();

const moment: fc.Arbitrary<Moment> = fc.record({
  at: fc.oneof(fc.constant("2026-11-20T03:09:12.000Z"), text),
  clock: fc.oneof(fc.constant("03:09:12 UTC"), text),
  ago: fc.oneof(fc.constant("3 min ago"), text),
});

const proof: fc.Arbitrary<Proof> = fc.record(
  { says: text, host: text, when: moment, quote: text },
  { requiredKeys: ["says", "host"] },
);

const action: fc.Arbitrary<ActionView> = fc.record(
  {
    title: text,
    status: text,
    tone: fc.constantFrom("asking" as const, "working" as const, "ok" as const, "bad" as const),
    facts: fc.array(fc.record({ name: text, value: text }), { maxLength: 20 }),
    checks: fc.array(fc.record({ hop: text, before: text, after: text, ok: fc.boolean() }), { maxLength: 8 }),
    hint: text,
  },
  { requiredKeys: ["title", "status", "tone", "facts", "checks"] },
);

const button: fc.Arbitrary<Button> = fc.record(
  {
    action: fc.constantFrom(
      "approve" as const,
      "deny" as const,
      "lift" as const,
      "look-again" as const,
      "evidence" as const,
    ),
    value: fc.oneof(fc.constantFrom("42", "6e1f0c55a2d94b6c8a7d3b1e9f204c77"), text),
    label: text,
    style: fc.constantFrom("primary" as const, "danger" as const, "plain" as const),
    confirm: fc.record({ title: text, text, yes: text, no: text }),
  },
  { requiredKeys: ["action", "value", "label", "style"] },
);

const hop = fc.record({
  name: text,
  host: text,
  state: fc.constantFrom("ok" as const, "broken" as const, "unknown" as const),
});

/** Any card there can be, every string of it as hostile as we know. */
export function arbitraryCard(): fc.Arbitrary<Card> {
  return fc.record(
    {
      incident: fc.nat(),
      site: text,
      url: fc.oneof(
        fc.constantFrom(
          "https://shop.example.com/",
          "http://192.0.2.7:8080/a?b=c#d",
          "https://shop.example.com/<!channel>",
        ),
        text,
      ),
      tone: fc.constantFrom("working" as const, "fault" as const, "warning" as const, "ok" as const),
      headline: text,
      progress: fc.array(
        fc.record({
          host: text,
          state: fc.constantFrom(
            "connecting" as const,
            "looking" as const,
            "done" as const,
            "failed" as const,
          ),
          text,
        }),
        { maxLength: 20 },
      ),
      hops: fc.array(hop, { maxLength: 20 }),
      restart: fc.option(
        fc.record(
          {
            answer: fc.constantFrom(
              "yes" as const,
              "briefly" as const,
              "no" as const,
              "not-advised" as const,
              "not-needed" as const,
            ),
            what: text,
            why: text,
          },
          { requiredKeys: ["answer", "why"] },
        ),
      ),
      proof: fc.array(proof, { maxLength: 5 }),
      since: fc.option(
        fc.record(
          {
            when: moment,
            percent: fc.double({ min: 0, max: 100, noNaN: true }),
            shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 90 }),
          },
          { requiredKeys: ["shares"] },
        ),
      ),
      lastChange: fc.option(fc.record({ what: text, when: moment })),
      advice: fc.array(text, { maxLength: 8 }),
      explanation: fc.record({ text, nextLook: text, model: text }, { requiredKeys: ["text", "model"] }),
      action: fc.option(action),
      buttons: fc.array(button, { maxLength: 30 }),
      footer: fc.array(text, { maxLength: 15 }),
    },
    {
      requiredKeys: [
        "incident",
        "site",
        "url",
        "tone",
        "headline",
        "progress",
        "hops",
        "restart",
        "proof",
        "since",
        "lastChange",
        "advice",
        "action",
        "buttons",
        "footer",
      ],
    },
  );
}

const otherCause: fc.Arbitrary<OtherCause> = fc.record({
  title: text,
  percent: fc.nat({ max: 100 }),
  for: fc.array(text, { maxLength: 4 }),
  against: fc.array(text, { maxLength: 4 }),
});

const notChecked: fc.Arbitrary<NotChecked> = fc.record(
  { checks: fc.array(text, { maxLength: 6 }), host: text, reason: text, fix: text },
  { requiredKeys: ["checks", "host", "reason"] },
);

/** Any note of a thread, as hostile. */
export function arbitraryNote(): fc.Arbitrary<ThreadNote> {
  return fc.record(
    {
      key: fc.constantFrom("42-1", "42-evidence"),
      text,
      quotes: fc.array(text, { maxLength: 12 }),
      details: fc.record({
        proof: fc.array(proof, { maxLength: 12 }),
        others: fc.array(otherCause, { maxLength: 8 }),
        notChecked: fc.array(notChecked, { maxLength: 12 }),
      }),
      file: fc.record({ name: text, text }),
      loud: fc.boolean(),
    },
    { requiredKeys: ["key", "text", "quotes", "loud"] },
  );
}
