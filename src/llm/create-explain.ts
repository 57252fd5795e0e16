import { setTimeout as pause } from "node:timers/promises";
import OpenAI, { APIConnectionError, APIError } from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import type { ResponseFormatJSONObject, ResponseFormatJSONSchema } from "openai/resources/shared";
import { z } from "zod";
import type { Diagnosis } from "../classify/diagnosis.ts";
import type { ModelConfig } from "../config/config.ts";
import type { Explain, Explanation } from "../report/explain.ts";
import { AnswerSchema, checkAnswer } from "./check-answer.ts";
import { createDayBudget } from "./day-budget.ts";
import { makePrompt, type Prompt } from "./make-prompt.ts";
import { createModelFetch } from "./model-endpoint.ts";
import { createNameLabels, NO_LABELS } from "./name-labels.ts";

interface ExplainOptions {
  readonly model: Omit<ModelConfig, "key"> & { readonly key?: string };
  /** Names of machines that evidence may hold, beside those of the diagnosis. */
  readonly hosts: readonly string[];
  readonly now: () => number;
  /** For marks nobody can guess. */
  readonly random: (bytes: number) => Buffer;
  readonly limits?: Partial<ExplainLimits>;
}

interface ExplainLimits {
  /** Of the whole, all tries together. */
  readonly deadlineMs: number;
  readonly tries: number;
  readonly pauseMs: number;
  readonly maxInputBytes: number;
}

const LIMITS: ExplainLimits = { deadlineMs: 10_000, tries: 2, pauseMs: 500, maxInputBytes: 16 * 1024 };
const MARK_BYTES = 16;
/** A label is short, the name behind it is as long as its host likes. */
const MAX_RESTORED = 2000;
const PUBLIC_ENDPOINT = "https://api.openai.com/v1";

/** One try: what the model wrote, or why there is nothing and whether another try may do better. */
type Asked =
  | { readonly kind: "answered"; readonly content: string }
  | {
      readonly kind: "failed";
      readonly reason: string;
      readonly again: boolean;
      readonly refusesSchema?: true;
    };

/**
 * Prose from a model of one's choice. It has no tools, keeps nothing between diagnoses, sees redacted findings alone, and whatever it
 * answers is checked against them.
 */
export function createExplain(options: ExplainOptions): Explain {
  const { model, hosts, now, random } = options;
  const limits = { ...LIMITS, ...options.limits };
  const budget = createDayBudget({ perDay: model.requestsPerDay, now });
  const ask = createAsk(model);

  async function explain(diagnosis: Diagnosis): Promise<Explanation> {
    const labels = model.showHostNames
      ? NO_LABELS
      : createNameLabels({ hosts: [...hosts, ...hostsOf(diagnosis)] });
    const mark = random(MARK_BYTES).toString("hex");
    const prompt = makePrompt(diagnosis, { labels, mark, maxBytes: limits.maxInputBytes });
    if (prompt.sent.size === 0) return nothing("there is no finding to explain");

    const signal = AbortSignal.timeout(limits.deadlineMs);
    let reason = "no try was allowed";
    for (let tries = limits.tries; tries > 0; tries--) {
      if (!budget.take()) return nothing(`the ${model.requestsPerDay} requests of the day are used up`);
      const asked = await ask(prompt, signal);
      if (signal.aborted) return nothing(`the model did not answer within ${limits.deadlineMs} ms`);
      if (asked.kind === "answered") {
        const checked = checkAnswer(asked.content, prompt);
        if (!checked.ok) {
          reason = checked.problem;
          continue;
        }
        const { findings, nextLook = "" } = checked;
        const [text, next] = [labels.restore(checked.text), labels.restore(nextLook)];
        if (text.length + next.length > MAX_RESTORED) return nothing("the answer is too long with its names");
        const more = nextLook === "" ? {} : { nextLook: next };
        return { kind: "explained", text, ...more, findings, model: model.name };
      }
      reason = asked.reason;
      if (!asked.again) break;
      if (tries > 1 && !asked.refusesSchema)
        await pause(limits.pauseMs, undefined, { signal }).catch(() => undefined);
    }
    return nothing(reason);
  }

  return async (diagnosis) => {
    try {
      return await explain(diagnosis);
    } catch (error) {
      // the report is complete without prose: not even our own mistake may cost it
      return nothing(`explaining failed: ${error instanceof Error ? error.name : typeof error}`);
    }
  };
}

/** What of a server's answer we look at; anything else, a proxy's page for example, is no answer. */
const Completion = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
      }),
    )
    .min(1),
});

/** Asks once. A server that refuses schemas is asked for plain JSON from then on. */
function createAsk({ name, baseUrl = PUBLIC_ENDPOINT, key }: ExplainOptions["model"]) {
  const url = new URL(baseUrl);
  const client = new OpenAI({
    baseURL: url.href,
    // the library wants one even where the server does not, and would take one from the environment
    apiKey: key ?? "none",
    ...{ adminAPIKey: null, organization: null, project: null, webhookSecret: null },
    maxRetries: 0,
    logLevel: "off",
    fetch: createModelFetch(url),
  });
  let format: ResponseFormatJSONSchema | ResponseFormatJSONObject = zodResponseFormat(
    AnswerSchema,
    "explanation",
  );

  return async (prompt: Prompt, signal: AbortSignal): Promise<Asked> => {
    try {
      const answer: unknown = await client.chat.completions.create(
        {
          model: name,
          messages: [
            { role: "system", content: prompt.system },
            { role: "user", content: prompt.user },
          ],
          response_format: format,
        },
        { signal },
      );
      return readCompletion(answer);
    } catch (error) {
      const failed = describeFailure(error);
      if (failed.status !== 400 && failed.status !== 422) return { kind: "failed", ...failed };
      const again = format.type === "json_schema";
      format = { type: "json_object" };
      return { kind: "failed", reason: failed.reason, again, refusesSchema: true };
    }
  };
}

function readCompletion(answer: unknown): Asked {
  const completion = Completion.safeParse(answer);
  const [choice] = completion.data?.choices ?? [];
  if (choice === undefined)
    return { kind: "failed", reason: "the server's answer is not a completion", again: true };
  const { content, refusal } = choice.message;
  if (refusal) return { kind: "failed", reason: "the model refused", again: false };
  if (choice.finish_reason === "length")
    return { kind: "failed", reason: "the answer was cut off", again: false };
  if (!content) return { kind: "failed", reason: "the answer is empty", again: true };
  return { kind: "answered", content };
}

/** In our words: what a server says may hold parts of the key or of what was sent. */
function describeFailure(error: unknown): {
  readonly reason: string;
  readonly again: boolean;
  readonly status?: number;
} {
  if (error instanceof APIConnectionError)
    return { reason: "the model's server cannot be reached", again: true };
  if (error instanceof APIError && typeof error.status === "number") {
    const { status } = error;
    const again = [408, 409, 429].includes(status) || status >= 500;
    return { reason: `the model's server answered ${status}`, again, status };
  }
  return { reason: "the server's answer is not a completion", again: true };
}

function hostsOf({ findings, hops, notChecked, remediation, url }: Diagnosis): readonly string[] {
  const hosts = [...findings, ...hops, ...notChecked, ...(remediation === null ? [] : [remediation])];
  const site = URL.parse(url)?.hostname ?? "";
  return [...hosts.map(({ host }) => host), site];
}

function nothing(reason: string): Explanation {
  return { kind: "nothing", reason };
}
