import { UsageError } from "../intake/usage-error.ts";
import { COMMANDS } from "./command-table.ts";
import { parseOptions } from "./parse-options.ts";

export interface HardenOptions {
  /** Names of sites or hosts of the config, or `user@host`; never empty. */
  readonly words: readonly string[];
  /** Services to allow beside those of the config, as `serviceWord` writes them. */
  readonly services: readonly string[];
  readonly user?: string;
  readonly publicKey?: string;
  readonly from?: string;
  readonly config?: string;
  /** The bot's key is to start nothing but what is listed. */
  readonly locked: boolean;
  readonly playbooks: readonly string[];
}

/** What was typed after `harden`. @throws {UsageError} */
export function parseHardenOptions(args: readonly string[]): HardenOptions {
  const { values, positionals } = parseOptions("harden", args, COMMANDS.harden.options);
  if (positionals.length === 0) {
    throw new UsageError("Which host? Neither a host nor a site was given.", {
      hint: "For example: diagnose502 harden app-1, or: diagnose502 harden diag@192.0.2.20 --service shop",
    });
  }
  const { service = [], user, key, from, config, locked = false, playbooks = [] } = values;
  if (from !== undefined && !/^[0-9A-Za-z.:*?!,/-]{1,500}$/.test(from)) {
    throw new UsageError(`--from takes addresses parted by commas, and ${JSON.stringify(from)} is none.`, {
      hint: "For example: --from 192.0.2.5,2001:db8::5",
    });
  }
  return {
    words: positionals,
    services: service,
    locked,
    playbooks,
    ...(user === undefined ? {} : { user }),
    ...(key === undefined ? {} : { publicKey: key }),
    ...(from === undefined ? {} : { from }),
    ...(config === undefined ? {} : { config }),
  };
}
