import { constants } from "node:fs";
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Evidence } from "../collect/evidence.ts";
import type { DiagnosisRequest, HostAccess } from "../intake/diagnosis-request.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import { IncidentFolderError } from "./incident-folder-error.ts";
import type { IncidentFile } from "./incident-schema.ts";
import { makeDirectory } from "./make-directory.ts";

/** Asked before the looks begin, so that no diagnosis is made and then lost. @throws {IncidentFolderError} */
export async function requireFreeFolder(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length > 0) throw notEmpty(folder);
  } catch (error) {
    if (error instanceof IncidentFolderError) throw error;
    if (codeOf(error) !== "ENOENT") {
      throw new IncidentFolderError(`${folder} cannot be used to save an incident: ${sayCode(error)}.`, {
        hint: "Give a folder that does not exist yet.",
        cause: error,
      });
    }
  }
  await requireWritable(dirname(resolve(folder)), folder);
}

/** The nearest directory that exists must let us make another in it. */
async function requireWritable(directory: string, folder: string): Promise<void> {
  try {
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    const parent = dirname(directory);
    if (codeOf(error) === "ENOENT" && parent !== directory) return await requireWritable(parent, folder);
    throw new IncidentFolderError(`${folder} cannot be made: ${directory} ${sayCode(error)}.`, {
      hint: "Give a folder on a disk with room that you may write to.",
      cause: error,
    });
  }
}

/**
 * Writes evidence as a recorded incident: all of it or nothing, readable by its owner only.
 * Where keys lie on this machine is left out. @throws {IncidentFolderError}
 */
export async function saveIncident(folder: string, evidence: Evidence): Promise<void> {
  await requireFreeFolder(folder);
  const path = resolve(folder);
  try {
    makeDirectory(dirname(path));
    const draft = await mkdtemp(join(dirname(path), `.${basename(path)}.`));
    try {
      await writeIncident(draft, evidence);
      await rename(draft, path);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } catch (error) {
    if (codeOf(error) === "ENOTEMPTY" || codeOf(error) === "EEXIST") throw notEmpty(folder);
    if (codeOf(error) === undefined) throw error;
    throw new IncidentFolderError(`The incident could not be saved to ${folder}: ${sayCode(error)}.`, {
      hint: "Give a folder on a disk with room that you may write to.",
      cause: error,
    });
  }
}

/** The same evidence without the places of keys, agents and passphrases: what a recording holds. */
export function withoutKeyPaths(evidence: Evidence): Evidence {
  return { ...evidence, request: shareableRequest(evidence.request) };
}

function shareableRequest(request: DiagnosisRequest): DiagnosisRequest {
  return {
    ...request,
    proxies: request.proxies.map(shareableAccess),
    upstreams: request.upstreams.map(shareableAccess),
  };
}

function shareableAccess({ name, how }: HostAccess): HostAccess {
  if (how.kind === "local") return { name, how };
  const { agentSocket: _agent, passphrase: _passphrase, jump, ...rest } = how;
  return {
    name,
    how: {
      ...rest,
      identityFiles: [],
      knownHostsFiles: [],
      ...(jump ? { jump: shareableAccess(jump) } : {}),
    },
  };
}

async function writeIncident(draft: string, evidence: Evidence): Promise<void> {
  const { request, ...rest } = withoutKeyPaths(evidence);
  const files = nameOutputs(evidence.results);
  for (const { file, output } of files.values()) {
    await mkdir(dirname(join(draft, file)), { recursive: true, mode: 0o700 });
    await writeFile(join(draft, file), output, { mode: 0o600 });
  }
  const results = evidence.results.map((result) => {
    const { output: _output, ...metadata } = result;
    const named = files.get(result);
    return named ? { ...metadata, file: named.file } : metadata;
  });
  const incident = { schema: "diagnose502-incident/1", ...rest, request, results };
  await writeFile(join(draft, "incident.json"), `${JSON.stringify(incident satisfies Shape, null, 2)}\n`, {
    mode: 0o600,
  });
}

/** The file's shape with readonly arrays allowed. */
type Shape = { readonly [Key in keyof IncidentFile]: unknown };

/** One file a look that printed something: `hosts/<host>/<round>-<id>.txt`. */
function nameOutputs(results: readonly ProbeResult[]): Map<ProbeResult, { file: string; output: string }> {
  const taken = new Set<string>();
  const files = new Map<ProbeResult, { file: string; output: string }>();
  for (const result of results) {
    if (result.output === "") continue;
    const stem = `hosts/${safeName(result.host)}/${result.round}-${safeName(result.id)}`;
    let file = `${stem}.txt`;
    // Lower case: some file systems do not tell `A` from `a`.
    for (let n = 2; taken.has(file.toLowerCase()); n++) file = `${stem}~${n}.txt`;
    taken.add(file.toLowerCase());
    files.set(result, { file, output: result.output });
  }
  return files;
}

const MAX_NAME = 120;

/** A file name of letters, digits and `%#@+=_.-` only; everything else is percent-encoded. */
function safeName(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed())
    .replace(/%(23|40|2B|3D)/g, (code) => decodeURIComponent(code))
    .replace(/^\.|[!'()*~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return encoded === "" ? "%" : encoded.slice(0, MAX_NAME);
}

function notEmpty(folder: string): IncidentFolderError {
  return new IncidentFolderError(
    `${folder} is not empty, and a saved incident would mix with what is there.`,
    {
      hint: "Give a folder that does not exist yet.",
    },
  );
}

const CODES: Readonly<Record<string, string>> = {
  EACCES: "may not be written to",
  EPERM: "may not be written to",
  EROFS: "is on a read-only file system",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "is not a folder",
};

/** In words where we have some, with the code that people search for. */
function sayCode(error: unknown): string {
  const code = codeOf(error) ?? "unknown error";
  const words = CODES[code];
  return words === undefined ? code : `${words} (${code})`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
