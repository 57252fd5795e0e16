import type { Person } from "../../src/incident/person.ts";
import type { Card, ThreadNote } from "../../src/report/card.ts";
import type { Bot, Press, Surface } from "../../src/workflow/surface.ts";

/** A bot that does what a test says: each `step` moves an incident on, as looks, people and hosts would. */
export interface FakeBot extends Bot {
  /** Sends what it shows to this surface, as a publisher does. */
  publishTo(surface: Pick<Surface, "post" | "update" | "reply">): void;
  /** looking → half-way → diagnosed, and approved → restarting → proven. */
  step(incident: number): Promise<void>;
  /** Shows anything at all. */
  show(card: Card, notes?: readonly ThreadNote[]): Promise<void>;
  readonly presses: readonly Press[];
  readonly commands: readonly { readonly text: string; readonly person: Person }[];
}

const PLACE = { surface: "console", workspace: "local", channel: "console" } as const;
const KEY = "6e1f0c55a2d94b6c8a7d3b1e9f204c77";

export function createFakeBot({ sites = ["shop", "shop-staging", "blog"] } = {}): FakeBot {
  const incidents = new Map<number, { card: Card; notes: ThreadNote[] }>();
  const messages = new Map<number, { messageId: string; threadId: string }>();
  const presses: Press[] = [];
  const commands: { text: string; person: Person }[] = [];
  let surface: Pick<Surface, "post" | "update" | "reply"> | undefined;

  async function show(card: Card, notes: readonly ThreadNote[] = []): Promise<void> {
    const incident = incidents.get(card.incident) ?? { card, notes: [] };
    incidents.set(card.incident, incident);
    incident.card = card;
    incident.notes.push(...notes);
    if (surface === undefined) return;
    const message = messages.get(card.incident) ?? (await surface.post(PLACE, card, `${card.incident}-1`));
    if (messages.has(card.incident)) await surface.update(PLACE, message, card);
    messages.set(card.incident, message);
    for (const note of notes) await surface.reply(PLACE, message, note);
  }

  const find = (number: number) => {
    const incident = incidents.get(number);
    if (incident === undefined) throw new Error(`There is no incident ${number} in the fake bot.`);
    return incident;
  };

  return {
    presses,
    commands,
    publishTo(next) {
      surface = next;
    },
    show,
    async step(number) {
      const { card } = find(number);
      const [next, note] = nextOf(card);
      await show(next, note === undefined ? [] : [note]);
    },
    async command(text, { person }) {
      commands.push({ text, person });
      if (text === "") return { text: "Which site?", sites };
      if (!sites.includes(text)) return { text: `There is no site "${text}".`, sites };
      const number = incidents.size + 1;
      await show(lookingCard(number, text, person.name));
      return { text: `Looking at ${text}: incident #${number}.` };
    },
    suggestSites: (prefix, limit) => sites.filter((site) => site.includes(prefix)).slice(0, limit),
    async press(press) {
      presses.push(press);
      const number = Number(/\d+$/.exec(press.messageId)?.[0]);
      const { card } = find(number);
      switch (press.action) {
        case "approve":
          await show(approvedCard(card, press.person.name), [
            noteOf(number, "approved", `${press.person.name} approved the restart.`),
          ]);
          return { text: "Approved. It is checked once more, then restarted." };
        case "deny":
          await show({
            ...card,
            buttons: [],
            ...actionOf(card, { status: `denied by ${press.person.name}`, tone: "bad" }),
          });
          return { text: "Denied. Nothing is restarted." };
        case "lift":
        case "look-again":
          await show(lookingCard(number, card.site, press.person.name));
          return { text: "Looking again." };
        case "evidence":
          await show(card, [
            {
              ...noteOf(number, `evidence-${presses.length}`, "The evidence, redacted."),
              file: { name: `incident-${number}.json`, text: '{"evidence": []}' },
            },
          ]);
          return { text: "The evidence is in the thread." };
      }
    },
    buttonsOn: async (_, messageId) => find(Number(/\d+$/.exec(messageId)?.[0])).card.buttons,
    openIncidents: async (limit) => [...incidents.values()].map(({ card }) => card).slice(-limit),
    incident: async (number) => incidents.get(number),
  };
}

/** What follows a card when nothing goes wrong, and what the thread says of it. */
function nextOf(card: Card): readonly [Card, ThreadNote?] {
  if (card.tone === "working" && card.progress[0]?.state === "connecting") return [halfWayCard(card)];
  if (card.tone === "working") return [diagnosedCard(card), diagnosedNote(card.incident)];
  if (card.action?.tone === "working" && card.action.checks.length === 0) return [restartingCard(card)];
  return [
    provenCard(card),
    { ...noteOf(card.incident, "proven", "The restart worked: 5 of 5 answers are good."), loud: true },
  ];
}

export function lookingCard(incident: number, site: string, openedBy: string): Card {
  return {
    incident,
    site,
    url: `https://${site}.example.com/`,
    tone: "working",
    headline: `${site}: looking …`,
    progress: [
      { host: "edge-1", state: "connecting", text: "connecting" },
      { host: "origin-1", state: "connecting", text: "connecting" },
    ],
    hops: [],
    restart: null,
    proof: [],
    since: null,
    lastChange: null,
    advice: [],
    action: null,
    buttons: [],
    footer: [`incident #${incident}, opened by ${openedBy} at 03:12:09 UTC`],
  };
}

function halfWayCard(card: Card): Card {
  return {
    ...card,
    progress: [
      { host: "edge-1", state: "done", text: "20 of 20 looks" },
      { host: "origin-1", state: "looking", text: "12 of 20 looks" },
    ],
  };
}

export function diagnosedCard(card: Card): Card {
  const { site, incident } = card;
  return {
    ...card,
    tone: "fault",
    headline: `${site}: php8.2-fpm was killed by the kernel for lack of memory. A restart would help.`,
    progress: [],
    hops: [
      { name: "edge", host: "", state: "ok" },
      { name: "nginx", host: "edge-1", state: "ok" },
      { name: "php8.2-fpm", host: "origin-1", state: "broken" },
    ],
    restart: {
      answer: "yes",
      what: "php8.2-fpm.service on origin-1",
      why: "The unit is dead and nothing starts it again; memory is free now.",
    },
    proof: [
      {
        says: "The kernel killed php-fpm8.2 (pid 4242).",
        host: "origin-1",
        when: { at: "2026-11-20T03:09:12.000Z", clock: "03:09:12 UTC", ago: "3 min ago" },
        quote:
          "Out of memory: Killed process 4242 (php-fpm8.2) total-vm:1904412kB, anon-rss:1511236kB, file-rss:0kB, shmem-rss:31244kB, UID:33 pgtables:3412kB oom_score_adj:0",
      },
      {
        says: "Nothing listens on the address the proxy asks.",
        host: "origin-1",
        quote:
          'connect() failed (111: Connection refused) while connecting to upstream, upstream: "fastcgi://192.0.2.20:9000"',
      },
    ],
    since: {
      when: { at: "2026-11-20T03:09:12.000Z", clock: "03:09:12 UTC", ago: "3 min ago" },
      percent: 40,
      shares: [0, 0, 0, 0, 0.02, 0.01, 0.3, 0.42, 0.9, 1, 0.97],
    },
    lastChange: {
      what: "php8.2-fpm upgraded from 8.2.28 to 8.2.29",
      when: { at: "2026-11-20T02:40:00.000Z", clock: "02:40:00 UTC", ago: "32 min ago" },
    },
    advice: [
      "Give the pool fewer children (pm.max_children = 40 × 38 MB is more than the host has).",
      "Watch memory after the restart.",
    ],
    action: {
      title: "Restart php8.2-fpm.service on origin-1",
      status: "waiting for approval until 03:27 UTC",
      tone: "asking",
      facts: [
        { name: "why", value: "The kernel killed it for lack of memory. Nothing starts it again." },
        { name: "runs", value: "systemctl restart php8.2-fpm.service" },
        { name: "host key", value: "SHA256:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY" },
        { name: "starts left", value: "4" },
        { name: "may approve", value: "ana" },
      ],
      checks: [],
    },
    buttons: [
      {
        action: "approve",
        value: KEY,
        label: "Restart upstream only",
        style: "danger",
        confirm: {
          title: "Restart the upstream?",
          text: "php8.2-fpm.service on origin-1 will be restarted once, after one more check.",
          yes: "Restart it",
          no: "Not now",
        },
      },
      { action: "deny", value: KEY, label: "Deny", style: "plain" },
      { action: "look-again", value: String(incident), label: "Look again", style: "plain" },
      { action: "evidence", value: String(incident), label: "Raw evidence", style: "plain" },
    ],
    footer: [...card.footer, "HTTP 502 from the proxy", "upstream-oom-killed, 97 % sure", "looked for 1.8 s"],
  };
}

function approvedCard(card: Card, name: string): Card {
  return {
    ...card,
    ...actionOf(card, { status: `approved by ${name}; checking once more`, tone: "working" }),
    buttons: card.buttons.filter(({ action }) => action === "evidence"),
  };
}

function restartingCard(card: Card): Card {
  return {
    ...card,
    ...actionOf(card, {
      status: "restarted; being proven",
      checks: [{ hop: "unit", before: "failed (oom-kill)", after: "active (running)", ok: true }],
    }),
  };
}

function provenCard(card: Card): Card {
  return {
    ...card,
    tone: "ok",
    headline: `${card.site}: restarted, and proven to work again.`,
    hops: card.hops.map((hop) => ({ ...hop, state: "ok" as const })),
    ...actionOf(card, {
      status: "restarted and proven",
      tone: "ok",
      checks: [
        { hop: "unit", before: "failed (oom-kill)", after: "active (running)", ok: true },
        { hop: "listener", before: "nothing", after: "192.0.2.20:9000", ok: true },
        { hop: "public URL", before: "502, 5 of 5", after: "200, 5 of 5", ok: true },
      ],
    }),
  };
}

function actionOf({ action }: Card, change: Partial<NonNullable<Card["action"]>>): Pick<Card, "action"> {
  return { action: action === null ? null : { ...action, ...change } };
}

function noteOf(incident: number, key: string, text: string): ThreadNote {
  return { key: `${incident}-${key}`, text, quotes: [], loud: false };
}

function diagnosedNote(incident: number): ThreadNote {
  return {
    ...noteOf(incident, "diagnosed", "Diagnosed: the kernel killed the application for lack of memory."),
    quotes: ["php8.2-fpm.service: A process of this unit has been killed by the OOM killer."],
    details: {
      proof: [{ says: "The unit failed with result oom-kill.", host: "origin-1", quote: "Result=oom-kill" }],
      others: [
        {
          title: "the upstream is not running",
          percent: 2,
          for: ["nothing listens"],
          against: ["it was killed by the kernel"],
        },
      ],
      notChecked: [
        {
          checks: ["firewall-rules"],
          host: "edge-1",
          reason: "permission",
          fix: "sudo usermod -aG adm diag",
        },
      ],
    },
  };
}
