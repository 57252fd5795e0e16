import type { ActionView } from "../report/card.ts";
import { SHOWN } from "./limits.ts";

/** Why the button that approves is left out, and where it is. */
export const TOO_LONG = "Too long to be shown here in full: approve it in the console.";

/** Nobody is asked to approve what cannot be read to its end. */
export function isShownInFull({ title, facts }: ActionView): boolean {
  return (
    title.length <= SHOWN.title &&
    facts.length <= SHOWN.facts &&
    facts.every(({ name, value }) => name.length <= SHOWN.factName && value.length <= SHOWN.fact)
  );
}
