import { RespondError } from "@slack/bolt";
import type { Log } from "../../workflow/log.ts";
import type { Reply } from "../../workflow/surface.ts";
import type { Origin } from "./parse-payload.ts";
import { renderReply } from "./render-reply.ts";
import type { SlackApi } from "./slack-api.ts";
import type { SlackMessage } from "./slack-message.ts";

const CALL_TIMEOUT_MS = 10_000;

/** Tells one person something that nobody else sees. Never throws: whoever cannot be told has left. */
export type TellPrivately = (origin: Origin, reply: Reply) => Promise<void>;

export function createTellPrivately({
  api,
  log,
}: {
  readonly api: SlackApi;
  readonly log: Log;
}): TellPrivately {
  return async (origin, reply) => {
    const message = renderReply(reply);
    try {
      await respond(origin.responseUrl, message);
    } catch (error) {
      log.info({ surface: "slack", reason: String(error) }, "an answer had to take the other way");
      const { person, place } = origin;
      await api.client.chat
        .postEphemeral({ channel: place.channel, user: person.id, ...message })
        .catch((reason: unknown) =>
          log.warn({ surface: "slack", reason: String(reason) }, "an answer was lost"),
        );
    }
  };
}

/** @throws when the address is used up, too old, or out of reach. */
async function respond(responseUrl: string, { text, blocks }: SlackMessage): Promise<void> {
  const said = { response_type: "ephemeral", replace_original: false, text, blocks };
  const response = await fetch(responseUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(said),
    redirect: "error",
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new RespondError(`answered ${response.status}`, response.status);
}
