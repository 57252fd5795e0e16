import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };
import lock from "../package-lock.json" with { type: "json" };

const Locked = z.object({
  version: z.string(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  license: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
});

/** Every package that is installed, by where it lies. */
const PACKAGES = Object.entries(lock.packages).flatMap(([path, about]) =>
  path === "" ? [] : [{ name: path.replace(/^.*node_modules\//, ""), ...Locked.parse(about) }],
);

const LICENCES = ["MIT", "Apache-2.0", "MIT OR Apache-2.0", "ISC", "BSD-3-Clause", "0BSD", "Unlicense"];

/** They name theirs, MIT, in a way of long ago. */
const OLD_MANNERS = ["buildcheck", "cpu-features", "ssh2"];

test("each package is of one version, and is what the registry had when it was chosen", () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
    assert.match(version, /^\d+\.\d+\.\d+$/, name);
  }
  for (const { name, integrity, resolved } of PACKAGES) {
    assert.match(integrity ?? "", /^sha512-/, name);
    assert.ok(resolved === undefined || resolved.startsWith("https://registry.npmjs.org/"), name);
  }
});

test("no package runs anything of its own when it is installed, but the one that brings Node", () => {
  assert.deepEqual(manifest.allowScripts, { node: true });
  const wishing = PACKAGES.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
  assert.deepEqual(wishing.sort(), ["cpu-features", "node", "ssh2"]);
});

test("each package is under a licence that lets us pass it on", () => {
  for (const { name, license } of PACKAGES) {
    if (!OLD_MANNERS.includes(name))
      assert.ok(license !== undefined && LICENCES.includes(license), `${name}: ${license}`);
  }
});

test("the SSH client is one that Terrapin and injected agents cannot harm", () => {
  const [ssh2, ...others] = PACKAGES.filter(({ name }) => name === "ssh2");
  assert.deepEqual(others, []);
  const [major = 0, minor = 0] = (ssh2?.version ?? "").split(".").map(Number);
  assert.ok(major > 1 || (major === 1 && minor >= 17), ssh2?.version);
});
