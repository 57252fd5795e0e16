import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { ConfigError } from "../../src/config/config-error.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { makeEnvironment } from "./make-environment.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

function write(file: string, text = "hosts: {}\n", mode = 0o644): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

test("the config is the one asked for, then the variable's, then the working directory's, then home's", async (t) => {
  const directory = temporaryDirectory(t);
  const place = { home: join(directory, "home"), workingDirectory: join(directory, "work") };
  const home = write(join(place.home, ".config/diagnose502/diagnose502.yaml"));
  const from = async (environment: Parameters<typeof makeEnvironment>[0], file?: string) =>
    (await loadConfig(makeEnvironment({ ...place, ...environment }), file === undefined ? {} : { file }))
      ?.file;

  assert.equal(await from({}), home);
  const work = write(join(place.workingDirectory, "diagnose502.yaml"));
  assert.equal(await from({}), work);
  const variable = write(join(directory, "variable.yaml"));
  assert.equal(await from({ configFile: variable }), variable);
  const asked = write(join(place.workingDirectory, "asked.yaml"));
  assert.equal(await from({ configFile: variable }, "asked.yaml"), asked);
  assert.equal(await from({}, "~/.config/diagnose502/diagnose502.yaml"), home);
});

test("a config asked for that is not there is an error, naming who asked", async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "none.yaml");
  await assert.rejects(loadConfig(makeEnvironment(), { file }), {
    code: "CONFIG_INVALID",
    exitStatus: 78,
    message: `${file}, named by --config, does not exist.`,
  });
  await assert.rejects(loadConfig(makeEnvironment({ configFile: file })), {
    message: `${file}, named by DIAGNOSE502_CONFIG, does not exist.`,
  });
});

test("a config that others can write is refused with the command that helps", async (t) => {
  const directory = temporaryDirectory(t);
  const load = (file: string) => loadConfig(makeEnvironment(), { file });
  // a private group, numbered like its user, holds nobody else
  const hasPrivateGroup = process.getuid?.() === process.getgid?.();
  for (const mode of [0o666, ...(hasPrivateGroup ? [] : [0o664]), 0o646]) {
    const file = write(join(directory, `${mode}.yaml`), undefined, mode);
    await assert.rejects(load(file), {
      message: `${file} can be written by others (mode 0${mode.toString(8)}).`,
      hint: `Run: chmod go-w ${file}`,
    });
    const link = join(directory, `${mode}-link.yaml`);
    symlinkSync(file, link);
    await assert.rejects(load(link), { hint: `Run: chmod go-w ${link}` });
  }
});

test("a config in a directory that others can write is refused, through a symlink too", async (t) => {
  const directory = temporaryDirectory(t);
  const open = join(directory, "open");
  const file = write(join(open, "deep/diagnose502.yaml"));
  const link = join(directory, "link.yaml");
  symlinkSync(file, link);
  chmodSync(open, 0o777);
  for (const path of [file, link]) {
    await assert.rejects(loadConfig(makeEnvironment(), { file: path }), { hint: `Run: chmod go-w ${open}` });
  }
  chmodSync(open, 0o1777);
  assert.equal((await loadConfig(makeEnvironment(), { file }))?.file, file);
});

test("a config of another user is refused", {
  skip: process.geteuid?.() !== 0 && "needs root",
}, async (t) => {
  const { chownSync } = await import("node:fs");
  const file = write(join(temporaryDirectory(t), "diagnose502.yaml"));
  chownSync(file, 12_345, 12_345);
  await assert.rejects(loadConfig(makeEnvironment(), { file }), {
    message: `${file} belongs to user id 12345; expected 0 (us) or root.`,
  });
});

test("a config that is too large, not text or not a file is refused", async (t) => {
  const directory = temporaryDirectory(t);
  const large = write(join(directory, "large.yaml"), `# ${"x".repeat(65_536)}\n`);
  await assert.rejects(loadConfig(makeEnvironment(), { file: large }), {
    message: `${large} is larger than 65536 bytes.`,
  });
  const binary = join(directory, "binary.yaml");
  writeFileSync(binary, Buffer.from([0x68, 0xff, 0xfe]), { mode: 0o644 });
  await assert.rejects(loadConfig(makeEnvironment(), { file: binary }), {
    message: `${binary} is not UTF-8 text.`,
  });
  await assert.rejects(loadConfig(makeEnvironment(), { file: directory }), ConfigError);
});

test("a config that only the group of one may write is its owner's", async (t) => {
  if (process.getuid?.() !== process.getgid?.()) return t.skip("this account has no private group");
  const directory = temporaryDirectory(t);
  const file = write(join(directory, "shared.yaml"), undefined, 0o664);
  assert.ok(await loadConfig(makeEnvironment(), { file }));
});
