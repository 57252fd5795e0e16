import type { Button, ButtonAction } from "../../report/card.ts";

/** What a component of ours asks for when it is used: it names things to look up, and proves nothing. */
export type ComponentUse =
  | {
      readonly kind: "press";
      readonly action: ButtonAction;
      readonly value: string;
      /** The message that asked, when this is the answer to the second question. */
      readonly messageId?: string;
    }
  /** A second question comes before it counts. */
  | { readonly kind: "ask"; readonly action: ButtonAction; readonly value: string }
  | { readonly kind: "no" }
  | { readonly kind: "site" };

/** The answer "no" to a second question. */
export const NO = "no";
/** The menu of sites. */
export const SITE = "site";

const ACTIONS: readonly string[] = [
  "approve",
  "deny",
  "lift",
  "look-again",
  "evidence",
] satisfies ButtonAction[];

/** `approve:<value>`, or `ask:approve:<value>` where a second question comes first. */
export function customIdOf({ action, value, confirm }: Button): string {
  return confirm === undefined ? `${action}:${value}` : `ask:${action}:${value}`;
}

/** The press that counts, asked for on the message `messageId`. */
export function yesIdOf({ action, value }: Pick<Button, "action" | "value">, messageId: string): string {
  return `${action}:${value}:${messageId}`;
}

/** Undefined for what is not ours. */
export function parseCustomId(customId: string): ComponentUse | undefined {
  if (customId === NO) return { kind: "no" };
  if (customId === SITE) return { kind: "site" };
  const asks = customId.startsWith("ask:");
  const [action = "", value = "", messageId, ...rest] = (asks ? customId.slice(4) : customId).split(":");
  if (!isAction(action) || !/^[\w-]{1,64}$/.test(value) || rest.length > 0) return undefined;
  if (asks) return messageId === undefined ? { kind: "ask", action, value } : undefined;
  if (messageId === undefined) return { kind: "press", action, value };
  return /^\d{15,21}$/.test(messageId) ? { kind: "press", action, value, messageId } : undefined;
}

function isAction(action: string): action is ButtonAction {
  return ACTIONS.includes(action);
}
