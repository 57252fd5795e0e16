import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "..");

/** The way data flows: a stage imports from stages before it. */
const STAGES = [
  "config",
  "intake",
  "incident",
  "playbook",
  "topology",
  "plan",
  "collect",
  "classify",
  "report",
  "approval",
  "remediate",
  "verify",
  "workflow",
];
const EDGES = ["ssh", "http", "llm", "store", "log"];
const SURFACES = ["chat", "web", "cli"];
/** Same input, same answer: no clock, no randomness, nothing of the outside. */
const PURE_STAGES = ["topology", "plan", "classify", "report"];
const PURE_BUILTINS = ["node:util", "node:net", "node:url"];

/** Where each vendor lives. Packages that are not listed have no home yet and fail. */
const VENDOR_HOMES: Readonly<Record<string, readonly string[]>> = {
  ssh2: ["src/ssh/"],
  undici: ["src/http/"],
  openai: ["src/llm/"],
  openworkflow: ["src/workflow/", "src/store/"],
  kysely: ["src/store/"],
  "kysely-postgres-js": ["src/store/"],
  postgres: ["src/store/"],
  "@slack/bolt": ["src/chat/slack/"],
  "@slack/types": ["src/chat/slack/"],
  "discord.js": ["src/chat/discord/"],
  "log-update": ["src/cli/"],
  hono: ["src/web/"],
  "@hono/node-server": ["src/web/"],
  "prom-client": ["src/web/"],
  pino: ["src/log/"],
  re2js: ["src/topology/parsers/"],
  yaml: ["src/config/", "src/playbook/", "src/cli/"],
  // At borders: whatever parses text or JSON from outside, host output included.
  zod: [
    "src/config/",
    "src/intake/",
    "src/playbook/",
    "src/topology/",
    "src/classify/",
    "src/store/",
    "src/http/",
    "src/web/",
    "src/chat/",
    "src/llm/",
  ],
};

/** Systems we support; only their playbook and their parser may know them. Protocols and service managers are not products. */
const PRODUCTS =
  /nginx|apache|httpd|haproxy|caddy|php-?fpm|gunicorn|puma|tomcat|mariadb|mysql|postgres|redis|memcached|cloudflare|cloudfront|vercel|wordpress|varnish|traefik|envoy|artifactory|nexus|verdaccio/gi;
const MAY_NAME_PRODUCTS = [
  "src/topology/parsers/",
  "src/topology/parsers.ts",
  // we keep our own records in one of them
  "src/store/",
  // what is never restarted is a list of names, and must not depend on what a playbook says
  "src/playbook/never-touch.ts",
  // how lines of a log begin is called after the product that writes them so
  "src/playbook/probe-schema.ts",
  "src/collect/log-window.ts",
  // secrets are found by the names their owners gave them
  "src/collect/redact/",
];

interface SourceFile {
  readonly path: string;
  readonly code: string;
  readonly imports: readonly string[];
}

/** Static, side-effect and dynamic imports. */
const IMPORT = /(?:^(?:import|export)\s[^"';]*?from\s+|^import\s+|\bimport\()"([^"]+)"/gm;

const FILES: readonly SourceFile[] = globSync("src/**/*.ts", { cwd: ROOT }).map((path) => {
  const code = withoutComments(readFileSync(join(ROOT, path), "utf8"));
  const imports = [...code.matchAll(IMPORT)].flatMap(([, name]) => name ?? []);
  return { path, code, imports };
});

test("there are sources to check", () => {
  assert.ok(FILES.length > 50);
  assert.ok(FILES.flatMap(({ imports }) => imports).length > FILES.length);
});

test("every folder of src is a stage, an edge or a surface", () => {
  const folders = new Set(FILES.map(({ path }) => folderOf(path)).filter((folder) => folder !== ""));
  assert.deepEqual(
    [...folders].filter((folder) => ![...STAGES, ...EDGES, ...SURFACES].includes(folder)),
    [],
  );
});

test("a stage imports stages before it, and neither edges nor surfaces", () => {
  refuse(
    ({ from, to }) =>
      STAGES.includes(from) &&
      to !== "" &&
      (!STAGES.includes(to) || STAGES.indexOf(to) > STAGES.indexOf(from)),
  );
});

test("an edge imports no other edge, no surface and no workflow", () => {
  refuse(
    ({ from, to }) =>
      EDGES.includes(from) &&
      to !== from &&
      (EDGES.includes(to) || SURFACES.includes(to) || to === "workflow"),
  );
});

test("a surface imports no edge and no other surface; what it needs is handed down", () => {
  refuse(
    ({ from, to }) => SURFACES.includes(from) && to !== from && (EDGES.includes(to) || SURFACES.includes(to)),
  );
});

test("only main.ts, and what it puts together beside it, know everyone", () => {
  const assemblers = [
    "src/main.ts",
    "src/open-diagnose.ts",
    "src/open-hosts.ts",
    "src/open-chat.ts",
    "src/start-bot.ts",
  ];
  refuse(({ path, from, to }) => from === "" && !assemblers.includes(path) && to !== "");
  refuse(({ from, target }) => from !== "" && assemblers.includes(target));
  refuse(({ target }) => target === "src/main.ts");
});

test("each vendor has one home", () => {
  const strays = FILES.flatMap(({ path, imports }) =>
    imports
      .filter((name) => !name.startsWith(".") && !name.startsWith("node:"))
      .filter((name) => !(VENDOR_HOMES[packageOf(name)] ?? []).some((home) => path.startsWith(home)))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(strays, []);
});

test("pure stages have no clock, no randomness and nothing of the outside", () => {
  const pure = FILES.filter(({ path }) => PURE_STAGES.includes(folderOf(path)));
  const impure = pure.flatMap(({ path, imports, code }) => [
    ...imports
      .filter((name) => name.startsWith("node:") && !PURE_BUILTINS.includes(name))
      .map((name) => `${path} imports ${name}`),
    ...[
      ...code.matchAll(
        /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|await fetch\(|\bprocess\.(?:env|argv|std|exit|hrtime|cwd|pid)/g,
      ),
    ].map(([call]) => `${path} uses ${call}`),
  ]);
  assert.deepEqual(impure, []);
});

test("only config/ reads process.env", () => {
  const readers = FILES.filter(({ code }) => /process\s*\.\s*env\b/.test(code)).map(({ path }) => path);
  assert.ok(readers.length > 0);
  assert.deepEqual(
    readers.filter((path) => folderOf(path) !== "config"),
    [],
  );
});

test("products are named in playbooks and parsers only", () => {
  const named = FILES.filter(
    ({ path }) => !MAY_NAME_PRODUCTS.some((allowed) => path.startsWith(allowed)),
  ).flatMap(({ path, code }) =>
    [...new Set(code.match(PRODUCTS))].map((product) => `${path} names ${product}`),
  );
  assert.deepEqual(named, []);
});

test("each playbook is for a system, and each parser belongs to a playbook", () => {
  const playbooks = globSync("playbooks/*.yaml", { cwd: ROOT }).map((path) => basename(path, ".yaml"));
  const parsers = globSync("src/topology/parsers/*.ts", { cwd: ROOT }).map((path) => basename(path, ".ts"));
  const named = new Set(
    playbooks.flatMap((id) => {
      const text = readFileSync(join(ROOT, "playbooks", `${id}.yaml`), "utf8");
      return /^parser: *([\w-]+)/m.exec(text)?.[1] ?? id;
    }),
  );
  assert.ok(playbooks.length > 0);
  assert.deepEqual(
    parsers.filter((parser) => ![...named].some((id) => parser === id || parser.startsWith(`${id}-`))),
    [],
  );
});

interface Import {
  readonly path: string;
  /** Folders under `src/`; empty for files beside `main.ts`. */
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

function refuse(isWrong: (found: Import) => boolean): void {
  const wrong = FILES.flatMap(({ path, imports }) =>
    imports
      .filter((name) => name.startsWith("."))
      .map((name) => relative(ROOT, join(ROOT, dirname(path), name)))
      .map((target) => ({ path, from: folderOf(path), to: folderOf(target), target }))
      .filter(isWrong)
      .map(({ target }) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
}

function folderOf(path: string): string {
  const [, folder = "", ...rest] = path.split("/");
  return rest.length === 0 ? "" : folder;
}

function packageOf(name: string): string {
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Comments may name nginx as an example; code may not. A `/*` inside a string does not begin a line. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}
