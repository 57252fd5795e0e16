import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Post } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Place } from "../incident/person.ts";
import type { LoadView } from "./load-view.ts";
import type { Log } from "./log.ts";
import { createPostWriter } from "./post-writer.ts";
import { createProgressPace } from "./progress-pace.ts";
import type { SiteBook } from "./site-book.ts";
import type { Surface } from "./surface.ts";

/** What a row says is news: it may be so many edits ahead of its message's pace. How far looks are may not. */
const EDITS_AHEAD = 2;
const TAKEN_UP = { state: "open", limit: 10_000 } as const;

/** Brings every message of an incident up to its state. What people see is drawn from rows: nothing is lost by a crash, only later. */
export interface Publisher {
  /**
   * Something about this incident changed; returns at once. `wanted`: somebody asked there, so a message that is gone, or turns out to be,
   * gives way to a new one.
   */
  touch(incident: number, wanted?: Post): void;
  /** Its looks went on, and its row is the same: it is drawn anew where it stands, and nothing is read or written for that. */
  progressed(incident: number): void;
  /** Whatever is behind, after a start or an outage. */
  touchAllDue(): Promise<void>;
  /** Resolves when nothing is being written. */
  stop(): Promise<void>;
}

interface Writing {
  isDirty: boolean;
  /** The row changed, not only how far its looks are. */
  isRowDirty: boolean;
  running: Promise<void> | undefined;
  /** When the next edit is in its pace, epoch ms. */
  dueAt: number;
  /** Ends the wait for it: there is news. */
  hurry: () => void;
}

export function createPublisher(deps: {
  readonly incidents: Incidents;
  readonly diagnoses: Diagnoses;
  readonly sites: SiteBook;
  readonly surfaces: readonly Surface[];
  readonly loadView: LoadView;
  readonly log: Log;
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Names this process among its replicas. */
  readonly holder: string;
}): Publisher {
  const { incidents, sites, surfaces, log, now, sleep } = deps;
  const writings = new Map<number, Writing>();
  const opening = new Map<number, Promise<void>>();
  const again = new Set<number>();
  /** Of a time when a surface could not say yet where it is: shown there once it can, even if they are closed by then. */
  const unplaced = new Set<number>();
  let isTakenUp = false;
  const stopping = new AbortController();
  const pace = createProgressPace({ now });
  const writer = createPostWriter({
    ...deps,
    onReplaced: (anew) => write(anew, { isRowDirty: true }),
    onPutOff: (surface, ms) => pace.putOff(surface, ms),
  });

  /** One loop a post: edits that come while it writes or waits become one. */
  function write(post: Post, { isRowDirty }: { readonly isRowDirty: boolean }): void {
    let writing = writings.get(post.id);
    if (writing === undefined) {
      writing = { isDirty: false, isRowDirty: false, running: undefined, dueAt: 0, hurry: () => undefined };
      writings.set(post.id, writing);
    }
    writing.isDirty = true;
    writing.isRowDirty ||= isRowDirty;
    if (isRowDirty) writing.hurry();
    writing.running ??= writeUntilClean(post, writing).finally(() => {
      if (writing) writing.running = undefined;
      if (!stopping.signal.aborted && writing?.isDirty) write(post, { isRowDirty: false });
    });
  }

  async function writeUntilClean(post: Post, writing: Writing): Promise<void> {
    const surface = surfaces.find(({ name }) => name === post.place.surface);
    if (surface === undefined) {
      writing.isDirty = false;
      return;
    }
    while (writing.isDirty && !stopping.signal.aborted) {
      await waitForPace(writing, surface);
      const { isRowDirty } = writing;
      writing.isDirty = false;
      writing.isRowDirty = false;
      const onEdit = () => {
        writing.dueAt = Math.max(writing.dueAt, now()) + surface.editEveryMs;
      };
      if (!isRowDirty) {
        await writer.drawProgress(post, { surface, onEdit });
        continue;
      }
      const retryMs = await writer.write(post, { surface, onEdit });
      if (retryMs === undefined) continue;
      await sleep(retryMs, stopping.signal);
      writing.isDirty = true;
      writing.isRowDirty = true;
    }
  }

  async function waitForPace(writing: Writing, surface: Surface): Promise<void> {
    if (!writing.isRowDirty) {
      const hurried = new AbortController();
      writing.hurry = () => hurried.abort();
      const at = pace.reserve(surface);
      await sleepUntil(Math.max(writing.dueAt, at), hurried.signal);
      if (writing.isRowDirty) pace.giveBack(surface, at);
    }
    if (writing.isRowDirty) {
      await sleepUntil(writing.dueAt - EDITS_AHEAD * surface.editEveryMs, stopping.signal);
    }
  }

  async function sleepUntil(at: number, signal: AbortSignal): Promise<void> {
    const waitMs = at - now();
    if (waitMs > 0) await sleep(waitMs, signal);
  }

  async function open(number: number): Promise<void> {
    const incident = await incidents.find(number);
    if (incident === undefined) return;
    let posts = await incidents.posts(number);
    const wasUnplaced = unplaced.delete(number);
    if (!areAllPlaced()) unplaced.add(number);
    const missing =
      incident.state === "open" || wasUnplaced
        ? sites.placesOf(incident.site, surfaces).filter((place) => !posts.some((post) => isAt(post, place)))
        : [];
    for (const place of missing) posts = [...posts, await incidents.ensurePost(number, place)];
    for (const post of posts) write(post, { isRowDirty: true });
  }

  function areAllPlaced(): boolean {
    return surfaces.every((surface) => surface.workspace() !== undefined);
  }

  /** Looks report often: what comes while posts are being found is seen by the next round. */
  function touch(number: number, asked?: Post): void {
    if (stopping.signal.aborted) return;
    if (asked !== undefined) writer.want(asked);
    if (opening.has(number)) {
      again.add(number);
      return;
    }
    const opened = open(number)
      .catch((error: unknown) =>
        log.error({ incident: number, reason: String(error) }, "messages are behind"),
      )
      .finally(() => {
        opening.delete(number);
        if (again.delete(number)) touch(number);
      });
    opening.set(number, opened);
  }

  return {
    touch,
    progressed(number) {
      if (stopping.signal.aborted) return;
      for (const post of writer.standing(number)) write(post, { isRowDirty: false });
    },
    async touchAllDue() {
      for (const [id, { running, dueAt }] of writings) {
        if (running === undefined && dueAt <= now()) writings.delete(id);
      }
      if (!isTakenUp) {
        for (const { number } of await incidents.list(TAKEN_UP)) unplaced.add(number);
        isTakenUp = true;
      }
      if (areAllPlaced()) for (const number of unplaced) touch(number);
      for (const number of await incidents.incidentsWithDuePosts()) touch(number);
    },
    async stop() {
      stopping.abort();
      for (const { hurry } of writings.values()) hurry();
      await Promise.allSettled([
        ...opening.values(),
        ...[...writings.values()].map(({ running }) => running),
      ]);
    },
  };
}

function isAt({ place }: Post, { surface, workspace, channel }: Place): boolean {
  return place.surface === surface && place.workspace === workspace && place.channel === channel;
}
