/** What the facts frame says about a host, as far as the collection itself needs it. */
export interface HostFacts {
  /** Their clock when the script began, epoch ms. */
  readonly epochMs?: number;
  readonly utcOffsetMinutes: number;
  readonly isRoot: boolean;
  /** The login's name; only if it could be one. */
  readonly user?: string;
}

/** Reads `key=value` lines; the last of a repeated key counts. */
export function parseHostFacts(text: string): HostFacts {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const epochMs = parseEpoch(values.get("epoch") ?? "");
  const user = values.get("user") ?? "";
  return {
    ...(epochMs === undefined ? {} : { epochMs }),
    utcOffsetMinutes: parseOffset(values.get("offset") ?? ""),
    isRoot: values.get("uid") === "0",
    ...(/^[a-z_][a-z0-9_.-]{0,31}$/i.test(user) ? { user } : {}),
  };
}

/** `1795231062.611761346`, or `1795231062.%N` where date knows no nanoseconds. */
function parseEpoch(text: string): number | undefined {
  const [seconds = "", fraction = ""] = text.split(".");
  if (!/^[0-9]{1,12}$/.test(seconds)) return undefined;
  const milliseconds = /^[0-9]{3,9}$/.test(fraction) ? Number(fraction.slice(0, 3)) : 500;
  return Number(seconds) * 1000 + milliseconds;
}

/** `+0530` → 330. */
function parseOffset(text: string): number {
  const match = /^([+-])([0-9]{2})([0-9]{2})$/.exec(text);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}
