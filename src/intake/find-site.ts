import type { Config, SiteConfig } from "../config/config.ts";
import { nearestName } from "../config/nearest-name.ts";
import { isSiteUrl } from "../config/site-url.ts";
import { UsageError } from "./usage-error.ts";

/** What is diagnosed; `site` is set when the config describes it. */
export interface FoundSite {
  readonly name: string;
  readonly url: string;
  readonly site?: SiteConfig;
}

/**
 * A site's name, a URL, or a bare host name (taken as https) → the URL to diagnose. A URL of a site in the config
 * brings that site's settings along.
 * @throws {UsageError}
 */
export function findSite(target: string | undefined, config: Config | undefined): FoundSite {
  const sites = config?.sites ?? [];
  if (target === undefined || target.trim() === "") {
    throw new UsageError("Which site? Neither a site nor a URL was given.", { hint: usage(sites) });
  }
  const named = sites.find(({ name }) => name === target);
  if (named) return { name: named.name, url: named.url, site: named };
  if (target.includes("://")) return findUrl(target, sites);
  // A word with a dot, port or path can only be meant as an address; any other is a site's name, mistyped.
  if (/[.:/]/.test(target)) return findHost(target, sites);
  const nearest = nearestName(
    target,
    sites.map(({ name }) => name),
  );
  const where =
    config === undefined
      ? "there is no diagnose502.yaml here, in ~/.config/diagnose502 or in /etc/diagnose502"
      : `${config.file} has none of that name${nearest === undefined ? "" : ` (did you mean "${nearest}"?)`}`;
  throw new UsageError(`No site ${JSON.stringify(target)}: ${where}.`, { hint: usage(sites) });
}

function findUrl(target: string, sites: readonly SiteConfig[]): FoundSite {
  if (!isSiteUrl(target)) {
    throw new UsageError(`${hidePassword(target)} is not a URL that can be diagnosed.`, {
      hint: "Give http:// or https:// and a host, without user name and password.",
    });
  }
  const url = new URL(target);
  url.hash = "";
  const site = findBest(url, sites);
  return { name: site?.name ?? url.hostname, url: url.href, ...(site === undefined ? {} : { site }) };
}

function findHost(target: string, sites: readonly SiteConfig[]): FoundSite {
  const guess = `https://${target}`;
  if (!isSiteUrl(guess)) {
    throw new UsageError(`${JSON.stringify(target)} is neither a site of the config nor a URL.`, {
      hint: usage(sites),
    });
  }
  const { host, pathname, search } = new URL(guess);
  const site = sites.find(({ url }) => new URL(url).host === host);
  if (!site) return findUrl(guess, sites);
  const asked = pathname === "/" && search === "" ? site.url : new URL(`${pathname}${search}`, site.url).href;
  return { name: site.name, url: asked, site };
}

/** The site of the same origin whose path begins this one; the longest such path. */
function findBest(url: URL, sites: readonly SiteConfig[]): SiteConfig | undefined {
  const candidates = sites
    .map((site) => ({ site, siteUrl: new URL(site.url) }))
    .filter(({ siteUrl }) => siteUrl.host === url.host);
  const within = candidates.filter(({ siteUrl }) => url.pathname.startsWith(siteUrl.pathname));
  const byLength = within.toSorted((a, b) => b.siteUrl.pathname.length - a.siteUrl.pathname.length);
  return (byLength[0] ?? candidates[0])?.site;
}

function hidePassword(target: string): string {
  const url = URL.parse(target);
  return url?.password || url?.username ? `${url.protocol}//…@${url.host}` : JSON.stringify(target);
}

function usage(sites: readonly SiteConfig[]): string {
  const example = "diagnose502 diagnose https://shop.example.com/ --proxy user@host";
  return sites.length === 0
    ? `For example: ${example}`
    : `Known sites: ${sites.map(({ name }) => name).join(", ")}. Or: ${example}`;
}
