import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadSecret } from "../../src/config/load-secret.ts";
import { makeEnvironment } from "./make-environment.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

test("a secret is the variable's value, or the file's text without its last newline", async (t) => {
  const directory = temporaryDirectory(t);
  const environment = makeEnvironment({ variables: { KEY: " hunter2 " } });
  assert.equal(await loadSecret({ env: "KEY" }, environment), " hunter2 ");
  for (const text of ["hunter 2", "hunter 2\n", "hunter 2\r\n"]) {
    const file = join(directory, "secret");
    writeFileSync(file, text, { mode: 0o600 });
    assert.equal(await loadSecret({ file }, environment), "hunter 2");
  }
});

test("a credential that systemd hands over is taken as it is", async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "prometheus");
  writeFileSync(file, "hunter 2\n", { mode: 0o440 });
  const environment = makeEnvironment({ variables: { CREDENTIALS_DIRECTORY: directory } });
  assert.equal(await loadSecret({ file }, environment), "hunter 2");
  await assert.rejects(loadSecret({ file }, makeEnvironment()), /others can read \(mode 0440\)/);
});

test("a secret that others can read, or that is not there, is refused and not repeated", async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "secret");
  writeFileSync(file, "hunter2", { mode: 0o640 });
  const environment = makeEnvironment();
  await assert.rejects(loadSecret({ file }, environment), {
    message: `${file} holds a secret others can read (mode 0640).`,
    hint: `Run: chmod 600 ${file}`,
  });
  const empty = join(directory, "empty");
  writeFileSync(empty, "\n", { mode: 0o600 });
  await assert.rejects(loadSecret({ file: empty }, environment), { message: `${empty} is empty.` });
  await assert.rejects(
    loadSecret({ file: join(directory, "none") }, environment),
    /cannot be read \(ENOENT\)/,
  );
  await assert.rejects(loadSecret({ env: "KEY" }, environment), /KEY is not set/);
});

test("a secret that is not there is named with the key that refers to it", async (t) => {
  const environment = makeEnvironment();
  const place = "/d.yaml:3:5: model.key";
  const none = join(temporaryDirectory(t), "none");
  await assert.rejects(loadSecret({ env: "NOPE", place }, environment), {
    message: `${place}: The environment variable NOPE is not set.`,
  });
  await assert.rejects(loadSecret({ file: none, place }, environment), {
    message: `${place}: ${none} cannot be read (ENOENT).`,
  });
});
