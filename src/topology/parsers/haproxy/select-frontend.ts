import type { Section } from "./parse-config.ts";

interface Bind {
  /** `*`, an IP in URL form, or a name. */
  readonly address: string;
  readonly firstPort: number;
  readonly lastPort: number;
  readonly isTls: boolean;
}

export interface ChosenFrontend {
  readonly frontend: Section;
  readonly isTls: boolean;
  readonly notes: readonly string[];
}

/** The frontend or listen section that takes connections of the URL's port; a wildcard address wins when several do. */
export function selectFrontend(
  sections: readonly Section[],
  url: URL,
): ChosenFrontend | { readonly why: string } {
  const frontends = sections.filter(
    ({ kind, name }) => (kind === "frontend" || kind === "listen") && name !== "",
  );
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const candidates = frontends.flatMap((frontend) =>
    bindsOf(frontend)
      .filter(({ firstPort, lastPort }) => port >= firstPort && port <= lastPort)
      .map((bind) => ({ frontend, bind, rank: rankOf(bind, url) })),
  );
  const [best] = candidates.toSorted((one, other) => one.rank - other.rank);
  if (best) {
    const { frontend, bind } = best;
    const others = new Set(candidates.map((candidate) => candidate.frontend.name));
    const shared =
      others.size > 1
        ? [
            `Port ${port} is bound by ${[...others].join(", ")} on different addresses; ${frontend.name} is shown.`,
          ]
        : [];
    return { frontend, isTls: bind.isTls, notes: [...shared, ...tlsNotes(bind, url, port)] };
  }
  // an edge or a published port may lead to another one; with a single HTTP frontend there is no doubt which
  const bound = frontends.filter((frontend) => bindsOf(frontend).length > 0 && frontend.kind === "frontend");
  const [only] = bound;
  if (only && bound.length === 1) {
    const note = `Nothing is bound to port ${port}; the only frontend, ${only.name}, is used, as when TLS or the port ends in front of HAProxy.`;
    return { frontend: only, isTls: bindsOf(only).some(({ isTls }) => isTls), notes: [note] };
  }
  return { why: `HAProxy has no frontend that binds port ${port}.` };
}

function rankOf({ address }: Bind, url: URL): number {
  if (address === url.hostname) return 0;
  return address === "*" ? 1 : 2;
}

function tlsNotes({ isTls }: Bind, url: URL, port: number): string[] {
  if (url.protocol === "https:" && !isTls) return [`HAProxy takes port ${port} without TLS of its own.`];
  if (url.protocol === "http:" && isTls) return [`HAProxy expects TLS on port ${port}.`];
  return [];
}

function bindsOf(section: Section): Bind[] {
  const inHeader =
    section.kind === "listen" || section.kind === "frontend"
      ? section.lines.filter(({ words }) => words[0] === "bind")
      : [];
  return inHeader.flatMap(({ words }) =>
    (words[1] ?? "")
      .split(",")
      .slice(0, 64)
      .flatMap((written) => parseBind(written, words.includes("ssl")) ?? []),
  );
}

function parseBind(written: string, isTls: boolean): Bind | undefined {
  if (/^(?:unix@|abns@|fd@|sockpair@|quic[46]@|\/)/.test(written)) return undefined;
  const text = written.replace(/^(?:ipv[46]|tcp[46]?)@/, "");
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, "");
  const [first = "", last = first] = text.slice(colon + 1).split("-");
  if (!/^\d{1,5}$/.test(first) || !/^\d{1,5}$/.test(last)) return undefined;
  const isAny = host === "" || host === "*" || host === "0.0.0.0" || host === "::";
  const address = isAny ? "*" : host.includes(":") ? `[${host}]` : host;
  return { address, firstPort: Number(first), lastPort: Number(last), isTls };
}
