import type { ParserInput } from "../../parser.ts";

/** One line of `show stat`: a server, or a whole backend as server `BACKEND`. */
export interface ServerStat {
  readonly backend: string;
  readonly server: string;
  /** `UP`, `DOWN`, `UP 1/3`, `MAINT`, `no check`, … */
  readonly status: string;
  /** What the last health check saw, for example `L4CON Connection refused`. */
  readonly reason: string;
}

/** Servers and backends of `show stat`, from whichever look printed it. Source: doc/management.txt 9.1. */
export function readServerStats({ results }: ParserInput): ServerStat[] {
  const output =
    results.find(({ probe }) => probe === "haproxy.stats" || probe === "haproxy.stat")?.output ?? "";
  const start = output.startsWith(HEADER) ? 0 : output.indexOf(`\n${HEADER}`) + 1;
  if (!output.startsWith(HEADER, start)) return [];
  const [header = "", ...rows] = output.slice(start).split("\n");
  const columns = header.slice(2).split(",");
  const at = (name: string) => columns.indexOf(name);
  const [backend, server, status, check, lastCheck, description] = [
    at("pxname"),
    at("svname"),
    at("status"),
    at("check_status"),
    at("last_chk"),
    at("check_desc"),
  ];
  return rows.flatMap((row) => {
    const cells = row.split(",", columns.length);
    const cell = (index: number) => (index < 0 ? "" : (cells[index] ?? "").replace(/^"|"$/g, ""));
    if (cells.length < 10 || cell(server) === "FRONTEND") return [];
    const reason = [cell(check), cell(lastCheck) || cell(description)].filter(
      (part) => part !== "" && part !== "L4OK" && part !== "L7OK",
    );
    return [
      {
        backend: cell(backend),
        server: cell(server),
        status: cell(status),
        reason: reason.join(" ").slice(0, 200),
      },
    ];
  });
}

const HEADER = "# pxname,svname,";
