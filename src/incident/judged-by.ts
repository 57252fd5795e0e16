import { fileDigest } from "../config/file-digest.ts";
import type { AuditEntry } from "./audit.ts";

/** What the bot judges by, as it was read at its start. `digest`: SHA-256 of a file, hex. */
export interface JudgedBy {
  readonly version: string;
  /** Absent: there is no config. */
  readonly config?: { readonly file: string; readonly digest: string } | undefined;
  readonly playbooks: readonly { readonly id: string; readonly digest: string }[];
}

/** The row of a start: two starts show which file became another between them. */
export function makeStartEntry({ version, config, playbooks }: JudgedBy): AuditEntry {
  return {
    kind: "bot-started",
    actor: { kind: "bot" },
    text: `Started, version ${version}.`,
    details: {
      version,
      config: config === undefined ? null : { file: config.file, sha256: config.digest },
      playbooks: Object.fromEntries(playbooks.map(({ id, digest }) => [id, digest])),
    },
  };
}

/** One digest over the files: what is offered by them is void under others. A copy elsewhere, or another version, is the same. */
export function digestOfFiles({ config, playbooks }: Omit<JudgedBy, "version">): string {
  const files = playbooks.map(({ id, digest }) => [id, digest]).toSorted();
  return fileDigest(JSON.stringify([config?.digest ?? null, files]));
}
