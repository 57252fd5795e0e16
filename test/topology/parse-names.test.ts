import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { renderAddress } from "../../src/topology/address.ts";
import { addressesOfCommand } from "../../src/topology/addresses-of-command.ts";
import { parseConnections } from "../../src/topology/parse-connections.ts";
import { parseLinkChain } from "../../src/topology/parse-link-chain.ts";
import { parseHostsFile, parseInterfaceAddresses, parseResolved } from "../../src/topology/parse-names.ts";

test("the hosts file gives every name its addresses, comments aside", () => {
  const table = parseHostsFile(
    "# file /etc/resolv.conf\nnameserver 10.0.0.53\n# file /etc/hosts\n127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\n10.0.0.2 App.internal app # shop\n#10.0.0.3 app\n# file /etc/nsswitch.conf\nhosts: files dns\n",
  );
  assert.deepEqual(
    [...table],
    [
      ["localhost", ["127.0.0.1", "::1"]],
      ["ip6-localhost", ["::1"]],
      ["app.internal", ["10.0.0.2"]],
      ["app", ["10.0.0.2"]],
    ],
  );
});

test("what getent answers is each address once", () => {
  const output = "10.0.0.2       STREAM app\n10.0.0.2       DGRAM\n2001:DB8::2     STREAM\n";
  assert.deepEqual(parseResolved(output), ["10.0.0.2", "2001:db8::2"]);
  assert.deepEqual(parseResolved(""), []);
});

test("addresses of interfaces are read from JSON, also a cut one, and from text", () => {
  const json =
    '[{"ifname":"eth0","address":"02:fc:00:00:00:01","addr_info":[{"family":"inet","local":"192.0.2.2"},{"local":"fd00::2"';
  assert.deepEqual(parseInterfaceAddresses(json), ["192.0.2.2", "fd00::2"]);
  const text =
    "2: eth0: <UP>\n    link/ether 02:fc:00:00:00:01\n    inet 192.0.2.2/24 brd 192.0.2.255\n    inet6 fe80::1/64";
  assert.deepEqual(parseInterfaceAddresses(text), ["192.0.2.2", "fe80::1"]);
});

test("a link is followed to its end, one elsewhere on the way is not its end", () => {
  const cases = [
    ["/run/a.sock", "srw-rw---- root root a.sock", "/run/a.sock"],
    ["/var/run/a.sock", "lrwxrwxrwx root root run -> /run", "/var/run/a.sock"],
    [
      "/run/a.sock",
      "lrwxrwxrwx root root a.sock -> b.sock\nlrwxrwxrwx root root b.sock -> /srv/c.sock",
      "/srv/c.sock",
    ],
  ] as const;
  for (const [path, output, expected] of cases) assert.equal(parseLinkChain(path, output), expected);
});

test("the options nearly all programs share tell where one listens", () => {
  const cases = [
    ["/srv/app --port 8080", ["*:8080"]],
    ["/srv/app --host=127.0.0.1 -p 8080", ["127.0.0.1:8080"]],
    ["/srv/app --bind unix:/run/app.sock", ["unix:/run/app.sock"]],
    ["/srv/app --listen=:8080", ["*:8080"]],
    ["/srv/app -p /etc/app.pid", []],
    ["/srv/app", []],
  ] as const;
  for (const [command, expected] of cases) {
    assert.deepEqual(addressesOfCommand(command).map(renderAddress), expected, command);
  }
});

test("no output makes these throw", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseHostsFile(`# file /etc/hosts\n${text}`);
      parseResolved(text);
      parseInterfaceAddresses(`"local":"${text}`);
      parseLinkChain("/run/a.sock", ` lrwx a.sock -> ${text}`);
      parseConnections(text);
      addressesOfCommand(text);
    }),
  );
});
