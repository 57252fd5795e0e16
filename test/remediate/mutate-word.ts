import fc from "fast-check";
import { hostileWord } from "./hostile-words.ts";

/** Makes the file `pwned` where it runs: any way of getting it run is a way through. */
const COMMAND = "touch pwned";
const INJECTIONS = [
  ...[`;${COMMAND}`, `|${COMMAND}`, `&${COMMAND}`, `&&${COMMAND};`, `$(${COMMAND})`, `\`${COMMAND}\``],
  ...[`\n${COMMAND}\n`, `';${COMMAND};'`, `";${COMMAND};"`, `' '$(${COMMAND})' '`, `)\n${COMMAND};`],
  ...[`\${x:-$(touch pwned)}`, "<(touch pwned)", "a[$(touch pwned)]", "\\;touch pwned", "\r\ntouch pwned"],
];
const SIGNS = [
  ..."*?[]{}!~#$&;|<>()'\"`\\^=%,:@./-_+ \t\r\n\u0001\u001b\u007f",
  ..."\u0085\u00a0\u00e9\u0301\u200b\u200d\u202e\u2028\u3000\ufeff\ud83d\udca3",
];
/** An ASCII character, and one that looks like it. */
const LOOKALIKES = new Map(
  ["aа", "cс", "eе", "iі", "oо", "pр", "sѕ", "h\u04bb", ".․", "0ｏ", "-‐"].map(pairOf),
);
const OTHERS = [
  ...["nginx.service", "ssh.service", "*", "*.service", "shop.*", "[s]hop.service", "?hop.service", "shop"],
  ...["shop.service nginx.service", "shop.service\nnginx.service", "-H evil", "--help", "--", "", " ", "."],
  ...["../../etc/passwd", "lock", "/etc/shadow", "none", "check", "status", "forget", "reset-budget"],
  ...["docker:nginx", "compose:p/*", "pm2:root/shop", "supervisor:all", "docker:web;", "shop.service/."],
  ...["0".repeat(31), "0".repeat(33), "0".repeat(32).replace("0", "A"), `${"0".repeat(31)}*`, "0x0", "1e31"],
];

function pairOf(pair: string): readonly [string, string] {
  const [latin = "", other = ""] = pair;
  return [latin, other];
}

type Change = (word: string, at: number) => string;

const insert =
  (what: string): Change =>
  (word, at) =>
    word.slice(0, at) + what + word.slice(at);
/** Keeps the length, which is often checked. */
const replace =
  (what: string): Change =>
  (word, at) =>
    word.slice(0, at) + what + word.slice(at + 1);

const CHANGES: readonly Change[] = [
  ...[...INJECTIONS, ...SIGNS].flatMap((what): readonly Change[] => [
    insert(what),
    replace(what),
    (word) => word + what,
    (word) => what + word,
  ]),
  ...OTHERS.map(
    (other): Change =>
      () =>
        other,
  ),
  replace(""),
  (word, at) => word.slice(0, at),
  (word, at) => word.slice(at),
  (word, at) => replace(LOOKALIKES.get(word[at] ?? "") ?? "х")(word, at),
  (word) => word.toUpperCase(),
  (word) => word.replace(/[a-z]/, (letter) => letter.toUpperCase()),
  (word) => word.replaceAll(/[0-9]/g, "g"),
  (word) => word + word,
  (word) => `${word} ${word}`,
  (word) => `${word}\n${word}`,
  (word) => word.repeat(40),
  (word, at) => word + "0".repeat(at * 100),
  (word) => `./${word}`,
  (word) => `../${word}`,
  (word) => `-${word}`,
  (word) => `'${word}'`,
];

/** That word with one or two things wrong, or another one altogether. It may come out well-formed by chance. */
export function mutate(word: string): fc.Arbitrary<string> {
  const change = fc.tuple(fc.constantFrom(...CHANGES), fc.nat(word.length));
  const changed = fc
    .array(change, { minLength: 1, maxLength: 2 })
    .map((changes) => changes.reduce((text, [apply, at]) => apply(text, at), word));
  return fc.oneof({ weight: 9, arbitrary: changed }, { weight: 1, arbitrary: hostileWord });
}

/** Variables that shells, and our own scripts, know: one or two of them with a value to turn them. */
export function hostileVariables(
  ofScript: readonly string[],
): fc.Arbitrary<Readonly<Record<string, string>>> {
  const ofShells = [
    "PATH",
    "IFS",
    "ENV",
    "BASH_ENV",
    "CDPATH",
    "LANG",
    "LC_ALL",
    "HOME",
    "TMPDIR",
    "PS4",
    "PWD",
  ];
  const value = fc.oneof(
    fc.constantFrom(
      "./evil",
      "./evil:/usr/bin:/bin",
      "./evil/env",
      ".",
      "yes",
      "no",
      "root",
      "0",
      "126",
      "s",
    ),
    fc.constantFrom("nginx.service", ...INJECTIONS, ...SIGNS, ""),
  );
  return fc.dictionary(fc.constantFrom(...ofShells, ...ofScript), value, { minKeys: 1, maxKeys: 2 });
}
