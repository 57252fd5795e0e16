import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOfFiles, makeStartEntry } from "../../src/incident/judged-by.ts";

const CONFIG = { file: "/etc/diagnose502/diagnose502.yaml", digest: "c1" };
const NGINX = { id: "nginx", digest: "n1" };
const PUMA = { id: "puma", digest: "p1" };

test("another text of the config or of any playbook is another digest; its place, its order and our version are not", () => {
  const files = { config: CONFIG, playbooks: [NGINX, PUMA] };
  const others = [
    { ...files, config: undefined },
    { ...files, config: { ...CONFIG, digest: "c2" } },
    { ...files, playbooks: [NGINX] },
    { ...files, playbooks: [NGINX, { ...PUMA, digest: "p2" }] },
    { ...files, playbooks: [NGINX, { ...PUMA, id: "our-puma" }] },
    {
      ...files,
      playbooks: [
        { ...NGINX, digest: "p1" },
        { ...PUMA, digest: "n1" },
      ],
    },
  ];
  assert.equal(new Set([files, ...others].map(digestOfFiles)).size, 1 + others.length);
  const sameText = {
    config: { ...CONFIG, file: "/srv/copy.yaml" },
    playbooks: [PUMA, NGINX],
    version: "2.0.0",
  };
  assert.equal(digestOfFiles(sameText), digestOfFiles(files));
  assert.match(digestOfFiles(files), /^[0-9a-f]{64}$/);
});

test("a start without a config says so", () => {
  const { kind, text, details } = makeStartEntry({ version: "1.2.3", playbooks: [NGINX] });
  assert.deepEqual([kind, text], ["bot-started", "Started, version 1.2.3."]);
  assert.deepEqual(details, { version: "1.2.3", config: null, playbooks: { nginx: "n1" } });
});
