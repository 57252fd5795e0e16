import type { PublicSample } from "../collect/evidence.ts";

const MAX_URL = 200;

/** What the public answers say beside their status, for somebody who was told that the site is broken. */
export function publicAdvice(samples: readonly PublicSample[]): readonly string[] {
  const asPublic = samples.filter(({ via }) => via === "public");
  const leads = asPublic.flatMap(redirectOf);
  const problems = asPublic.flatMap(({ tls }) => (tls?.trusted === false ? [problemOf(tls)] : []));
  return [
    ...leads.map((to) => `It redirects to ${to}: diagnose that, if it is where people see the error.`),
    ...problems.map((problem) => `Browsers may refuse the site: ${problem}.`),
  ].filter((advice, n, all) => all.indexOf(advice) === n);
}

function redirectOf({ status, headers }: PublicSample): readonly string[] {
  const { location = "" } = headers;
  const isRedirect = status !== null && status >= 300 && status < 400;
  const url = isRedirect && location.length <= MAX_URL ? URL.parse(location) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" ? [url.href] : [];
}

/** Node's code comes first, for programs. */
function problemOf({ problem = "" }: NonNullable<PublicSample["tls"]>): string {
  const said = problem.slice(problem.indexOf(":") + 1).trim();
  return said === "" ? "its certificate is not accepted from here" : `${said} (seen from here)`;
}
