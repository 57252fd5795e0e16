import assert from "node:assert/strict";
import { test } from "node:test";
import { stateDirectoryOf } from "../../src/config/state-directory.ts";

const places: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
  [{}, "/home/ada/.local/state/diagnose502"],
  [{ STATE_DIRECTORY: "/var/lib/diagnose502" }, "/var/lib/diagnose502"],
  [{ STATE_DIRECTORY: "/var/lib/one:/var/lib/two" }, "/var/lib/one"],
  [{ STATE_DIRECTORY: "/var/lib/one", DIAGNOSE502_STATE: "/srv/state" }, "/srv/state"],
  [{ DIAGNOSE502_STATE: "state" }, "/srv/here/state"],
  // no shell resolves it in a file of systemd or of docker
  [{ DIAGNOSE502_STATE: "~/bot" }, "/home/ada/bot"],
];

for (const [variables, expected] of places) {
  test(`with ${JSON.stringify(variables)} the records are in ${expected}`, () => {
    const found = stateDirectoryOf({
      home: "/home/ada",
      workingDirectory: "/srv/here",
      variable: (name) => variables[name],
    });
    assert.equal(found, expected);
  });
}
