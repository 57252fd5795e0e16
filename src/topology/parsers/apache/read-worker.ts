import { isIP } from "node:net";
import { present } from "../../present.ts";
import type {
  RouteAction,
  SourceRef,
  UpstreamAddress,
  UpstreamMember,
  UpstreamProtocol,
} from "../../target.ts";
import { type Scope, sectionsOf } from "./scope.ts";

export interface ReadWorker {
  readonly action: RouteAction;
  readonly protocol: UpstreamProtocol;
  /** Parameters in force, by lower-case key: those of the worker, its `<Proxy>` section and `ProxySet`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Host part of the worker's URL. */
  readonly host: string;
}

/** What a worker URL of ProxyPass, SetHandler or RewriteRule leads to. */
export function readWorker(
  worker: string,
  {
    scope,
    parameters,
    source,
  }: { readonly scope: Scope; readonly parameters: readonly string[]; readonly source: SourceRef },
): ReadWorker {
  const own = parametersOf(parameters);
  if (/^balancer:\/\//i.test(worker)) return readBalancer(worker, { scope, own, source });
  const parts = splitWorker(worker);
  const set = new Map([...sectionParameters(scope, worker), ...own]);
  if (parts === undefined) {
    const why = `"${worker.slice(0, 200)}" is not an address that can be known from the configuration.`;
    return {
      action: { kind: "unresolved", expression: worker, why, source },
      protocol: "http",
      parameters: set,
      host: "",
    };
  }
  const { protocol, address, host } = parts;
  const member = present({
    label: parts.label,
    address,
    backup: false,
    down: false,
    lookup: lookupOf(address, set),
    source,
  });
  return { action: { kind: "pass", protocol, members: [member], source }, protocol, parameters: set, host };
}

function readBalancer(
  worker: string,
  {
    scope,
    own,
    source,
  }: { readonly scope: Scope; readonly own: ReadonlyMap<string, string>; readonly source: SourceRef },
): ReadWorker {
  const name = balancerName(worker);
  const directives = [
    ...sectionsOf(scope, "proxy")
      .filter(({ args }) => balancerName(args[0] ?? "") === name)
      .flatMap(({ block }) => block ?? []),
    ...scope
      .flat()
      .flatMap((directive) =>
        balancerName(directive.args[0] ?? "") === name
          ? [{ ...directive, args: directive.args.slice(1) }]
          : [],
      ),
  ];
  const lines = directives.filter(({ name: directive }) => directive === "balancermember");
  const protocols: UpstreamProtocol[] = [];
  const hosts: string[] = [];
  const memberParameters: (readonly [string, string])[] = [];
  const members = lines.flatMap(({ args: [url = "", ...words], source: at }): UpstreamMember[] => {
    const parts = splitWorker(url);
    if (parts === undefined) return [];
    const set = parametersOf(words);
    const status = (set.get("status") ?? "").toUpperCase();
    protocols.push(parts.protocol);
    hosts.push(parts.host);
    memberParameters.push(...set);
    return [
      present({
        label: parts.label,
        address: parts.address,
        backup: /^[^-]*[HR]/.test(status),
        down: /^[^-]*[DS]/.test(status),
        lookup: lookupOf(parts.address, set),
        source: at,
      }),
    ];
  });
  const sets = directives
    .filter(({ name: directive }) => directive === "proxyset")
    .flatMap(({ args }) => [...parametersOf(args)]);
  const [protocol = "http"] = protocols;
  const [host = ""] = hosts;
  return {
    action: { kind: "pass", protocol, group: `balancer://${name}`, members, source },
    protocol,
    parameters: new Map([...memberParameters, ...sets, ...own]),
    host,
  };
}

/** `balancer://app/x` → `app`; anything else gives no name a balancer can have. */
function balancerName(text: string): string {
  return /^balancer:\/\/([^/\s]{1,200})/i.exec(text)?.[1]?.toLowerCase() ?? "/";
}

/** `ProxySet` and words of a `<Proxy url>` section that covers the worker. */
function sectionParameters(scope: Scope, worker: string): ReadonlyMap<string, string> {
  const sections = sectionsOf(scope, "proxy").filter(
    ({ args }) => args[0] !== undefined && args[0] !== "*" && worker.startsWith(args[0].replace(/\/$/, "")),
  );
  const sets = sections.flatMap(({ args, block }) => [
    args.slice(1),
    ...(block ?? []).filter(({ name }) => name === "proxyset").map((set) => set.args),
  ]);
  return new Map(sets.flatMap((words) => [...parametersOf(words)]));
}

function parametersOf(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.flatMap((word): (readonly [string, string])[] => {
      const equals = word.indexOf("=");
      return equals < 1 ? [] : [[word.slice(0, equals).toLowerCase(), word.slice(equals + 1)]];
    }),
  );
}

const SCHEMES: ReadonlyMap<string, { readonly protocol: UpstreamProtocol; readonly port: number }> = new Map([
  ["http", { protocol: "http", port: 80 }],
  ["ws", { protocol: "http", port: 80 }],
  ["https", { protocol: "https", port: 443 }],
  ["wss", { protocol: "https", port: 443 }],
  ["h2", { protocol: "https", port: 443 }],
  ["h2c", { protocol: "h2", port: 80 }],
  ["fcgi", { protocol: "fastcgi", port: 8000 }],
  ["scgi", { protocol: "scgi", port: 4000 }],
  ["uwsgi", { protocol: "uwsgi", port: 3031 }],
  ["ajp", { protocol: "ajp", port: 8009 }],
]);

/** `scheme://host:port/…` or `unix:/path|scheme://name/`. */
function splitWorker(worker: string) {
  const bar = worker.startsWith("unix:") ? worker.indexOf("|") : -1;
  const socket = worker.startsWith("unix:")
    ? worker.slice("unix:".length, bar < 0 ? undefined : bar)
    : undefined;
  const url = socket === undefined ? worker : bar < 0 ? "" : worker.slice(bar + 1);
  const found =
    /^([a-z0-9]{1,10}):\/\/(\[[0-9a-fA-F:.]{2,45}\]|[^/:?[\]\s$%]{1,255})(?::(\d{1,5}))?(?=[/?]|$)/i.exec(
      url,
    );
  const scheme = SCHEMES.get((found?.[1] ?? "").toLowerCase());
  const host = (found?.[2] ?? "").replace(/^\[|\]$/g, "");
  if (socket !== undefined) {
    const address: UpstreamAddress = { kind: "unix", path: socket };
    return socket === ""
      ? undefined
      : { protocol: scheme?.protocol ?? "fastcgi", address, host, label: `unix:${socket}` };
  }
  const port = Number(found?.[3] ?? scheme?.port);
  if (!found || !scheme || !(port > 0 && port < 65_536)) return undefined;
  const address: UpstreamAddress = { kind: "tcp", host, port };
  return { protocol: scheme.protocol, address, host, label: `${found[2]}:${port}` };
}

/** A worker keeps the address it first resolved unless connections are never reused or `addressttl` is set. */
function lookupOf(
  address: UpstreamAddress,
  parameters: ReadonlyMap<string, string>,
): UpstreamMember["lookup"] {
  if (address.kind === "unix" || address.host === "localhost" || isIP(address.host) !== 0) return undefined;
  const looksAgain = parameters.get("disablereuse")?.toLowerCase() === "on" || parameters.has("addressttl");
  return looksAgain ? "at-run-time" : "at-start";
}
