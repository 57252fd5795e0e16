import { type AuditSnapshot, type ChainCheck, verifyChain } from "../incident/audit-chain.ts";
import type { AuditOptions } from "./audit-options.ts";
import { EXIT } from "./exit-status.ts";
import type { Output } from "./output.ts";

/** Checks or prints the audit log, while the bot runs or not. Gives the exit status: 1 for a log that was changed. */
export async function runAuditCommand(
  { action, anchors }: AuditOptions,
  edges: {
    readonly readAuditLog: <Result>(read: (log: AuditSnapshot) => Promise<Result>) => Promise<Result>;
    readonly stdout: Output;
  },
): Promise<number> {
  const { readAuditLog, stdout } = edges;
  switch (action) {
    case "verify": {
      const check = await readAuditLog(({ rows, head }) => verifyChain(rows, { head, anchors }));
      stdout.write(renderCheck(check));
      return check.status === "ok" ? EXIT.fine : EXIT.fault;
    }
    case "export":
      await readAuditLog(async ({ rows }) => {
        for await (const row of rows) stdout.write(`${escapeJson(JSON.stringify(row))}\n`);
      });
      return EXIT.fine;
  }
}

function renderCheck(check: ChainCheck): string {
  if (check.status === "broken") {
    return `The audit log is broken at row ${check.seq} (${check.why}): ${check.message}.
Rows before it are as they were written. Compare with an export or a backup.
`;
  }
  const { count, head } = check;
  return `The audit log hangs together: ${count} ${count === 1 ? "row" : "rows"}.
Head: ${head.seq}:${head.hash}
Write the head down elsewhere: --head proves later that all of it was computed at once, or cut.
`;
}

/** What could move a terminal's cursor or reorder its text, as JSON writes it: the document stays the same. */
function escapeJson(json: string): string {
  return json.replace(
    /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
