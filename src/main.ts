#!/usr/bin/env node
import * as module from "node:module";
import { EXIT } from "./cli/exit-status.ts";
import type { Output } from "./cli/output.ts";
import { nodeTooOld } from "./node-too-old.ts";
import { keepHeapSmall, keepYoungSpaceSmall } from "./small-heap.ts";

// Said before anything is loaded that an old Node cannot load.
const tooOld = nodeTooOld(process.versions.node);
if (tooOld !== undefined) {
  process.stderr.write(tooOld);
  process.exit(EXIT.config);
}

// Before the first import that it should remember, but for the smallest. Every import below is dynamic: a command loads what it needs.
module.enableCompileCache();

const PLAYBOOKS = `${import.meta.dirname}/../playbooks`;

const stop = new AbortController();
let statusOfSignal: number | undefined;
for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  // Once: a second Ctrl-C ends the process at once, as people expect.
  process.once(signal, () => {
    statusOfSignal = status;
    stop.abort();
  });
}
let isAnswerLost = false;
// `diagnose502 … | head -1` closes the pipe early; the answer was given.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE" || isAnswerLost) return;
  isAnswerLost = true;
  process.exitCode = EXIT.output;
  process.stderr.write(`diagnose502: The answer cannot be written: ${error.message}.\n`);
});
// A log that nobody reads, or whose disk is full, ends neither the bot nor an answer.
process.stderr.on("error", () => undefined);

const status = await main(process.argv.slice(2));
process.exitCode = isAnswerLost ? EXIT.output : status;

async function main(args: readonly string[]): Promise<number> {
  const [{ runCommandLine }, { makeOutput }, { readTerminal }] = await Promise.all([
    import("./cli/run-command-line.ts"),
    import("./cli/output.ts"),
    import("./config/terminal.ts"),
  ]);
  const stdout = makeOutput(process.stdout, readTerminal(process.stdout));
  const stderr = makeOutput(process.stderr, readTerminal(process.stderr));
  try {
    return await runCommandLine(args, {
      commands: {
        diagnose: (words) => diagnose(words, { stdout, stderr }),
        replay: (words) => replay(words, { stdout }),
        playbook: (words) => playbook(words, { stdout, stderr }),
        start: (words) => start(words, { stdout, stderr }),
        manifest: (words) => manifest(words, { stdout, stderr }),
        harden: (words) => harden(words, { stdout, stderr }),
        audit: (words) => audit(words, { stdout }),
      },
      stdout,
      stderr,
      version: loadVersion,
    });
  } catch (error) {
    if (statusOfSignal !== undefined) {
      stderr.write("diagnose502: stopped; nothing is left running.\n");
      return statusOfSignal;
    }
    const [{ renderError }, { exitStatusOfError }] = await Promise.all([
      import("./cli/render-error.ts"),
      import("./cli/exit-status.ts"),
    ]);
    stderr.write(renderError(error));
    return exitStatusOfError(error, args[0] === undefined ? {} : { command: args[0] });
  }
}

async function diagnose(
  words: readonly string[],
  outputs: { readonly stdout: Output; readonly stderr: Output },
) {
  const { parseDiagnoseOptions } = await import("./cli/diagnose-options.ts");
  const options = parseDiagnoseOptions(words);
  keepYoungSpaceSmall();
  const [
    { runDiagnoseCommand },
    { readEnvironment },
    { loadRequest },
    { openDiagnose },
    { requireFreeFolder, saveIncident },
    playbooks,
    version,
  ] = await Promise.all([
    import("./cli/diagnose-command.ts"),
    import("./config/environment.ts"),
    import("./intake/load-request.ts"),
    import("./open-diagnose.ts"),
    import("./store/save-incident.ts"),
    loadAllPlaybooks(options.playbooks),
    loadVersion(),
  ]);
  const environment = readEnvironment();
  const warnings = new Set<string>();
  const warn = (message: string) => warnings.add(message);
  const { diagnose, shell } = openDiagnose({ environment, playbooks, version, warn });
  try {
    return await runDiagnoseCommand(options, {
      loadRequest: (request) => loadRequest(request, environment),
      diagnose,
      requireFreeFolder,
      saveIncident,
      warnings,
      ...outputs,
      signal: stop.signal,
    });
  } finally {
    await shell.close();
  }
}

async function start(
  words: readonly string[],
  outputs: { readonly stdout: Output; readonly stderr: Output },
) {
  const { parseStartOptions } = await import("./cli/start-options.ts");
  const options = parseStartOptions(words);
  keepHeapSmall();
  const [{ startBot }, { openHosts }, playbooks, version] = await Promise.all([
    import("./start-bot.ts"),
    import("./open-hosts.ts"),
    loadAllPlaybooks(options.playbooks),
    loadVersion(),
  ]);
  return await startBot(options, { openHosts, playbooks, version, ...outputs, signal: stop.signal });
}

async function replay(words: readonly string[], { stdout }: { readonly stdout: Output }) {
  const { parseReplayOptions } = await import("./cli/replay-options.ts");
  const options = parseReplayOptions(words);
  const [{ runReplayCommand }, { loadIncident }, { diagnoseEvidence }, playbooks] = await Promise.all([
    import("./cli/replay-command.ts"),
    import("./store/load-incident.ts"),
    import("./workflow/diagnose-evidence.ts"),
    loadAllPlaybooks(options.playbooks),
  ]);
  return await runReplayCommand(options, {
    loadIncident,
    diagnoseEvidence: (evidence) => diagnoseEvidence(evidence, { playbooks, durationMs: 0 }).diagnosis,
    stdout,
  });
}

async function playbook(
  words: readonly string[],
  outputs: { readonly stdout: Output; readonly stderr: Output },
) {
  const { runPlaybookCommand } = await import("./cli/playbook-command.ts");
  return await runPlaybookCommand(words, { ...outputs, playbookDir: PLAYBOOKS });
}

async function manifest(
  words: readonly string[],
  outputs: { readonly stdout: Output; readonly stderr: Output },
) {
  const { parseManifestOptions } = await import("./cli/manifest-options.ts");
  const { features, publicUrl } = parseManifestOptions(words);
  const [{ runManifestCommand }, { listScopes, makeSlackManifest }] = await Promise.all([
    import("./cli/manifest-command.ts"),
    import("./chat/slack/manifest.ts"),
  ]);
  const app =
    publicUrl === undefined
      ? makeSlackManifest({ features, mode: "socket" })
      : makeSlackManifest({ features, mode: "http", publicUrl });
  return runManifestCommand(
    { manifest: app, scopes: listScopes(features), isHttp: publicUrl !== undefined },
    outputs,
  );
}

async function harden(
  words: readonly string[],
  outputs: { readonly stdout: Output; readonly stderr: Output },
) {
  const { parseHardenOptions } = await import("./cli/harden-options.ts");
  const options = parseHardenOptions(words);
  const [
    { runHardenCommand },
    { checkSudoers },
    { loadConfig },
    { readEnvironment },
    { readPublicKey },
    { START_COMMAND },
    playbooks,
  ] = await Promise.all([
    import("./cli/harden-command.ts"),
    import("./cli/check-sudoers.ts"),
    import("./config/load-config.ts"),
    import("./config/environment.ts"),
    import("./config/read-public-key.ts"),
    import("./ssh/start-command.ts"),
    loadAllPlaybooks(options.playbooks),
  ]);
  const environment = readEnvironment();
  return await runHardenCommand(options, {
    loadConfig: (file) => loadConfig(environment, file === undefined ? {} : { file }),
    playbooks,
    checkSudoers,
    startCommand: START_COMMAND,
    readPublicKey: (file) => readPublicKey(file, environment),
    ...outputs,
  });
}

async function audit(words: readonly string[], { stdout }: { readonly stdout: Output }) {
  const { parseAuditOptions } = await import("./cli/audit-options.ts");
  const options = parseAuditOptions(words);
  const [{ runAuditCommand }, { readEnvironment }, { readAuditLog }, { storePlaceOf }] = await Promise.all([
    import("./cli/audit-command.ts"),
    import("./config/environment.ts"),
    import("./store/read-audit-log.ts"),
    import("./store/store-place.ts"),
  ]);
  const place = storePlaceOf(readEnvironment());
  return await runAuditCommand(options, { readAuditLog: (read) => readAuditLog(place, read), stdout });
}

/** Those of the product, and those of the operator in `own`. */
async function loadAllPlaybooks(own: readonly string[]) {
  const { loadPlaybooks } = await import("./playbook/load-playbooks.ts");
  return await loadPlaybooks([
    { path: PLAYBOOKS, origin: "shipped" },
    ...own.map((path) => ({ path, origin: "outside" as const })),
  ]);
}

async function loadVersion(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const about: unknown = JSON.parse(await readFile(`${import.meta.dirname}/../package.json`, "utf8"));
  return about !== null && typeof about === "object" && "version" in about
    ? String(about.version)
    : "unknown";
}
