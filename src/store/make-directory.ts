import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes the directory and those above it that are missing, for their owner alone. One by one: Node's own way spins for ever where a file
 * system lets nobody make one, as under /proc. @throws what the file system says.
 */
export function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // another process was faster
    if (!existsSync(directory)) throw error;
  }
}
