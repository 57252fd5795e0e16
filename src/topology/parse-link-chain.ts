/**
 * Where a path leads, by `namei -l`: a line `lrwxrwxrwx … <name> -> <target>` for every link on the way. Only links of
 * the path's last element are followed; the path itself when it is none.
 */
export function parseLinkChain(path: string, output: string): string {
  let real = path;
  for (const line of output.split("\n")) {
    const arrow = line.indexOf(" -> ");
    if (arrow < 0 || !line.trimStart().startsWith("l")) continue;
    const name = line.slice(line.lastIndexOf(" ", arrow - 1) + 1, arrow);
    const target = line.slice(arrow + " -> ".length).trim();
    const slash = real.lastIndexOf("/");
    if (name !== real.slice(slash + 1)) continue;
    real = target.startsWith("/") ? target : `${real.slice(0, slash)}/${target}`;
  }
  return real;
}
