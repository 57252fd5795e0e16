import { findKeyBlocks } from "../../../src/collect/redact/key-blocks.ts";
import { testFinder } from "./marked.ts";

/** Put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]) => parts.join("");
const BEGIN = join("-----BEGIN RSA ", "PRIVATE KEY-----");
const END = join("-----END RSA ", "PRIVATE KEY-----");
const OPENSSH = join("b3BlbnNzaC1r", "ZXk");
const line = (length: number) => "aB3+/=_-".repeat(200).slice(0, length);
const key = (text: string) => `«private-key:${text}»`;

testFinder(findKeyBlocks, [
  `a ${key(`${BEGIN}\nMIIE\n${END}`)} b`,
  key(join("-----BEGIN ", "PRIVATE KEY-----\\nMIIE\\n-----END ", "PRIVATE KEY-----")),
  `${key(`${BEGIN}\nA\n${END}`)}\nb\n${key(`${BEGIN}\nC\n${END}`)}`,
  `x\n${key(`${BEGIN}\nMIIE\nabc`)}`,
  `${key(`${BEGIN}\nMIIE\n`)}-----END RSA`,
  `${key(`${BEGIN}${"x".repeat(20_000 - BEGIN.length)}`)}yz`,
  `${key(`${BEGIN}${"x".repeat(20_000 - BEGIN.length - 8)}-----END-----`)} yz`,
  `${key(`${BEGIN}\\nMIIE `)}[…]\nupstream timed out`,
  `${key(join("-----BEGIN RSA ", "PRIVATE KEY"))}[…]\nx`,
  join("-----BEGIN ", "CERTIFICATE-----\nMIIB"),
  join("-----BEGIN ", "A".repeat(41), "PRIVATE KEY-----"),
  key(join("-----BEGIN ", "A".repeat(39), " PRIVATE KEY-----x")),
  // only the end is left
  key(`${line(64)}\n${line(64)}\n${line(7)}\n${END}`),
  `${key(`${BEGIN}\\nMIIE `)}[…]\nupstream timed out -----`,
  key(join(line(64), "\n-----END RSA ", "PRIVATE KEY")),
  key(`${line(60)}\n${line(60)}\n${END}`),
  `${line(59)}\n${key(`${line(60)}\n${END}`)}`,
  `${line(12)} x\n${key(`${line(64)}\n${END}`)}`,
  `app[7]: ${key(`${line(64)}\napp[7]: ${line(64)}\napp[7]: Zz\napp[7]: ${END}`)} x`,
  `app[7]: ok\n${key(END)}`.replace("ok\n«private-key:", "«private-key:ok\n"),
  `${key(`${BEGIN}\nA\n${END}`)}\n${key(END)}`,
  `x !${key(END)}`,
  `${line(1030)}`,
  `${line(6)}${key(`${line(1024)}\n${END}`)}`,
  `${Array.from({ length: 2 }, () => line(64)).join("\n")}\n${key(`${Array.from({ length: 200 }, () => line(64)).join("\n")}\n${END}`)}`,
  // a beginning takes no more along than what looks like a key, whoever wrote it, and whatever END comes after
  `"GET /${key(`${BEGIN} HTTP/1.1", upstream: "x"`)}\nupstream timed out\n`,
  `"GET /${key(`${BEGIN}"`)}\nupstream timed out\n"GET /${key(END)}`.replace(
    "/«private-key:-----END",
    "«private-key:/-----END",
  ),
  `GET /?${key("Private-Lines: 2")}\nupstream timed out`,
  `${key(`${BEGIN}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${line(64)}\nAB==`)}\nupstream timed out`,
  `app[7]: ${key(`${BEGIN}\napp[7]: ${line(64)}`)}\napp[7]: upstream timed out`,
  `${key(`${BEGIN}\n  "${line(64)}\\n" +`)}\n  fs.readFile("x");`,
  `${key(BEGIN)}\nat ${"vendor/laravel/framework/".repeat(3)} line`,
  // other forms
  `a\n${key("Private-Lines: 2\nabc\n")}Private-MAC: 00`,
  `a\n${key("Private-Lines: 2\nabc")}`,
  `${key("Private-Lines: 2")}\n${key("Private-Lines: 3\n")}Private-MAC: 00`,
  "Public-Lines: 2\nabc",
  `a ${key(`${OPENSSH}tdjEAAAA+/=`)} b ${key(`${OPENSSH}x`)}`,
  key(`${OPENSSH}${OPENSSH}`),
  OPENSSH.slice(1),
]);
