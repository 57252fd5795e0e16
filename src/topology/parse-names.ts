import { canonicalIp } from "./address.ts";
import { splitFiles } from "./parsers/common/config-file.ts";

/** Host name in lower case → addresses, in the order given. */
export type NameTable = ReadonlyMap<string, readonly string[]>;

/** `/etc/hosts` among the files of a look at resolver files. Source: hosts(5). */
export function parseHostsFile(filesOutput: string): NameTable {
  const table = new Map<string, string[]>();
  const hosts = splitFiles(filesOutput).find(({ path }) => path === "/etc/hosts");
  for (const line of (hosts?.text ?? "").split("\n")) {
    const [address, ...names] = wordsOf(line.split("#", 1)[0] ?? "");
    const ip = canonicalIp(address ?? "");
    if (ip === undefined) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      const known = table.get(key);
      if (known === undefined) table.set(key, [ip]);
      else if (!known.includes(ip)) known.push(ip);
    }
  }
  return table;
}

/** The addresses of `getent ahosts <name>` or `getent hosts <name>`, each once. */
export function parseResolved(output: string): readonly string[] {
  const ips = output.split("\n").flatMap((line) => canonicalIp(wordsOf(line)[0] ?? "") ?? []);
  return [...new Set(ips)];
}

/** The addresses of `ip -j addr`; of its text form too, which old releases print instead. */
export function parseInterfaceAddresses(output: string): readonly string[] {
  const ips = new Set<string>();
  let from = 0;
  for (;;) {
    const json = output.indexOf('"local":"', from);
    if (json < 0) break;
    const start = json + '"local":"'.length;
    const end = output.indexOf('"', start);
    const ip = canonicalIp(output.slice(start, end < 0 ? start : end));
    if (ip !== undefined) ips.add(ip);
    from = start;
  }
  for (const line of output.split("\n")) {
    const [keyword, address] = wordsOf(line);
    if (keyword !== "inet" && keyword !== "inet6") continue;
    const ip = canonicalIp(address?.split("/", 1)[0] ?? "");
    if (ip !== undefined) ips.add(ip);
  }
  return [...ips];
}

function wordsOf(line: string): string[] {
  return line.split(/[ \t]/).filter((word) => word !== "");
}
