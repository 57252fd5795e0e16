import type { RequestOptions } from "../intake/make-request.ts";
import { UsageError } from "../intake/usage-error.ts";
import { COMMANDS } from "./command-table.ts";
import { parseOptions } from "./parse-options.ts";

export interface DiagnoseOptions {
  readonly request: RequestOptions & { readonly config?: string };
  /** Directories with playbooks of the operator's own. */
  readonly playbooks: readonly string[];
  readonly json: boolean;
  readonly save?: string;
  readonly verbose: boolean;
}

/** What was typed after `diagnose`. @throws {UsageError} */
export function parseDiagnoseOptions(args: readonly string[]): DiagnoseOptions {
  const { values, positionals } = parseOptions("diagnose", args, COMMANDS.diagnose.options);
  const { proxy, upstream, local, identity, "known-hosts": knownHosts, config, json, save, verbose } = values;
  const [target, ...more] = positionals;
  if (target === undefined) {
    throw new UsageError("diagnose needs the name of a site, or a URL.", {
      hint: "For example: diagnose502 diagnose https://shop.example.com/ --proxy ops@edge-1",
    });
  }
  if (more.length > 0) {
    throw new UsageError(`diagnose takes one site or URL, and ${JSON.stringify(more[0])} is a second one.`, {
      hint: "Hosts are given by --proxy and --upstream.",
    });
  }
  return {
    request: {
      target,
      proxies: proxy ?? [],
      upstreams: upstream ?? [],
      local: local ?? false,
      ...(identity === undefined ? {} : { identity }),
      ...(knownHosts === undefined ? {} : { knownHosts }),
      ...(config === undefined ? {} : { config }),
    },
    playbooks: values.playbooks ?? [],
    json: json ?? false,
    ...(save === undefined ? {} : { save }),
    verbose: verbose ?? false,
  };
}
