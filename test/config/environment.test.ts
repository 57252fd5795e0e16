import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { test } from "node:test";

const ROOT = new URL("../../", import.meta.url);

test("the environment is read once, and an empty variable counts as unset", () => {
  const script =
    'import { readEnvironment } from "./src/config/environment.ts"; const e = readEnvironment();' +
    'console.log(JSON.stringify([e.home, e.agentSocket, e.configFile ?? null, e.variable("KEY"), e.variable("NONE") ?? null]));';
  const printed = execFileSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
    cwd: ROOT,
    env: { HOME: "/home/ada", SSH_AUTH_SOCK: "/run/agent", DIAGNOSE502_CONFIG: "", KEY: "v" },
    encoding: "utf8",
  });
  assert.deepEqual(JSON.parse(printed), ["/home/ada", "/run/agent", null, "v", null]);
});

test("an empty HOME is none: the password database says where it is", () => {
  const script =
    'import { readEnvironment } from "./src/config/environment.ts"; console.log(readEnvironment().home);';
  const printed = execFileSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
    cwd: ROOT,
    env: { HOME: "" },
    encoding: "utf8",
  });
  assert.equal(printed.trim(), userInfo().homedir);
});

test("where no terminal says how wide it is, COLUMNS does, and nonsense counts as unset", () => {
  const script =
    'import { readTerminal } from "./src/config/terminal.ts"; console.log(readTerminal(process.stdout).width)';
  const widthWith = (COLUMNS: string) =>
    execFileSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
      cwd: ROOT,
      env: { COLUMNS },
      encoding: "utf8",
    }).trim();
  assert.deepEqual(["60", "", "0", "wide", "1e3"].map(widthWith), ["60", "80", "80", "80", "80"]);
});

test(".env.example explains every variable that is read", () => {
  const config = new URL("src/config/", ROOT);
  const sources = readdirSync(config).map((file) => readFileSync(new URL(file, config), "utf8"));
  const named = sources.flatMap((source) =>
    [...source.matchAll(/(?:variable\("|take\("\w+", "|process\.env\.)([A-Z0-9_]+)/g)].map(
      ([, name]) => name ?? "",
    ),
  );
  assert.ok(named.includes("SSH_AUTH_SOCK"));
  const example = readFileSync(new URL(".env.example", ROOT), "utf8");
  for (const name of named) assert.match(example, new RegExp(`^#${name}=`, "m"));
});
