import { constants, type Stats } from "node:fs";
import { type FileHandle, open, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError } from "./config-error.ts";

const CHUNK_BYTES = 64 * 1024;

interface TrustedFileLimits {
  readonly maxBytes: number;
  /** Others may not even read it. */
  readonly secret?: boolean;
}

/**
 * The text of such a file as `readTrustedBytes` reads.
 * @throws {ConfigError} also when it is not UTF-8.
 */
export async function readTrustedFile(file: string, limits: TrustedFileLimits): Promise<string> {
  return decode(file, await readTrustedBytes(file, limits));
}

/**
 * What is in a file that only we or root can have written: checked on the opened file, through symlinks, and up
 * every directory that leads to it, since whoever may rename a directory may swap the file.
 * @throws {ConfigError} when others could change it (or, with `secret`, read it), or it is larger than `maxBytes`.
 * A file that cannot be opened rejects with Node's own error (`ENOENT`, `EACCES`).
 */
export async function readTrustedBytes(file: string, limits: TrustedFileLimits): Promise<Buffer> {
  // Without O_NONBLOCK a named pipe would hold us until somebody writes into it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notTrusted(file, "is not a regular file.", "Name a plain file.");
    checkFile(file, stats, limits.secret ?? false);
    await checkDirectories(dirname(file));
    await checkDirectories(dirname(await realpath(file)));
    return await readAtMost(handle, file, limits.maxBytes);
  } finally {
    await handle.close();
  }
}

function checkFile(file: string, stats: Stats, secret: boolean): void {
  checkOwner(file, stats);
  if (othersMayWrite(stats)) {
    throw notTrusted(file, `can be written by others (mode ${octal(stats)}).`, `Run: chmod go-w ${file}`);
  }
  if (secret && (stats.mode & 0o077) !== 0) {
    throw notTrusted(
      file,
      `holds a secret others can read (mode ${octal(stats)}).`,
      `Run: chmod 600 ${file}`,
    );
  }
}

async function checkDirectories(directory: string): Promise<void> {
  const stats = await stat(directory);
  checkOwner(directory, stats);
  const sticky = (stats.mode & 0o1000) !== 0;
  if (othersMayWrite(stats) && !sticky) {
    throw notTrusted(
      directory,
      `can be written by others (mode ${octal(stats)}), who could swap the files in it.`,
      `Run: chmod go-w ${directory}`,
    );
  }
  const parent = dirname(directory);
  if (parent !== directory) await checkDirectories(parent);
}

/** A user-private group (same number as the user) holds nobody else; with one, many systems make everything group-writable. */
function othersMayWrite({ mode, gid, uid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid);
}

function checkOwner(path: string, stats: Stats): void {
  const us = process.geteuid?.();
  if (us === undefined || stats.uid === us || stats.uid === 0) return;
  throw notTrusted(
    path,
    `belongs to user id ${stats.uid}; expected ${us} (us) or root.`,
    `Run: chown ${us} ${path}`,
  );
}

async function readAtMost(handle: FileHandle, file: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= maxBytes; ) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(CHUNK_BYTES) });
    if (bytesRead === 0) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, bytesRead));
    length += bytesRead;
  }
  throw notTrusted(file, `is larger than ${maxBytes} bytes.`, "Check that this is the file you meant.");
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError(`${file} is not UTF-8 text.`, { hint: "Save it as UTF-8.", cause });
  }
}

function notTrusted(path: string, what: string, hint: string): ConfigError {
  return new ConfigError(`${path} ${what}`, { hint });
}

function octal(stats: Stats): string {
  return `0${(stats.mode & 0o7777).toString(8)}`;
}
