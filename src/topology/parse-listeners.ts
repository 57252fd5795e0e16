import { parsePort } from "./address.ts";
import type { Listener, UpstreamAddress } from "./target.ts";

/**
 * Reads `ss -Htlnp` and `ss -Hxlp`. Lines that are no listening stream socket are passed over. Without rights over a
 * process `ss` names none, so `processes` may be empty. Source: iproute2 misc/ss.c.
 */
export function parseListeners(output: string): Listener[] {
  return output.split("\n").flatMap((line) => {
    const listener = parseLine(line);
    return listener === undefined ? [] : [listener];
  });
}

function parseLine(line: string): Listener | undefined {
  const usersAt = line.indexOf(" users:((");
  const columns = (usersAt < 0 ? line : line.slice(0, usersAt)).split(" ").filter((word) => word !== "");
  const isUnix = columns[0] === "u_str" || columns[0] === "u_seq";
  const [state, recvQ, sendQ] = columns.slice(isUnix ? 1 : 0);
  if (state !== "LISTEN") return undefined;
  const address = isUnix ? unixAddress(line, columns) : tcpAddress(columns[3] ?? "");
  if (address === undefined) return undefined;
  return {
    address,
    recvQ: Number(recvQ) || 0,
    sendQ: Number(sendQ) || 0,
    processes: usersAt < 0 ? [] : parseUsers(line.slice(usersAt)),
  };
}

/** Columns end in `<path> <inode> * 0`; the path itself may hold blanks. */
function unixAddress(line: string, columns: readonly string[]): UpstreamAddress | undefined {
  const inode = columns.lastIndexOf("*") - 1;
  const first = columns[4];
  if (inode < 5 || first === undefined) return undefined;
  const start = line.indexOf(` ${first}`) + 1;
  const end = line.lastIndexOf(` ${columns[inode]} *`);
  return end <= start ? undefined : { kind: "unix", path: line.slice(start, end) };
}

/** `[::]` is IPv6 only, `*` both families; releases before 4.17 print the latter as `::` without brackets. */
function tcpAddress(text: string): UpstreamAddress | undefined {
  const colon = text.lastIndexOf(":");
  const port = parsePort(text.slice(colon + 1));
  if (colon < 1 || port === undefined) return undefined;
  const raw = text.slice(0, colon);
  if (raw === "::") return { kind: "tcp", host: "*", port };
  const bare = raw.startsWith("[") ? raw.slice(1, raw.endsWith("]") ? -1 : raw.indexOf("]")) : raw;
  const scope = bare.indexOf("%");
  return { kind: "tcp", host: scope < 0 ? bare : bare.slice(0, scope), port };
}

/** `users:(("nginx",pid=11,fd=6),("nginx",pid=10,fd=6))`, each process once. A name may itself hold quotes. */
function parseUsers(text: string): Listener["processes"] {
  const byPid = new Map<number, { comm: string; pid: number }>();
  let from = text.indexOf('("');
  while (from >= 0) {
    const mark = text.indexOf('",pid=', from);
    if (mark < 0) break;
    const pid = Number.parseInt(text.slice(mark + '",pid='.length), 10);
    if (Number.isSafeInteger(pid) && !byPid.has(pid))
      byPid.set(pid, { comm: text.slice(from + 2, mark), pid });
    from = text.indexOf('("', mark);
  }
  return [...byPid.values()];
}
