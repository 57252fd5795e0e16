import { join, resolve } from "node:path";

/** A path as people write it in a config: `~` is home, the rest is relative to `directory`. Absolute. */
export function resolvePath(
  path: string,
  options: { readonly home: string; readonly directory: string },
): string {
  if (path === "~") return options.home;
  if (path.startsWith("~/")) return join(options.home, path.slice(2));
  return resolve(options.directory, path);
}
