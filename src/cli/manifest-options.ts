import { nearestName } from "../config/nearest-name.ts";
import { isOriginUrl, isSiteUrl } from "../config/site-url.ts";
import { UsageError } from "../intake/usage-error.ts";
import { COMMANDS } from "./command-table.ts";
import { parseOptions } from "./parse-options.ts";

const OPTIONAL = ["files", "user-groups", "channels"] as const;

interface ManifestOptions {
  /** HTTP mode: where Slack reaches the bot. Absent: Socket Mode. */
  readonly publicUrl?: string;
  readonly features: { readonly files: boolean; readonly userGroups: boolean; readonly channels: boolean };
}

/** What was typed after `manifest`. @throws {UsageError} */
export function parseManifestOptions(args: readonly string[]): ManifestOptions {
  const { values, positionals } = parseOptions("manifest", args, COMMANDS.manifest.options);
  if (positionals.length > 0) {
    throw new UsageError(`manifest takes no words, and "${positionals.join(" ")}" was given.`, {
      hint: "See: diagnose502 manifest --help",
    });
  }
  const { http, without = "" } = values;
  if (http !== undefined && !(isSiteUrl(http) && http.startsWith("https:"))) {
    throw new UsageError(`--http takes the https URL that Slack reaches the bot at, and "${http}" is none.`, {
      hint: "For example: --http https://bot.example.com. Without --http the app needs no address: Socket Mode.",
    });
  }
  if (http !== undefined && !isOriginUrl(http)) {
    const { origin } = new URL(http);
    throw new UsageError(`--http takes an address alone, and "${http}" goes on after ${origin}.`, {
      hint: `For example: --http ${origin}. The bot answers at /slack/events right after it, and nowhere else.`,
    });
  }
  const left = without
    .split(",")
    .filter((word) => word !== "")
    .map(readFeature);
  return {
    features: {
      files: !left.includes("files"),
      userGroups: !left.includes("user-groups"),
      channels: !left.includes("channels"),
    },
    ...(http === undefined ? {} : { publicUrl: http }),
  };
}

function readFeature(word: string): (typeof OPTIONAL)[number] {
  const feature = OPTIONAL.find((known) => known === word);
  if (feature !== undefined) return feature;
  const meant = nearestName(word, OPTIONAL);
  throw new UsageError(`The app can do without ${OPTIONAL.join(", ")}, and "${word}" is none of these.`, {
    hint: meant === undefined ? "For example: --without files,channels" : `Did you mean ${meant}?`,
  });
}
