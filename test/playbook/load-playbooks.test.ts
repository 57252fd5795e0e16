import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { renderCompiled } from "../../src/playbook/compiled-playbooks.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import { parsePlaybook } from "../../src/playbook/parse-playbook.ts";

const SHIPPED = { path: join(import.meta.dirname, "../../playbooks"), origin: "shipped" } as const;
const APP = "title: App\nrole: upstream\n";

function makeDirectory(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "playbooks-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(directory, name), text, { mode: 0o644 });
  return directory;
}

test("every playbook of the product loads, and each proxy, application and database is one file", async () => {
  const playbooks = await loadPlaybooks([SHIPPED]);
  const idsOf = (role: string) => playbooks.filter((playbook) => playbook.role === role).map(({ id }) => id);
  for (const id of ["apache", "haproxy", "nginx"]) assert.ok(idsOf("proxy").includes(id), id);
  for (const id of ["gunicorn", "node-systemd", "php-fpm", "puma", "tomcat", "uwsgi"]) {
    assert.ok(idsOf("upstream").includes(id), id);
  }
  for (const id of ["mariadb", "postgresql", "redis"]) assert.ok(idsOf("dependency").includes(id), id);
});

test("only applications have a restart", async () => {
  for (const { id, role, remediations } of await loadPlaybooks([SHIPPED])) {
    if (role !== "upstream") assert.deepEqual(remediations, {}, id);
    else assert.deepEqual(remediations.restart?.argv, ["systemctl", "restart", "--", "{unit}"], id);
  }
});

test("no look of the product changes a host", async () => {
  const writers = /^(rm|mv|cp|tee|dd|chmod|chown|kill|reboot|sed|touch|mkdir|service|apt|dnf)$/;
  for (const { id, probes } of await loadPlaybooks([SHIPPED])) {
    for (const [name, { action }] of Object.entries(probes)) {
      if (action.kind !== "run") continue;
      assert.doesNotMatch(action.argv[0] ?? "", writers, `${id}.${name}`);
      assert.ok(!action.argv.some((word) => /^(re)?(start|load|stop)$/.test(word)), `${id}.${name}`);
    }
  }
});

test("a playbook of a directory of one's own joins the product's", async (t) => {
  const path = makeDirectory(t, { "my-app.yaml": APP, "notes.txt": "not a playbook" });
  const playbooks = await loadPlaybooks([SHIPPED, { path, origin: "outside" }]);
  assert.equal(playbooks.at(-1)?.id, "my-app");
});

test("a playbook from outside cannot replace one of the product", async (t) => {
  const path = makeDirectory(t, { "nginx.yaml": APP });
  await assert.rejects(loadPlaybooks([SHIPPED, { path, origin: "outside" }]), {
    code: "CONFIG_INVALID",
    message: `${path}/nginx.yaml: a playbook named nginx exists already.`,
  });
});

test("a playbook that others may write is refused", async (t) => {
  const path = makeDirectory(t, { "app.yaml": APP });
  chmodSync(join(path, "app.yaml"), 0o666);
  await assert.rejects(loadPlaybooks([{ path, origin: "outside" }]), /app\.yaml can be written by others/);
});

test("a playbook above 64 KiB is refused", async (t) => {
  const path = makeDirectory(t, { "app.yaml": `${APP}#${"x".repeat(64 * 1024)}\n` });
  await assert.rejects(loadPlaybooks([{ path, origin: "outside" }]), /app\.yaml is larger than 65536 bytes/);
});

test("a directory that does not exist is named", async () => {
  await assert.rejects(loadPlaybooks([{ path: "/nonexistent/playbooks", origin: "outside" }]), {
    code: "CONFIG_INVALID",
    message: "/nonexistent/playbooks cannot be listed.",
  });
});

test("what was compiled serves the YAML it was made from, and nothing else", async (t) => {
  const playbook = {
    ...parsePlaybook(APP, { file: "app.yaml", origin: "shipped" }),
    title: "from the compiled file",
  };
  const path = makeDirectory(t, {
    "app.yaml": APP,
    "other.yaml": "title: from its YAML\nrole: upstream\n",
    "compiled.json": renderCompiled([{ yaml: APP, playbook }]),
  });
  const titles = async (origin: "shipped" | "outside") =>
    (await loadPlaybooks([{ path, origin }])).map(({ title }) => title);
  assert.deepEqual(await titles("shipped"), ["from the compiled file", "from its YAML"]);
  assert.deepEqual(await titles("outside"), ["App", "from its YAML"]);
});
