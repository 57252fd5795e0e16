import { readFile, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { z } from "zod";
import type { Evidence } from "../collect/evidence.ts";
import { IncidentFolderError } from "./incident-folder-error.ts";
import { IncidentFile } from "./incident-schema.ts";

const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** Reads a recorded incident back: the evidence as it was saved. @throws {IncidentFolderError} naming what is wrong. */
export async function loadIncident(folder: string): Promise<Evidence> {
  const {
    results,
    schema: _schema,
    ...rest
  } = parseIncident(await readInside(folder, "incident.json"), folder);
  const withOutputs = [];
  for (const { file, ...result } of results) {
    withOutputs.push({ ...result, output: file === undefined ? "" : await readInside(folder, file) });
  }
  return { ...rest, results: withOutputs };
}

function parseIncident(text: string, folder: string): IncidentFile {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw notAnIncident(folder, "incident.json is not JSON", error);
  }
  const parsed = IncidentFile.safeParse(body);
  if (!parsed.success)
    throw notAnIncident(folder, `in incident.json, ${z.prettifyError(parsed.error)}`, parsed.error);
  return parsed.data;
}

/** A recording comes from anywhere: no link in it may lead out of its folder. */
async function readInside(folder: string, file: string): Promise<string> {
  try {
    const root = await realpath(folder);
    const path = await realpath(join(root, file));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw notAnIncident(folder, `${file} leads out of the folder`);
    }
    const about = await stat(path);
    if (!about.isFile()) throw notAnIncident(folder, `${file} is not a file`);
    if (about.size > MAX_FILE_BYTES) {
      throw notAnIncident(folder, `${file} has ${about.size} bytes, at most ${MAX_FILE_BYTES} are read`);
    }
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof IncidentFolderError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    throw notAnIncident(folder, `${file} cannot be read (${code})`, error);
  }
}

function notAnIncident(folder: string, why: string, cause?: unknown): IncidentFolderError {
  return new IncidentFolderError(`${folder} is not a recorded incident: ${why}.`, {
    hint: "Give a folder written by `diagnose502 diagnose --save DIR`.",
    cause,
  });
}
