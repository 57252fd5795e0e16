import { cases } from "../cases.ts";
import type { LabCase } from "../lab-case.ts";

/** A case of the lab, and what the bot must do about it in which channel. */
export interface BotCase {
  readonly name: string;
  readonly labCase: LabCase;
  readonly surface: "slack" | "discord";
  readonly openedBy: "command" | "alert";
  /** `stopped`: a person took the services down; else they died. */
  readonly by: "death" | "person";
  /** Whether a restart must be offered, be done once, and be proven; else there is no button, for this reason. */
  readonly expected: { readonly button: true } | { readonly button: false; readonly because?: RegExp };
}

/** Where no restart may be offered: a few of every hop and proxy. */
const NO_RESTART: readonly string[] = [
  "healthy--nginx-node",
  "upstream-not-running--nginx-fpm-socket--broken-pool-file",
  "wrong-upstream-address--nginx-fpm-socket--old-php-version",
  "socket-access-denied--nginx-gunicorn-socket--directory",
  "response-header-too-large--nginx-fpm-socket",
  "upstream-crash-loop--nginx-node--gave-up",
  "firewall-drop--nginx-node",
  "dns-stale-address--nginx-named-once",
  "tls-certificate-rejected--apache-https-node--expired",
  "backend-dependency-down--nginx-gunicorn-postgres--stopped",
  "application-error--haproxy-node--own-503",
  "no-live-upstream--haproxy-gunicorn-pair--health-check",
  "inner-hop-error--haproxy-nginx-unseen",
  "proxy-not-running--apache-node",
];

/** Where a restart would help, and a person decided that the service be down. */
const STOPPED_ON_PURPOSE: readonly string[] = [
  "upstream-not-running--nginx-fpm-socket",
  "upstream-not-running--apache-node",
  "upstream-not-running--nginx-tomcat",
];

/** One in so many is opened by an alert; odd, so that it meets both platforms. The first of each stack is for the command. */
const ALERT_EVERY = 3;

const wouldHelp = ({ truth }: LabCase) => !truth.restartHelps.includes("no");

/** Every fault that a restart mends, and a sample of those where none may be offered; Slack and Discord in turns. */
export const botCases: readonly BotCase[] = [
  ...cases.filter(wouldHelp).map((labCase) => ({
    name: labCase.name,
    labCase,
    by: "death" as const,
    expected:
      labCase.withoutSudo === undefined
        ? ({ button: true } as const)
        : { button: false as const, because: /may not restart/ },
  })),
  ...casesNamed(NO_RESTART).map((labCase) => ({
    name: labCase.name,
    labCase,
    by: "death" as const,
    expected: { button: false as const },
  })),
  ...casesNamed(STOPPED_ON_PURPOSE).map((labCase) => ({
    name: `${labCase.name}--on-purpose`,
    labCase,
    by: "person" as const,
    expected: { button: false as const, because: /was stopped on purpose/ },
  })),
].map((botCase, index, all) => {
  const isFirst = all.findIndex(({ labCase }) => labCase.stack === botCase.labCase.stack) === index;
  return {
    ...botCase,
    surface: index % 2 === 0 ? "slack" : "discord",
    openedBy: index % ALERT_EVERY === 0 && !isFirst ? "alert" : "command",
  };
});

function casesNamed(names: readonly string[]): readonly LabCase[] {
  return names.map((name) => {
    const found = cases.find((labCase) => labCase.name === name);
    if (found === undefined) throw new Error(`The lab has no case ${name}.`);
    return found;
  });
}
