import { globSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { cleanText } from "../../src/collect/clean-text.ts";
import { redact } from "../../src/collect/redact.ts";
import { renderTable } from "../render-table.ts";

const ROOT = join(import.meta.dirname, "../..");
const DEFAULT = [join(ROOT, "test/incidents"), "/var/log", "/usr/share/doc"];
const USAGE = `node bench/ordinary-lines/main.ts [folders] [options]     how much of logs that hold no secrets redaction takes away

  folders      a row each: every file of text in them, also gzipped; of /usr/share/doc only what is named a log
               (default: ${DEFAULT.map((folder) => folder.replace(`${ROOT}/`, "")).join(", ")})
  --sample N   then so many of the lines that lost more than an address or a mail address, evenly spread, for people to judge

Each text goes through what evidence goes through. "lost a secret" counts a line whether it held one or not: what was wrong is no more than that.
"different" are lines that differ in more than digits.
`;
const MAX_LINE_LENGTH = 4096;
const LONGEST_FILE = 64_000_000;
const MARK = /\[redacted:([a-z-]+)\]/g;
/** Who asked and who wrote is taken out on purpose, secret or not. */
const BY_DESIGN = new Set(["ip", "email"]);

interface Row {
  readonly folder: string;
  readonly bytes: number;
  readonly lines: number;
  readonly different: number;
  readonly byDesign: number;
  /** Where it stood, and what was left of it. */
  readonly masked: readonly string[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: "string", default: "0" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) process.stdout.write(USAGE);
else main(positionals.length > 0 ? positionals : DEFAULT, Number(values.sample));

function main(folders: readonly string[], sample: number): void {
  const rows = folders.map(measureFolder);
  const sum = (of: (row: Row) => number) => rows.reduce((total, row) => total + of(row), 0);
  const total = {
    folder: "all",
    bytes: sum(({ bytes }) => bytes),
    lines: sum(({ lines }) => lines),
    different: sum(({ different }) => different),
    byDesign: sum(({ byDesign }) => byDesign),
    masked: rows.flatMap(({ masked }) => masked),
  };
  process.stdout.write(
    renderTable([
      ["", "MB", "lines", "different", "lost an address", "lost a secret", "of all lines"],
      ...[...rows, total].map(({ folder, bytes, lines, different, byDesign, masked }) => [
        folder,
        (bytes / 1_000_000).toFixed(1),
        ...[lines, different, byDesign, masked.length].map((count) => count.toLocaleString("en")),
        `${((100 * masked.length) / Math.max(1, lines)).toFixed(3)} %`,
      ]),
    ]),
  );
  const every = Math.max(1, Math.floor(total.masked.length / Math.max(1, sample)));
  const shown = total.masked.filter((_, index) => index % every === 0).slice(0, sample);
  for (const line of shown) process.stdout.write(`${line}\n`);
}

function measureFolder(folder: string): Row {
  const shapes = new Set<string>();
  const masked: string[] = [];
  let [bytes, lines, byDesign] = [0, 0, 0];
  for (const file of filesIn(folder)) {
    const text = readText(file);
    bytes += Buffer.byteLength(text);
    for (const [index, line] of redact(text).split("\n").entries()) {
      lines++;
      shapes.add(line.slice(0, 200).replace(/[0-9]+/g, "0"));
      const kinds = Array.from(line.matchAll(MARK), ([, kind = ""]) => kind);
      if (kinds.some((kind) => !BY_DESIGN.has(kind))) masked.push(`${file}:${index + 1}: ${around(line)}`);
      else if (kinds.length > 0) byDesign++;
    }
  }
  return { folder: basename(folder), bytes, lines, different: shapes.size, byDesign, masked };
}

function filesIn(folder: string): readonly string[] {
  const pattern = folder.startsWith("/usr/share/doc") ? "**/*.{log,log.gz}" : "**/*";
  return globSync(pattern, { cwd: folder })
    .toSorted()
    .map((name) => join(folder, name))
    .filter((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat?.isFile() === true && stat.size <= LONGEST_FILE;
    });
}

/** As evidence is: clean, in lines of no more than what is kept of one; nothing of what is no text. */
function readText(file: string): string {
  const bytes = readFileSync(file);
  const unpacked = file.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  return unpacked.includes(0) ? "" : cleanText(unpacked, { maxLineLength: MAX_LINE_LENGTH });
}

function around(line: string): string {
  const marks = Array.from(line.matchAll(MARK)).filter(([, kind = ""]) => !BY_DESIGN.has(kind));
  const first = marks[0]?.index ?? 0;
  return line.slice(Math.max(0, first - 80), first + 120);
}
