import { z } from "zod";
import { OperatorError } from "../../operator-error.ts";
import { failureText } from "../../workflow/failure-text.ts";
import type { Bot, Reply } from "../../workflow/surface.ts";
import { parseJsonBody } from "../read-body.ts";
import { jsonAnswer, textAnswer, type WebAnswer, type WebRequest } from "../web-message.ts";
import { createAnswerOnce } from "./answer-once.ts";
import { CONSOLE_PLACE, type ConsoleSurface } from "./create-console-surface.ts";
import { createEventStream } from "./event-stream.ts";
import type { Page } from "./load-page.ts";
import { parseLine } from "./parse-line.ts";

const MAX_SUGGESTIONS = 20;
const A_YEAR_S = 31_536_000;

const Line = z.strictObject({ text: z.string().max(500) });
const Pressed = z.strictObject({
  action: z.enum(["approve", "deny", "lift", "look-again", "evidence"]),
  value: z.string().max(64),
  messageId: z.string().max(64),
});

/** What the page asks for. All of it stands behind the console's guard. */
export interface ConsoleHandlers {
  page(): Promise<WebAnswer>;
  asset(request: WebRequest): Promise<WebAnswer>;
  events(request: WebRequest): Promise<WebAnswer>;
  sites(request: WebRequest): Promise<WebAnswer>;
  file(request: WebRequest): Promise<WebAnswer>;
  command(request: WebRequest): Promise<WebAnswer>;
  press(request: WebRequest): Promise<WebAnswer>;
}

export function createConsoleHandlers(deps: {
  readonly bot: Bot;
  readonly surface: ConsoleSurface;
  readonly page: Page;
}): ConsoleHandlers {
  const { bot, page } = deps;
  const { person, view } = deps.surface;
  const from = { person, place: CONSOLE_PLACE };
  const once = createAnswerOnce({ now: () => performance.now() });

  return {
    async page() {
      return { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: page.html };
    },
    async asset({ params }) {
      const file = params.build === page.build ? page.files.get(params.file ?? "") : undefined;
      if (file === undefined) return notFound();
      const headers = {
        "content-type": file.contentType,
        "cache-control": `private, max-age=${A_YEAR_S}, immutable`,
      };
      return { status: 200, headers, body: file.bytes };
    },
    async events(request) {
      // a browser that comes back by itself names the later one, in the header
      const lastEventId =
        request.headers.get("last-event-id") ?? request.url.searchParams.get("after") ?? undefined;
      if (!lastEventId?.startsWith(view.epoch)) await view.restore(bot);
      return {
        status: 200,
        headers: { "content-type": "text/event-stream", "x-accel-buffering": "no" },
        body: createEventStream(view, { lastEventId, hello: { person: person.name } }),
      };
    },
    async sites({ url }) {
      return jsonAnswer(
        200,
        bot.suggestSites((url.searchParams.get("prefix") ?? "").slice(0, 100), MAX_SUGGESTIONS),
      );
    },
    async file({ params }) {
      const number = Number(params.incident);
      const found = Number.isSafeInteger(number) ? await bot.incident(number) : undefined;
      const file = found?.notes.find(({ key }) => key === params.note)?.file;
      if (file === undefined) return notFound();
      return textAnswer(200, file.text, {
        "content-disposition": `attachment; filename="${safeName(file.name)}"`,
      });
    },
    command: (request) =>
      once(request, async () => {
        const line = Line.safeParse(parseJsonBody(request.body));
        if (!line.success) return textAnswer(400, "Expected a text of at most 500 characters.");
        const parsed = parseLine(line.data.text);
        if (parsed.kind !== "command") return answerOf({ text: parsed.hint });
        return answerOf(await replyOf(() => bot.command(parsed.text, from)));
      }),
    press: (request) =>
      once(request, async () => {
        const pressed = Pressed.safeParse(parseJsonBody(request.body));
        if (!pressed.success) return textAnswer(400, "Expected an action, its value and a message.");
        return answerOf(await replyOf(() => bot.press({ ...pressed.data, ...from })));
      }),
  };
}

/** What an operator can see to is said where it was met; the rest is for the log. */
async function replyOf(ask: () => Promise<Reply>): Promise<Reply> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { text: failureText(error) };
  }
}

function answerOf({ text, sites = [] }: Reply): WebAnswer {
  return jsonAnswer(200, { text, sites });
}

function notFound(): WebAnswer {
  return textAnswer(404, "Nothing is here.");
}

/** For a header and a disk. */
function safeName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^[.-]+/, "") || "evidence.txt";
}
