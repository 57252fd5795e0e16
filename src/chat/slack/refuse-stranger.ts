import type { Origin } from "./parse-payload.ts";

/** Why this person may not command or decide here; undefined when they may ask. What they may decide is judged elsewhere. */
export function refuseStranger({ person, place }: Origin, workspace: string | undefined): string | undefined {
  if (workspace === undefined)
    return "I have only just started and do not know my workspace yet. Ask again in a moment.";
  if (place.workspace !== workspace || person.workspace !== workspace) {
    return "Only people of the workspace I was installed in can use me.";
  }
  if (!/^[CG]/.test(place.channel)) {
    return "Not in a direct message: ask in a channel, where others see what is found and done.";
  }
  return undefined;
}
