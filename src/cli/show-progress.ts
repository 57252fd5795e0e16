import type { OnProgress } from "../collect/progress.ts";
import { addProgress, NO_PROGRESS, type ProgressState } from "../report/progress-state.ts";
import type { Output } from "./output.ts";
import { renderProgress, sayEvent } from "./render-progress.ts";

const REDRAW_MS = 120;

/** Somewhere for progress to go until it is closed. */
export interface ProgressDisplay {
  readonly onProgress: OnProgress;
  /** Leaves the screen as it was. */
  readonly close: () => void;
}

/** On a terminal: a few lines that are redrawn, and gone at the end. `verbose`: one lasting line an event. Else nothing. */
export async function showProgress({
  stderr,
  verbose,
}: {
  readonly stderr: Output;
  readonly verbose: boolean;
}): Promise<ProgressDisplay> {
  if (verbose) return { onProgress: (event) => stderr.write(`${sayEvent(event)}\n`), close: () => {} };
  if (!stderr.terminal.isTerminal) return { onProgress: () => {}, close: () => {} };

  const { createLogUpdate } = await import("log-update");
  const draw = createLogUpdate(stderr.stream, { defaultWidth: stderr.terminal.width });
  let state: ProgressState = NO_PROGRESS;
  const redraw = () => draw(renderProgress(state, stderr.terminal, Date.now()));
  const timer = setInterval(redraw, REDRAW_MS);
  timer.unref();
  return {
    onProgress: (event) => {
      state = addProgress(state, event, Date.now());
    },
    close: () => {
      clearInterval(timer);
      draw.clear();
      draw.done();
    },
  };
}
