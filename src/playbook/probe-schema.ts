import { z } from "zod";
import { nearestName } from "../config/nearest-name.ts";
import { DOMAINS, type Domain, type Probe } from "./playbook.ts";
import { duration, oneOf, path, size, strict, text, word } from "./yaml-values.ts";

/** How the lines of a log begin, for whoever looks for a point in time in it. */
const TIMESTAMPS = ["nginx-error", "clf", "apache-error", "fpm", "iso", "syslog", "none"] as const;

/** A probe as YAML has it: `run`, `files` or `log` says what it does; the rest says where, when and how much. */
const probeForm = strict({
  title: text,
  round: z.literal([1, 2]).optional(),
  on: oneOf(["any", "proxy", "upstream"]).default("any"),
  each: oneOf(Object.keys(DOMAINS).filter(isDomain)).default("host"),
  run: z.array(word).min(1).max(64).optional(),
  stdin: z.string().min(1).max(1000).optional(),
  files: z.array(path).min(1).max(64).optional(),
  only: z.array(word).min(1).max(64).optional(),
  log: path.optional(),
  timestamps: oneOf(TIMESTAMPS).optional(),
  whileRunning: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, "must be a process name"))
    .min(1)
    .max(4)
    .optional(),
  as: oneOf(["self", "root", "prefer-root"]).default("self"),
  timeout: duration.prefault("5s"),
  maxOutput: size.prefault("64KiB"),
});

type ProbeForm = z.output<typeof probeForm>;
type Report = (path: readonly (string | number)[], message: string) => void;

export const probeSchema = probeForm
  .superRefine((form, context) => {
    const report: Report = (path, message) =>
      context.addIssue({ code: "custom", path: [...path], message, input: form });
    checkAction(form, report);
    checkRound(form, report);
    checkParameters(form, report);
  })
  .transform(makeProbe);

function checkAction(form: ProbeForm, report: Report): void {
  const actions = (["run", "files", "log"] as const).filter((key) => form[key] !== undefined);
  if (actions.length !== 1) {
    const seen = actions.length === 0 ? "none" : actions.join(" and ");
    report([], `must have exactly one of run, files, log; has ${seen}`);
  }
  if (form.stdin !== undefined && form.run === undefined) report(["stdin"], "goes with run only");
  if (form.only !== undefined && form.files === undefined) report(["only"], "goes with files only");
  if (form.log !== undefined && form.timestamps === undefined) {
    report(["log"], `needs timestamps: one of ${TIMESTAMPS.join(", ")}`);
  }
  if (form.timestamps !== undefined && form.log === undefined) report(["timestamps"], "goes with log only");
}

function checkRound({ round, each }: ProbeForm, report: Report): void {
  if (round === 1 && each !== "host") {
    report(["round"], `must be 2, as each: ${each} is known only after round 1`);
  }
}

/** A word names only the parameters its domain has. `%{name}` is left to the program, and `{a_b}` is no parameter. */
function checkParameters(form: ProbeForm, report: Report): void {
  const known: readonly string[] = DOMAINS[form.each];
  const places: [readonly (string | number)[], string][] = [
    ...(form.run ?? []).map((value, index): [[string, number], string] => [["run", index], value]),
    ...(form.files ?? []).map((value, index): [[string, number], string] => [["files", index], value]),
    [["log"], form.log ?? ""],
  ];
  for (const [place, value] of places) {
    for (const [, name = ""] of value.matchAll(/(?<!%)\{([a-z]+)\}/g)) {
      if (known.includes(name)) continue;
      const nearest = nearestName(name, known);
      const guess = nearest === undefined ? "" : ` did you mean {${nearest}}?`;
      const allowed = known.length === 0 ? "none" : known.map((parameter) => `{${parameter}}`).join(", ");
      report(place, `{${name}} is no parameter of each: ${form.each};${guess} Allowed: ${allowed}`);
    }
  }
}

function makeProbe(form: ProbeForm): Probe {
  return {
    title: form.title,
    round: form.round ?? (form.each === "host" ? 1 : 2),
    on: form.on,
    each: form.each,
    action: makeAction(form),
    ...(form.whileRunning === undefined ? {} : { whileRunning: form.whileRunning }),
    as: form.as,
    timeoutMs: form.timeout,
    maxBytes: form.maxOutput,
  };
}

function makeAction({ run, stdin, files, only, log, timestamps }: ProbeForm): Probe["action"] {
  if (run) return { kind: "run", argv: run, ...(stdin === undefined ? {} : { stdin }) };
  if (files) return { kind: "files", globs: files, ...(only === undefined ? {} : { only }) };
  return { kind: "log", path: log ?? "", timestamps: timestamps ?? "none" };
}

function isDomain(key: string): key is Domain {
  return key in DOMAINS;
}
