import type { ButtonAction } from "../../report/card.ts";

const ACTIONS: readonly ButtonAction[] = ["approve", "deny", "lift", "look-again", "evidence"];

/** Which button it is, and the how-manieth of its message: Slack wants each to differ. */
export function actionIdOf(action: ButtonAction, index: number): string {
  return `${action}:${index}`;
}

/** Undefined for what is no button of ours. */
export function parseActionId(actionId: string): ButtonAction | undefined {
  const [name, index, ...rest] = actionId.split(":");
  if (rest.length > 0 || !/^\d{1,2}$/.test(index ?? "")) return undefined;
  return ACTIONS.find((action) => action === name);
}

/** The select that names a site, in the modal and in private answers. */
export const SITE_ACTION = "site";
/** The modal that asks for a site. */
export const SITE_VIEW = "look-at-site";
