import type { Evidence, HostVisit } from "../collect/evidence.ts";
import { compileSignatures, type SignatureMatcher } from "../playbook/match-signatures.ts";
import type { Playbook, Signature } from "../playbook/playbook.ts";
import type { ProbeResult } from "../playbook/probe-result.ts";
import { journalGrammar, plainGrammar, splitJournalLine } from "../topology/log-grammars.ts";
import type { LogClock, LogGrammar } from "../topology/parser.ts";
import { parserOf } from "../topology/parsers.ts";
import { present } from "../topology/present.ts";
import type { LogHit } from "./case-file.ts";
import { shift } from "./read-access.ts";

/** The clock of one host as logs need it, and how far it is from ours. */
export interface HostClock extends LogClock {
  readonly skewMs: number;
  readonly startedAtMs: number;
}

export function clockOf(visit: HostVisit | undefined, evidence: Evidence): HostClock {
  const skewMs = visit?.clockSkewMs ?? 0;
  const startedAtMs = Date.parse(evidence.startedAt);
  return {
    utcOffsetMinutes: visit?.utcOffsetMinutes ?? 0,
    nowMs: startedAtMs + skewMs,
    // below a second it is the measurement, not the clock
    skewMs: Math.abs(skewMs) < 1000 ? 0 : skewMs,
    startedAtMs,
  };
}

/** Reads recognised lines out of one log look. */
export interface LogReader {
  read(result: ProbeResult, source: LogSource): readonly LogHit[];
}

/** What a log look holds: whose messages, and how its lines are built. */
interface LogSource {
  /** Playbooks whose own messages may stand there. */
  readonly own: readonly Playbook[];
  /** `journal`: lines of journalctl -o short-unix; `file`: the product's own lines. */
  readonly form: "journal" | "file";
  /** Whose line form it is, when that is none of `own`. */
  readonly grammarOf?: Playbook;
  readonly check: string;
  readonly unit?: string;
  /** True for logs of an application, where messages about what it depends on stand too. */
  readonly isApplication: boolean;
}

/** A reader that compiles each set of signatures once. */
export function createLogReader(options: {
  readonly playbooks: readonly Playbook[];
  readonly evidence: Evidence;
}): LogReader {
  const { playbooks, evidence } = options;
  const compiled = new Map<string, SignatureMatcher<Signature>>();

  function matcherFor(source: LogSource): SignatureMatcher<Signature> {
    const key = `${source.own.map(({ id }) => id).join()} ${source.isApplication}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const signatures = playbooks.flatMap((playbook) => {
      const isOwn = playbook.role === "host" || source.own.includes(playbook);
      return playbook.signatures.filter((signature) =>
        signature.in === "own" ? isOwn : source.isApplication,
      );
    });
    const made = compileSignatures(signatures);
    compiled.set(key, made);
    return made;
  }

  return {
    read(result, source) {
      const matcher = matcherFor(source);
      const clock = clockOf(
        evidence.visits.find(({ host }) => host === result.host),
        evidence,
      );
      const writers = source.grammarOf === undefined ? source.own : [source.grammarOf];
      const product = writers
        .map((writer) => parserOf(writer)?.errorLog)
        .find((grammar) => grammar !== undefined);
      const grammar = source.form === "journal" ? insideJournal(product) : (product ?? plainGrammar);
      return matcher.scan(result.output, grammar).flatMap(({ signature, hits }) =>
        hits.map(({ line, holes }) => {
          const details = grammar.details(line, clock);
          const journal = source.form === "journal" ? splitJournalLine(line) : undefined;
          const unit = journal?.ident === "systemd" ? (holes.unit ?? source.unit) : source.unit;
          const at = details.at === undefined ? undefined : shift(details.at, clock.skewMs);
          return present({
            signal: signature.signal,
            holes,
            line: journal === undefined ? line : journal.message,
            at,
            ageSeconds: at === undefined ? undefined : (clock.startedAtMs - Date.parse(at)) / 1000,
            details,
            host: result.host,
            check: source.check,
            unit,
          });
        }),
      );
    },
  };
}

/** A journal line carries the product's own line as its message; where it does, the signature starts inside that. */
function insideJournal(product: LogGrammar | undefined): LogGrammar {
  if (product === undefined) return journalGrammar;
  return {
    messageStart(text, start, end) {
      const outer = journalGrammar.messageStart(text, start, end);
      if (outer < 0) return outer;
      const inner = product.messageStart(text, outer, end);
      return inner < 0 ? outer : inner;
    },
    details(line, clock) {
      const outer = journalGrammar.details(line, clock);
      const inner = product.details(splitJournalLine(line)?.message ?? line, clock);
      return { ...inner, ...outer };
    },
  };
}
