/** What was typed into the channel: a command for the bot, or something it does not hear. */
export type Line =
  | { readonly kind: "command"; readonly text: string }
  | { readonly kind: "other"; readonly hint: string };

const COMMAND = "/diagnose502";

/** `/diagnose502 shop`, or only `shop`: at the console there is nobody else to talk to. */
export function parseLine(typed: string): Line {
  const text = typed.trim();
  if (text === COMMAND) return { kind: "command", text: "" };
  if (text.startsWith(`${COMMAND} `)) return { kind: "command", text: text.slice(COMMAND.length).trim() };
  if (!text.startsWith("/")) return { kind: "command", text };
  return {
    kind: "other",
    hint: `There is only one command here: ${COMMAND} and the name of a site, or help.`,
  };
}
