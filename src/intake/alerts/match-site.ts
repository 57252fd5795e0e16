import type { Alert } from "../alert.ts";

interface Site {
  readonly name: string;
  readonly url: string;
}

const MAX_WORDS = 200;

/**
 * The configured site an alert is about: the first candidate that is a site's name, a URL on a site's host, or `host[:port]` of one; in a
 * sentence only URLs and host names are looked for. Whole names only, nothing is looked up, and where two sites fit equally well it
 * is neither.
 */
export function matchSite(alert: Pick<Alert, "candidates">, sites: readonly Site[]): string | undefined {
  for (const candidate of alert.candidates) {
    const named = sites.find(({ name }) => name === candidate);
    const site = named?.name ?? matchWords(candidate, sites);
    if (site !== undefined) return site;
  }
  return undefined;
}

/** A sentence that speaks of two sites says nothing. */
function matchWords(text: string, sites: readonly Site[]): string | undefined {
  const words = text.split(/[\s,;"'<>()]+/, MAX_WORDS);
  const found = new Set(words.flatMap((word) => matchWord(word, sites) ?? []));
  const [site] = found;
  return found.size === 1 ? site : undefined;
}

function matchWord(word: string, sites: readonly Site[]): string | undefined {
  return word.includes("://") ? matchUrl(word, sites) : matchHost(word, sites);
}

/** Several sites of one host are told apart by the longest path. */
function matchUrl(candidate: string, sites: readonly Site[]): string | undefined {
  const url = URL.parse(candidate);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const onHost = sites.filter((site) => addressesOf(site).includes(addressOf(url)));
  if (onHost.length === 1) return onHost[0]?.name;
  const within = onHost.filter((site) => isWithin(url.pathname, new URL(site.url).pathname));
  return longest(within);
}

/** `shop.example.com`, `shop.example.com:443`: the site itself. Another port is another program on that machine. */
function matchHost(candidate: string, sites: readonly Site[]): string | undefined {
  if (!/^[A-Za-z0-9[\]:._-]{1,260}$/.test(candidate)) return undefined;
  const url = URL.parse(`https://${candidate}`);
  if (url === null || url.pathname !== "/") return undefined;
  const onHost = sites.filter((site) => addressesOf(site).includes(addressOf(url)));
  if (onHost.length === 1) return onHost[0]?.name;
  return onHost.find((site) => new URL(site.url).pathname === "/")?.name;
}

/** A site is asked on either scheme's own port, since it redirects from one to the other; or on the one port it names. */
function addressesOf({ url }: Site): readonly string[] {
  const { hostname, port } = new URL(url);
  return port === ""
    ? [`${withoutDot(hostname)}:80`, `${withoutDot(hostname)}:443`]
    : [`${withoutDot(hostname)}:${port}`];
}

function addressOf({ hostname, port, protocol }: URL): string {
  return `${withoutDot(hostname)}:${port || (protocol === "http:" ? "80" : "443")}`;
}

function withoutDot(hostname: string): string {
  return hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
}

/** By whole segments: `/shop` holds `/shop/cart` and not `/shopping`. */
function isWithin(path: string, prefix: string): boolean {
  const folder = prefix.endsWith("/") ? prefix : `${prefix}/`;
  return path === prefix || `${path}/` === folder || path.startsWith(folder);
}

function longest(sites: readonly Site[]): string | undefined {
  const [best, second] = sites.toSorted(
    (a, b) => new URL(b.url).pathname.length - new URL(a.url).pathname.length,
  );
  const isTie = best && second && new URL(best.url).pathname === new URL(second.url).pathname;
  return isTie ? undefined : best?.name;
}
