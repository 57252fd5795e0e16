import type { Intent } from "../../src/approval/intent.ts";
import { isSettled } from "../../src/workflow/is-settled.ts";

/** What a host wrote down by itself. */
export interface HostRecord {
  /** Unit → its starts in order, by systemd's invocation; the first is the one before all restarts. */
  readonly starts: ReadonlyMap<string, readonly string[]>;
  /** Key → how often a restart with it arrived. */
  readonly arrivals: ReadonlyMap<string, number>;
}

/** Each is a list of sentences; all empty when the bot kept its word. */
export interface Verdict {
  /** A start that no restart of ours accounts for, or a command that arrived twice. */
  readonly doubles: readonly string[];
  /** Approved, and never brought to an end that says what happened. */
  readonly unresolved: readonly string[];
  /** The store says something that the host contradicts. */
  readonly wrongClaims: readonly string[];
  /** People were told that they approved, and the store does not know. */
  readonly lost: readonly string[];
}

/** Compares what the store claims with what the host wrote down. `acknowledged`: keys whose approval people were told about. */
export function judge(
  intents: readonly Intent[],
  given: { readonly record: HostRecord; readonly acknowledged: ReadonlySet<string> },
): Verdict {
  const { record, acknowledged } = given;
  const doubles: string[] = [];
  const wrongClaims: string[] = [];
  for (const [unit, starts] of record.starts) {
    const mine = intents.filter(({ identity }) => identity.id === unit);
    for (const [index, start] of starts.entries()) {
      const previous = starts[index - 1];
      if (previous === undefined) continue;
      const claimants = mine.filter((intent) => intent.identity.invocation === previous && saysDone(intent));
      const [first, second] = claimants;
      if (first === undefined) doubles.push(`${unit} started as ${start}, and no restart accounts for it`);
      else if (second !== undefined) wrongClaims.push(`${first.key} and ${second.key} claim one start`);
    }
    for (const intent of mine.filter(saysDone)) {
      const at = starts.indexOf(intent.identity.invocation);
      if (at < 0 || at === starts.length - 1) {
        wrongClaims.push(`${intent.key} is done, and ${unit} was not started after it`);
      }
    }
  }
  for (const intent of intents) {
    const arrived = record.arrivals.get(intent.key) ?? 0;
    if (arrived > 1) doubles.push(`${intent.key} arrived ${arrived} times`);
    if (arrived > 0 && neverSent(intent))
      wrongClaims.push(`${intent.key} is ${intent.state}, and it arrived`);
    if (arrived === 0 && saysDone(intent)) wrongClaims.push(`${intent.key} is done, and never arrived`);
  }
  const known = new Map(intents.map((intent) => [intent.key, intent]));
  return {
    doubles,
    wrongClaims,
    unresolved: intents.filter(isUnresolved).map(({ key, state }) => `${key} is ${state}`),
    lost: [...acknowledged].filter((key) => (known.get(key)?.decisions.length ?? 0) === 0),
  };
}

function saysDone({ state }: Intent): boolean {
  return state === "done";
}

function neverSent({ state }: Intent): boolean {
  return ["awaiting", "approved", "denied", "expired", "superseded"].includes(state);
}

/** The host was reachable all the time: “unknown” is no answer then. */
function isUnresolved(intent: Intent): boolean {
  return intent.state === "unknown" || (intent.state !== "awaiting" && !isSettled(intent));
}
