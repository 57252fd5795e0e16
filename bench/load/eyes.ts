import type { StoredMessage } from "../../test/fakes/slack/world.ts";
import type { Platforms } from "./platforms.ts";

/** Somebody who reads Slack's channel. */
export interface Eyes {
  /** The message of the open incident about this URL; undefined while there is none. */
  find(url: string): StoredMessage | undefined;
  /** The same, as soon as it has a button with this label. */
  findButton(url: string, label: string): StoredMessage | undefined;
}

export function createEyes({ slack }: Platforms): Eyes {
  const found = new Map<string, StoredMessage>();
  const { messages } = slack.world;
  const isAbout = (message: StoredMessage, url: string) =>
    message.threadTs === undefined && `${message.text}${JSON.stringify(message.blocks)}`.includes(url);

  function find(url: string): StoredMessage | undefined {
    const message = found.get(url) ?? messages.findLast((one) => isAbout(one, url));
    if (message !== undefined) found.set(url, message);
    return message;
  }

  return {
    find,
    findButton(url, label) {
      const message = find(url);
      return message !== undefined && JSON.stringify(message.blocks).includes(`"${label}"`)
        ? message
        : undefined;
    },
  };
}

/** Looks again and again, gently; @throws after `patienceMs`, naming `what`. */
export async function until(what: string, holds: () => boolean, patienceMs = 60_000): Promise<void> {
  const endsAt = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
