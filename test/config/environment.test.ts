import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
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

test(".env.example explains every variable the environment reader names", () => {
  const reader = readFileSync(new URL("src/config/environment.ts", ROOT), "utf8");
  const example = readFileSync(new URL(".env.example", ROOT), "utf8");
  const named = [...reader.matchAll(/variable\("([A-Z0-9_]+)"\)/g)].map(([, name]) => name ?? "");
  assert.deepEqual(named, ["SSH_AUTH_SOCK", "DIAGNOSE502_CONFIG"]);
  for (const name of [...named, "HOME"]) assert.match(example, new RegExp(`^#${name}=`, "m"));
});
