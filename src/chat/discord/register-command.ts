import {
  type APIApplicationCommand,
  ApplicationCommandOptionType,
  ApplicationCommandType,
  type RESTPostAPIApplicationCommandsJSONBody,
} from "discord.js";
import type { DiscordApi } from "./discord-api.ts";

export const COMMAND = "diagnose502";

const WANTED = {
  type: ApplicationCommandType.ChatInput,
  name: COMMAND,
  description: "Find out why a site answers 502, and what would help",
  options: [
    {
      type: ApplicationCommandOptionType.String,
      name: "site",
      description: "Name of a site; or list, status, help",
      autocomplete: true,
      required: false,
      max_length: 200,
    },
  ],
} as const satisfies RESTPostAPIApplicationCommandsJSONBody;

/**
 * Makes the command known to the guild, where it is there at once and nowhere else. Written only when it differs: the day has 200 writes.
 * One command is written, not the list: another program of the same application keeps its own.
 */
export async function registerCommand(api: DiscordApi, applicationId: string, guild: string): Promise<void> {
  const known = await api.listCommands(applicationId, guild);
  if (known.some(isWanted)) return;
  await api.writeCommand(applicationId, guild, { ...WANTED, options: [...WANTED.options] });
}

/** Discord fills defaults in and leaves them out as it likes: only what we say is compared. */
function isWanted(command: APIApplicationCommand): boolean {
  if (
    command.type !== WANTED.type ||
    command.name !== WANTED.name ||
    command.description !== WANTED.description
  ) {
    return false;
  }
  const [option, ...others] = command.options ?? [];
  const [wanted] = WANTED.options;
  return (
    option?.type === wanted.type &&
    others.length === 0 &&
    option.name === wanted.name &&
    option.description === wanted.description &&
    option.autocomplete === true &&
    option.required !== true &&
    option.max_length === wanted.max_length
  );
}
