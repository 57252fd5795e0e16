import { EXIT } from "./exit-status.ts";
import type { Output } from "./output.ts";

/** A right the app asks for. */
interface AskedScope {
  readonly scope: string;
  readonly says: string;
  /** The app can do without it. */
  readonly feature?: string;
}

/** Prints the app's manifest as JSON on standard output, and what each right is for on standard error. Gives the exit status. */
export function runManifestCommand(
  app: { readonly manifest: object; readonly scopes: readonly AskedScope[]; readonly isHttp: boolean },
  { stdout, stderr }: { readonly stdout: Output; readonly stderr: Output },
): number {
  const { manifest, scopes, isHttp } = app;
  stdout.write(`${JSON.stringify(manifest, undefined, 2)}\n`);
  const width = Math.max(...scopes.map(({ scope }) => scope.length)) + 2;
  const lines = scopes.map(
    ({ scope, says, feature }) =>
      `  ${scope.padEnd(width)}${feature === undefined ? "" : "optional: "}${says}`,
  );
  const next = isHttp
    ? "SLACK_BOT_TOKEN (xoxb-…) and SLACK_SIGNING_SECRET"
    : "SLACK_BOT_TOKEN (xoxb-…) and SLACK_APP_TOKEN (xapp-…, scope connections:write)";
  stderr.write(`The app asks for:
${lines.join("\n")}
Create it at https://api.slack.com/apps, "From a manifest". Then set
${next}.
`);
  return EXIT.fine;
}
