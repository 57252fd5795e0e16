import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { mustRun } from "../lab/command.ts";

const SOURCE = join(import.meta.dirname, "faulty-disk.c");
/** Numbers of 64 bits in the control file. */
const FIELDS = { count: 0, first: 1, many: 2, error: 3, failed: 4 } as const;
const SIZE = 8;

/** What a disk answers to a write. Source: errno(3), Linux. */
export const DISK_ERRORS = { EIO: 5, ENOSPC: 28, EROFS: 30 } as const;

export type DiskError = keyof typeof DISK_ERRORS;

/** A disk under one directory whose writes can fail, for processes that are started through it. */
export interface FaultyDisk {
  /** Command that starts a program above this disk. */
  readonly through: readonly string[];
  /** The `first` write from the beginning fails, and so many after it. */
  fail(first: number, how: { readonly error: DiskError; readonly many: number }): void;
  heal(): void;
  /** Writes so far, and those that failed. */
  counts(): { readonly writes: number; readonly failed: number };
  close(): void;
}

/** Compiles what makes writes fail; gives its path. @throws where there is no C compiler. */
export async function compileFaultyDisk(directory: string): Promise<string> {
  const library = join(directory, "faulty-disk.so");
  await mustRun(["gcc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"]);
  return library;
}

export function openFaultyDisk(
  library: string,
  { control, files }: { readonly control: string; readonly files: string },
): FaultyDisk {
  writeFileSync(control, Buffer.alloc(Object.keys(FIELDS).length * SIZE));
  const file = openSync(control, "r+");
  const read = (field: keyof typeof FIELDS) => {
    const bytes = Buffer.alloc(SIZE);
    readSync(file, bytes, 0, SIZE, FIELDS[field] * SIZE);
    return Number(bytes.readBigUInt64LE());
  };
  const write = (field: keyof typeof FIELDS, value: number) => {
    const bytes = Buffer.alloc(SIZE);
    bytes.writeBigUInt64LE(BigInt(value));
    writeSync(file, bytes, 0, SIZE, FIELDS[field] * SIZE);
  };
  return {
    through: ["env", `LD_PRELOAD=${library}`, `FAULTY_DISK=${control}`, `FAULTY_FILES=${files}`],
    fail(first, { error, many }) {
      write("error", DISK_ERRORS[error]);
      write("many", many);
      write("first", first);
    },
    heal: () => write("first", 0),
    counts: () => ({ writes: read("count"), failed: read("failed") }),
    close: () => closeSync(file),
  };
}
