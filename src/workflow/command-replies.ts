import { nearestName } from "../config/nearest-name.ts";
import type { SiteBook } from "./site-book.ts";
import type { Reply } from "./surface.ts";

/** Enough for a phone's screen. */
const LISTED = 20;

export function help(names: readonly string[]): Reply {
  return {
    text: [
      "Which hop is broken, why, and would a restart of the upstream help?",
      "/diagnose502 SITE: look at a site, from the application outwards. Nothing is changed.",
      "/diagnose502 list: the sites there are.",
      "/diagnose502 status: the incidents that are open.",
    ].join("\n"),
    sites: names,
  };
}

export function usage(names: readonly string[]): string {
  return names.length === 0
    ? "No site is configured yet: describe one in diagnose502.yaml."
    : `Known sites: ${names.slice(0, LISTED).join(", ")}${names.length > LISTED ? ", …" : ""}.`;
}

export function listSites(sites: SiteBook): string {
  if (sites.names.length === 0) return usage(sites.names);
  return sites.names.map((name) => `${name}: ${sites.find(name)?.url ?? ""}`).join("\n");
}

/** What was typed is shown shortened, and never looked up anywhere but in the list of sites. */
export function unknownSite(word: string, names: readonly string[]): Reply {
  const nearest = nearestName(word.slice(0, 64), names);
  const guess = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
  return { text: `There is no site “${word.slice(0, 64)}”.${guess} ${usage(names)}`, sites: names };
}
