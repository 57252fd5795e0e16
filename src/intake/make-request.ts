import type { SiteConfig } from "../config/config.ts";
import { resolvePath } from "../config/resolve-path.ts";
import type { DiagnosisRequest, HostAccess } from "./diagnosis-request.ts";
import { findSite } from "./find-site.ts";
import { type HostContext, resolveHost } from "./resolve-host.ts";
import { UsageError } from "./usage-error.ts";

/** What was typed after `diagnose502 diagnose`. */
export interface RequestOptions {
  /** Name of a site in the config, or a URL. */
  readonly target?: string;
  readonly proxies: readonly string[];
  readonly upstreams: readonly string[];
  /** This machine runs the proxy. */
  readonly local: boolean;
  readonly identity?: string;
  readonly knownHosts?: string;
}

/** How the options, config and ssh_config come together; see `HostContext`. */
export type RequestContext = Omit<HostContext, "identity" | "knownHosts">;

/**
 * The request the options stand for, everything resolved. Hosts given as options replace those of the site's config.
 * @throws {UsageError} for an unknown site, a wrong URL or host, a file that is not there, or no proxy at all.
 * @throws {ConfigError} for what cannot be done as the config or ssh_config says.
 */
export function makeRequest(options: RequestOptions, context: RequestContext): DiagnosisRequest {
  const { name, url, site } = findSite(options.target, context.config);
  const { identity, knownHosts } = options;
  const hostContext: HostContext = {
    ...context,
    ...(identity === undefined ? {} : { identity: existingFile(identity, "--identity", context) }),
    ...(knownHosts === undefined ? {} : { knownHosts: existingFile(knownHosts, "--known-hosts", context) }),
  };
  const resolveAll = (references: readonly string[], option: string) =>
    references.map((reference) => ({ reference, access: resolveHost(reference, hostContext, { option }) }));

  const local: HostAccess = { name: "localhost", how: { kind: "local" } };
  const chosen = options.local || options.proxies.length > 0;
  const proxies = [
    ...(options.local ? [{ reference: "localhost", access: local }] : []),
    ...resolveAll(chosen ? options.proxies : (site?.proxies ?? []), "--proxy"),
  ];
  if (proxies.length === 0) {
    throw new UsageError(`Nothing says which machine runs the proxy of ${url}.`, {
      hint: "Add --proxy user@host, or --local when it is this machine, or describe the site in diagnose502.yaml.",
    });
  }
  const upstreams = resolveAll(
    options.upstreams.length > 0 ? options.upstreams : (site?.upstreams ?? []),
    "--upstream",
  );
  const named = nameUniquely([...proxies, ...upstreams]);
  return {
    site: name,
    url,
    proxies: distinct(named.slice(0, proxies.length)),
    upstreams: distinct(named.slice(proxies.length)),
    ...overrides(site),
    dependencies: site?.dependencies ?? [],
    pinnedAddresses: pinnedAddresses(
      proxies.map(({ access }) => access),
      url,
    ),
  };
}

function overrides(site: SiteConfig | undefined): Pick<DiagnosisRequest, "edge" | "service"> {
  return {
    ...(site?.edge === undefined ? {} : { edge: site.edge }),
    ...(site?.service === undefined ? {} : { service: site.service }),
  };
}

function existingFile(path: string, option: string, { environment, isFile }: RequestContext): string {
  const file = resolvePath(path, { home: environment.home, directory: environment.workingDirectory });
  if (isFile(file)) return file;
  throw new UsageError(`${option}: ${file} is not a file.`, { hint: "Correct the path." });
}

/** Two ways to one name (`root@web`, `diag@web`) are told apart by what was typed. */
function nameUniquely(
  hosts: readonly { readonly reference: string; readonly access: HostAccess }[],
): HostAccess[] {
  const byName = new Map<string, string>();
  return hosts.map(({ reference, access }) => {
    const how = JSON.stringify(access.how);
    const taken = byName.get(access.name);
    const name = taken === undefined || taken === how ? access.name : reference;
    byName.set(name, how);
    return { ...access, name };
  });
}

function distinct(hosts: readonly HostAccess[]): HostAccess[] {
  return [...new Map(hosts.map((host) => [host.name, host])).values()];
}

/** Where a proxy can be asked directly: not behind a jump host, and not where the URL leads anyway. */
function pinnedAddresses(proxies: readonly HostAccess[], url: string): string[] {
  const urlHost = new URL(url).hostname.replace(/^\[|\]$/g, "");
  const addresses = proxies.flatMap(({ how }) => {
    if (how.kind === "local") return ["127.0.0.1"];
    return how.jump === undefined ? [how.address] : [];
  });
  return [...new Set(addresses)].filter((address) => address !== urlHost);
}
