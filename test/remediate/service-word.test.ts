import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServiceRef } from "../../src/approval/intent.ts";
import { ServiceNameError, serviceWord } from "../../src/remediate/service-word.ts";

const unit = (name: string): ServiceRef => ({ manager: "systemd", unit: name });
const container = (name: string): ServiceRef => ({ manager: "docker", container: name });
const compose = (project: string, service: string): ServiceRef => ({ manager: "compose", project, service });
const pm2 = (user: string, app: string): ServiceRef => ({ manager: "pm2", user, app });
const program = (name: string): ServiceRef => ({ manager: "supervisor", program: name });
const x = (length: number) => "x".repeat(length);

const WORDS: readonly (readonly [service: ServiceRef, word: string])[] = [
  [unit("shop@eu:1.service"), "shop@eu:1.service"],
  [unit("x.service"), "x.service"],
  [unit(`${x(201)}.service`), `${x(201)}.service`],
  [container("web_1.a-b"), "docker:web_1.a-b"],
  [container("x"), "docker:x"],
  [container(x(128)), `docker:${x(128)}`],
  [compose("shop", "web"), "compose:shop/web"],
  [pm2("_deploy-1", "shop"), "pm2:_deploy-1/shop"],
  [pm2("d", "shop"), "pm2:d/shop"],
  [pm2(x(32), "shop"), `pm2:${x(32)}/shop`],
  [pm2("d", "all-in-1"), "pm2:d/all-in-1"],
  [container("all"), "docker:all"],
  [program("shop"), "supervisor:shop"],
  [program("0"), "supervisor:0"],
];

for (const [service, word] of WORDS) {
  test(`${word.slice(0, 40)} names a ${service.manager} service`, () => {
    assert.equal(serviceWord(service), word);
  });
}

const UNIT = "letters, digits and :_.@- before .service";
const NAME = "up to 128 letters, digits and _.-, beginning with a letter or digit";
const ONE_APP = "the name of one, not `all`, a number or a file, which may be other apps";
const LOGIN = "a login's name";

const REFUSED: readonly (readonly [service: ServiceRef, name: string, what: string, expected: string])[] = [
  [unit("shop.target"), '"shop.target"', "systemd service", UNIT],
  [unit("shop.service.d"), '"shop.service.d"', "systemd service", UNIT],
  [unit("-H x.service"), '"-H x.service"', "systemd service", UNIT],
  [unit("shop*.service"), '"shop*.service"', "systemd service", UNIT],
  [unit(".service"), '".service"', "systemd service", UNIT],
  [unit(`${x(202)}.service`), `"${x(80)}"`, "systemd service", UNIT],
  [container("-v"), '"-v"', "container", NAME],
  [container("web\n"), '"web\\n"', "container", NAME],
  [container(x(129)), `"${x(80)}"`, "container", NAME],
  [container(`a${x(79)}b;`), `"a${x(79)}"`, "container", NAME],
  [compose("a/b", "web"), '"a/b"', "Compose project", NAME],
  [compose("shop", ""), '""', "Compose service", NAME],
  [pm2("Deploy", "shop"), '"Deploy"', "PM2 user", LOGIN],
  [pm2(x(33), "shop"), `"${x(33)}"`, "PM2 user", LOGIN],
  [pm2("deploy", "all;"), '"all;"', "PM2 app", NAME],
  [pm2("deploy", "all"), '"all"', "PM2 app", ONE_APP],
  [pm2("deploy", "0"), '"0"', "PM2 app", ONE_APP],
  [pm2("deploy", "1e3"), '"1e3"', "PM2 app", ONE_APP],
  [pm2("deploy", "x.config.js"), '"x.config.js"', "PM2 app", ONE_APP],
  [pm2("deploy", "apps.json"), '"apps.json"', "PM2 app", ONE_APP],
  [program("all"), '"all"', "supervisord program", "the name of one, not `all`, which is every program"],
  [program("group:*"), '"group:*"', "supervisord program", NAME],
];

for (const [service, name, what, expected] of REFUSED) {
  test(`${name.slice(0, 40)} names no ${what}, and the error says so`, () => {
    assert.throws(() => serviceWord(service), {
      constructor: ServiceNameError,
      code: "SERVICE_NAME",
      message: `${name} cannot be restarted as a ${what}: expected ${expected}.`,
      hint: "Name the service in the config as its manager lists it.",
    });
  });
}
