import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** Four seconds apart, so that 15 minutes of it are 225 lines and 1 GB is some months. */
const STEP_MS = 4000;
const LINES_A_CHUNK = 20_000;
const REST =
  '[error] 1234#1234: *100000 open() "/srv/shop/favicon.ico" failed (2: No such file or directory), client: 203.0.113.7, server: shop.test, request: "GET /favicon.ico HTTP/1.1", host: "shop.test", referrer: "https://shop.test/product/17?page=3&sort=price&colour=green&size=42&newsletter=spring&campaign=none"';

/** Text by which a line of the large log is known again. */
export const KNOWN_BY = "campaign=none";

/** Writes a real nginx error log of at least `bytes`, oldest line first, its last line of now. */
export async function writeLargeLog(path: string, { bytes }: { readonly bytes: number }): Promise<void> {
  const lines = Math.ceil(bytes / (REST.length + "2026/11/20 03:12:45 \n".length));
  const endMs = Date.now();
  async function* chunks() {
    for (let first = 0; first < lines; first += LINES_A_CHUNK) {
      const count = Math.min(LINES_A_CHUNK, lines - first);
      let text = "";
      for (let line = first; line < first + count; line++) {
        text += `${stampOf(endMs - (lines - 1 - line) * STEP_MS)} ${REST}\n`;
      }
      yield text;
    }
  }
  await rm(path, { force: true });
  await pipeline(chunks, createWriteStream(path));
}

/** Lines of it in `text` that are not older than `sinceMs`. */
export function countLinesSince(text: string, sinceMs: number): number {
  const since = stampOf(sinceMs);
  return text.split("\n").filter((line) => line.includes(KNOWN_BY) && line.slice(0, 19) >= since).length;
}

/** How many lines it has between two times. */
export function expectedLines(fromMs: number, endMs: number): number {
  return Math.floor((endMs - fromMs) / STEP_MS);
}

/** nginx's own format; the hosts live in UTC. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll("-", "/").replace("T", " ");
}
