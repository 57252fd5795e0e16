/** As `engines` in package.json. */
const LEAST = { major: 22, minor: 19 } as const;

/** What to say where a Node of this version lacks what we need; undefined where it does not. */
export function nodeTooOld(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > LEAST.major || (major === LEAST.major && minor >= LEAST.minor)) return undefined;
  return (
    `diagnose502: This is Node ${version}, and ${LEAST.major}.${LEAST.minor} or newer is needed.\n` +
    "  In a clone `npm ci` brings one: run `npx diagnose502` there, or node_modules/.bin/node dist/main.js.\n"
  );
}
