/** What the engine's workers ask of a backend, once for each free slot at each of their rounds. */
interface Claimable<Request, Run> {
  claimWorkflowRun(request: Request): Promise<Run | null>;
}

/**
 * Has claims follow each other, and answers those that were waiting when there was nothing to claim without asking: a lane with fifty free slots
 * then costs one question a round, not fifty.
 */
export function claimInTurn<Request, Run, Backend extends Claimable<Request, Run>>(
  backend: Backend & Claimable<Request, Run>,
): Backend {
  const claim = backend.claimWorkflowRun.bind(backend);
  let asked = 0;
  /** Whoever asked up to here asked before it was seen that there is nothing. */
  let nothingFor = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function claimUnlessNothing(request: Request, turn: number): Promise<Run | null> {
    if (turn <= nothingFor) return null;
    const askedBefore = asked;
    const run = await claim(request);
    if (run === null) nothingFor = askedBefore;
    return run;
  }

  return Object.assign(backend, {
    claimWorkflowRun(request: Request): Promise<Run | null> {
      asked++;
      const turn = asked;
      const claiming = last.then(() => claimUnlessNothing(request, turn));
      last = claiming.catch(() => undefined);
      return claiming;
    },
  });
}
