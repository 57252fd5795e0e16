import type { ProcessInfo } from "./target.ts";

/**
 * Reads `ps -eo pid=,ppid=,user:32=,etimes=,stat=,rss=,cgroup:512=,comm=,args= -ww`. What BusyBox prints instead
 * (`PID USER [VSZ|TIME] [STAT] COMMAND`) gives pid, user and arguments only. Lines that are neither are passed over.
 */
export function parseProcesses(output: string): ProcessInfo[] {
  const lines = output.split("\n");
  const header = lines.findIndex((line) => line.trimStart().startsWith("PID "));
  if (header >= 0) return parseBusyBox(lines[header] ?? "", lines.slice(header + 1));
  return lines.flatMap((line) => {
    const process = parseLine(line);
    return process === undefined ? [] : [process];
  });
}

/** The unit and container a cgroup belongs to. Services of a user's own manager are no units of the system. */
export function parseCgroup(cgroup: string): Pick<ProcessInfo, "unit" | "container"> {
  const paths = cgroup.split(",").flatMap((entry) => {
    const slash = entry.indexOf("/");
    return slash < 0 ? [] : [entry.slice(slash)];
  });
  const container = firstOf(paths, containerOf);
  const unit = firstOf(paths, unitOf);
  return { ...(unit === undefined ? {} : { unit }), ...(container === undefined ? {} : { container }) };
}

function parseLine(line: string): ProcessInfo | undefined {
  const { words, rest } = takeWords(line, 7);
  const [pid, ppid, user, age, stat, rss, cgroup] = words;
  if (!isCount(pid) || !isCount(ppid) || !isCount(age) || !isCount(rss)) return undefined;
  if (user === undefined || stat === undefined || cgroup === undefined || rest === "") return undefined;
  const comm = takeComm(rest);
  return {
    pid: Number(pid),
    ppid: Number(ppid),
    user,
    // a clock set back since the start makes ps print a huge unsigned number
    ageSeconds: Number(age) > 0x7fff_ffff ? 0 : Number(age),
    state: stat.slice(0, 1),
    rssKiB: Number(rss),
    ...parseCgroup(cgroup),
    comm,
    args: rest.slice(comm.length).trimStart(),
  };
}

/** A name of up to 15 characters, blanks allowed, in a column padded to 15. */
function takeComm(text: string): string {
  const gap = text.indexOf("  ");
  if (gap >= 0 && gap < 16) return text.slice(0, gap);
  if (text.length <= 15) return text;
  if (text[15] === " ") return text.slice(0, 15);
  const blank = text.indexOf(" ");
  return blank < 0 ? text : text.slice(0, blank);
}

function takeWords(line: string, count: number): { readonly words: string[]; readonly rest: string } {
  const words: string[] = [];
  let at = 0;
  while (words.length < count) {
    while (line[at] === " ") at += 1;
    if (at >= line.length) break;
    const end = line.indexOf(" ", at);
    words.push(line.slice(at, end < 0 ? line.length : end));
    at = end < 0 ? line.length : end;
  }
  return { words, rest: line.slice(at).trim() };
}

function parseBusyBox(header: string, lines: readonly string[]): ProcessInfo[] {
  const columns = header
    .trim()
    .split(" ")
    .filter((word) => word !== "");
  const userAt = columns.indexOf("USER");
  const statAt = columns.indexOf("STAT");
  return lines.flatMap((line) => {
    const { words, rest } = takeWords(line, columns.length - 1);
    const pid = words[0];
    if (!isCount(pid) || rest === "") return [];
    const program = rest.split(" ", 1)[0] ?? "";
    return {
      pid: Number(pid),
      ppid: 0,
      user: words[userAt] ?? "",
      ageSeconds: 0,
      state: (words[statAt] ?? "S").slice(0, 1),
      rssKiB: 0,
      comm: program.slice(program.lastIndexOf("/") + 1).slice(0, 15),
      args: rest,
    };
  });
}

function isCount(word: string | undefined): word is string {
  return word !== undefined && /^[0-9]{1,12}$/.test(word);
}

function firstOf<T>(paths: readonly string[], read: (path: string) => T | undefined): T | undefined {
  for (const path of paths) {
    const value = read(path);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The first service below the innermost slice: what follows it are parts of a delegated tree. */
function unitOf(path: string): string | undefined {
  const parts = path.split("/");
  if (parts.some((part) => part.startsWith("user@") && part.endsWith(".service"))) return undefined;
  const slice = parts.findLastIndex((part) => part.endsWith(".slice"));
  return parts.slice(slice + 1).find((part) => part.endsWith(".service"));
}

/** `/docker/<id>`, `docker-<id>.scope`, `libpod-<id>.scope`, `cri-containerd-<id>.scope`: 64 hexadecimal digits. */
function containerOf(path: string): string | undefined {
  for (const part of path.split("/")) {
    const name = part.endsWith(".scope") ? part.slice(0, -".scope".length) : part;
    const id = name.slice(name.lastIndexOf("-") + 1);
    if (/^[0-9a-f]{64}$/.test(id)) return id;
  }
  return undefined;
}
