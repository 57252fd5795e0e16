import {
  beforeOnLine,
  charsOf,
  endOfRun,
  positionsOf,
  type Searched,
  type Secret,
  startOfRun,
} from "./secret.ts";

const LOCAL_PART = charsOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-");
const DOMAIN = charsOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
const DOTTED = charsOf("0123456789.");
const ADDRESS = charsOf("0123456789abcdefABCDEF.:");
/** No address is longer. */
const LONGEST = 60;
/** What follows the `@` of unit instances and file names instead of a domain's end. */
const NOT_TOP_LEVEL = new Set(
  "service socket timer target slice scope mount automount path device swap conf sock log pid js ts mjs json".split(
    " ",
  ),
);

function isMailDomain(domain: string): boolean {
  const labels = domain.split(".");
  while (labels.at(-1) === "") labels.pop();
  const last = labels.at(-1)?.toLowerCase() ?? "";
  return labels.length > 1 && /^[a-z]{2,24}$/.test(last) && !NOT_TOP_LEVEL.has(last);
}

/** The part before the @ of a mail address. */
function mailboxes({ text }: Searched): Secret[] {
  return [...positionsOf(text, "@")].flatMap((at): Secret[] => {
    const start = startOfRun(text, at, LOCAL_PART);
    // `/` before it: a path, or a user in a URL
    if (start === at || at - start > 64 || text[start - 1] === "/" || text[start - 1] === ":") return [];
    const domain = text.slice(at + 1, endOfRun(text, at + 1, DOMAIN));
    return isMailDomain(domain) ? [{ start, end: at, kind: "email" }] : [];
  });
}

function isPrivate(address: readonly number[]): boolean {
  const [a = 0, b = 0] = address;
  return (
    a === 10 ||
    a === 127 ||
    a === 0 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  );
}

/** The last octet of a public IPv4 address, or the last 80 bits of a global IPv6 one, that starts at `start`. */
function identifyingPart(text: string, start: number): Secret | undefined {
  const dotted = text.slice(start, endOfRun(text, start, DOTTED, LONGEST));
  const octets = dotted.split(".");
  if (octets.length === 4 && octets.every((octet) => /^[0-9]{1,3}$/.test(octet))) {
    if (isPrivate(octets.map(Number))) return undefined;
    return { start: start + dotted.lastIndexOf(".") + 1, end: start + dotted.length, kind: "ip" };
  }
  const run = text.slice(start, endOfRun(text, start, ADDRESS, LONGEST));
  if (run.includes(".") || !/^[23]/.test(run)) return undefined;
  const kept = run.split(":", 3).join(":").length + 1;
  return kept < run.length ? { start: start + kept, end: start + run.length, kind: "ip" } : undefined;
}

/** Words after which a log names who asked. */
const CLIENT_MARK = /client: |\[client |rhost=|client=|remote_addr=/g;

function namedClients({ text }: Searched): Secret[] {
  return [...text.matchAll(CLIENT_MARK)].flatMap(
    ({ index, 0: mark }) => identifyingPart(text, index + mark.length) ?? [],
  );
}

/** The address that begins an access log line, or follows a syslog tag, before a `[date`. */
function accessLogClients({ text }: Searched): Secret[] {
  return [...positionsOf(text, " [")].flatMap((at): Secret[] => {
    const isDate = text[at + 4] === "/" && text[at + 8] === "/";
    if (!isDate) return [];
    const before = beforeOnLine(text, at);
    const tag = before.indexOf("]: ");
    const part = identifyingPart(text, at - before.length + (tag < 0 ? 0 : tag + 3));
    return part === undefined ? [] : [part];
  });
}

/** People: who wrote, and who asked. Addresses of our own hops stay. */
export function findPersonal(searched: Searched): Secret[] {
  return [...mailboxes(searched), ...namedClients(searched), ...accessLogClients(searched)];
}
