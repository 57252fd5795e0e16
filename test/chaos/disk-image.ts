import { randomInt } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Deed } from "./record-deeds.ts";

/** What a disk writes as a whole or not at all. */
const SECTOR = 512;

type Change = Extract<Deed, { readonly kind: "write" | "truncate" }>;

/** How much of what was not made durable reached the disk by chance: nothing, a beginning of it, any sectors of it, or all. */
export type Luck = "nothing" | "beginning" | "sectors" | "all";
export const LUCKS: readonly Luck[] = ["nothing", "beginning", "sectors", "all"];

/** A disk as a power cut leaves it. */
export interface Disk {
  pass(deed: Deed): void;
  /** Writes its files into this directory, as they would be found. */
  cut(directory: string, luck: Luck): Promise<void>;
}

interface DiskFile {
  durable: Buffer;
  readonly pending: Change[];
}

export function createDisk(): Disk {
  const files = new Map<string, DiskFile>();

  function fileOf(name: string): DiskFile {
    const file = files.get(name) ?? { durable: Buffer.alloc(0), pending: [] };
    files.set(name, file);
    return file;
  }

  return {
    pass(deed) {
      switch (deed.kind) {
        case "write":
        case "truncate":
          fileOf(deed.file).pending.push(deed);
          break;
        case "sync": {
          const file = fileOf(deed.file);
          file.durable = file.pending.splice(0).reduce(change, file.durable);
          break;
        }
        case "remove":
          files.delete(deed.file);
          break;
        case "told":
        case "sent":
      }
    },
    async cut(directory, luck) {
      for (const [name, { durable, pending }] of files) {
        // a copy: what is durable goes on
        const left = lucky(pending, luck).reduce(change, Buffer.from(durable));
        await writeFile(join(directory, name), left, { mode: 0o600 });
      }
    },
  };
}

function lucky(pending: readonly Change[], luck: Luck): readonly Change[] {
  switch (luck) {
    case "nothing":
      return [];
    case "all":
      return pending;
    case "beginning": {
      const whole = pending.slice(0, randomInt(pending.length + 1));
      const torn = pending[whole.length];
      if (torn?.kind !== "write") return whole;
      const sectors = randomInt(Math.ceil(torn.bytes.length / SECTOR) + 1);
      return [...whole, { ...torn, bytes: torn.bytes.subarray(0, sectors * SECTOR) }];
    }
    case "sectors":
      return pending.flatMap((one) =>
        one.kind === "write" ? anySectors(one) : randomInt(2) === 0 ? [] : [one],
      );
  }
}

/** Sectors of the disk, not of the write: a frame's head may be in one and its page in eight others. */
function anySectors(write: Extract<Change, { readonly kind: "write" }>): readonly Change[] {
  const { offset, bytes } = write;
  const left: Change[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + SECTOR - ((offset + at) % SECTOR));
    if (randomInt(2) === 0) left.push({ ...write, offset: offset + at, bytes: bytes.subarray(at, end) });
    at = end;
  }
  return left;
}

function change(file: Buffer, deed: Change): Buffer {
  if (deed.kind === "truncate") {
    return deed.size <= file.length
      ? file.subarray(0, deed.size)
      : Buffer.concat([file, Buffer.alloc(deed.size - file.length)]);
  }
  const { offset, bytes } = deed;
  const missing = offset + bytes.length - file.length;
  const whole = missing > 0 ? Buffer.concat([file, Buffer.alloc(missing)]) : file;
  bytes.copy(whole, offset);
  return whole;
}
