/** Words of a name that make its value secret; a longer word may end in one of these. */
const ENDINGS = [
  "password",
  "passwd",
  "passphrase",
  "secret",
  "token",
  "apikey",
  "requirepass",
  "masterauth",
];
const WORDS = new Set(["pass", "auth", "credential", "credentials", "salt", "secrets"]);
/** `<one of these> key` is a secret; other keys are files, columns, sort orders. */
const KEYS = new Set([
  "api",
  "access",
  "private",
  "secret",
  "account",
  "encryption",
  "signing",
  "auth",
  "app",
  "master",
  "shared",
  "preshared",
  "jwt",
  "license",
  "webhook",
]);
/** A name that ends so says where a secret is, who keeps it, how long it lives or what became of it, not what it is. */
const HARMLESS_LAST = new Set(
  (
    "file files path dir name type url uri ttl timeout length size expiry expires method id count policy realm required " +
    "service socket sock timer conf log server host hosts port address addr endpoint domain user username plugin encryption version " +
    "status error errors fail failed failure failures attempts requests total nopasswd"
  ).split(" "),
);
/** `auth.js:5:12`, `token.rs: cannot borrow`: a source file speaks, or somebody of it. */
const SOURCE_FILE =
  /\.(?:js|mjs|cjs|ts|py|rb|php|go|rs|java|kt|scala|c|cc|cpp|h|cs|ex|exs|erl|pl|lua|sh|exp)$/i;

/** The words of a name in snake, kebab, dotted or camel case, in lower case. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_.-]/)
    .filter((word) => word !== "");
}

/** Whether what a thing of this name is given is secret. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  if (HARMLESS_LAST.has(words.at(-1) ?? "") || SOURCE_FILE.test(name)) return false;
  return words.some((word, index) => {
    if (isSecretWord(word)) return true;
    // PWD alone is the working directory
    if (word === "pwd") return words.length > 1;
    if (word === "pw") return index > 0 && index === words.length - 1;
    if (word === "key") return KEYS.has(words[index - 1] ?? "");
    return WORDS.has(word);
  });
}

/** Whether the word means a secret wherever it stands. */
export function isSecretWord(word: string): boolean {
  return ENDINGS.some((ending) => word.endsWith(ending));
}
