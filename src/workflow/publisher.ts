import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Post } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { Place } from "../incident/person.ts";
import type { LoadView } from "./load-view.ts";
import type { Log } from "./log.ts";
import { type IncidentView, makeCard } from "./make-card.ts";
import { makeThreadNote } from "./make-thread-note.ts";
import { createProgressPace } from "./progress-pace.ts";
import type { SiteBook } from "./site-book.ts";
import { type PostedMessage, type Surface, SurfaceError } from "./surface.ts";

/** How long one replica may be busy with one post before another takes it over. */
const HOLD_MS = 30_000;
const RETRY_OTHER_REPLICA_MS = 2000;
const RETRY_AFTER_ERROR_MS = 5000;
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

interface Standing {
  readonly post: Post;
  readonly message: PostedMessage;
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
  const { incidents, sites, surfaces, loadView, log, now, sleep, holder } = deps;
  const writings = new Map<number, Writing>();
  const opening = new Map<number, Promise<void>>();
  const again = new Set<number>();
  /** Of a time when a surface could not say yet where it is: shown there once it can, even if they are closed by then. */
  const unplaced = new Set<number>();
  let isTakenUp = false;
  /** What stands of open incidents: enough to draw it anew. */
  const standing = new Map<number, Map<number, Standing>>();
  const stopping = new AbortController();
  /** Ids of posts that somebody asked for and that are not shown yet. */
  const wanted = new Set<number>();
  /** Of posts whose thread is being filled: the last note that was there before the card. */
  const olderNotes = new Map<number, number>();
  /** Ids of posts on which looks were drawn unclaimed: that may have come after what another replica drew, and stands until it is drawn over. */
  const drawn = new Set<number>();
  const pace = createProgressPace({ now });

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
        await drawOnce(post, surface, onEdit);
        continue;
      }
      const retryMs = await writeOnce(post, surface, onEdit);
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

  /** How far the looks are, where the card stands already: no row knows of it, and none is written. What fails is dropped: more comes. Never throws. */
  async function drawOnce({ id, incident }: Post, surface: Surface, onEdit: () => void): Promise<void> {
    const message = standing.get(incident)?.get(id)?.message;
    if (message === undefined) return;
    try {
      const view = await loadView(incident);
      const post = standing.get(incident)?.get(id)?.post;
      if (view?.progress === undefined || post === undefined) return;
      drawn.add(id);
      await surface.update(post.place, message, makeCard(view, surface.name));
      onEdit();
    } catch (error) {
      if (!(error instanceof SurfaceError)) return;
      if (error.kind === "later") pace.putOff(surface, error.retryAfterMs);
      // whoever writes its end says so
      else forget(id, incident);
    }
  }

  /** Undefined when it is done; else when to try again. Never throws. */
  async function writeOnce(post: Post, surface: Surface, onEdit: () => void): Promise<number | undefined> {
    const { id, incident } = post;
    const isWanted = wanted.has(id);
    let hasStood = false;
    try {
      const claim = await incidents.claimPost(id, holder, HOLD_MS);
      if (claim.kind === "held") return RETRY_OTHER_REPLICA_MS;
      if (claim.kind === "gone") {
        await replace(post);
        return undefined;
      }
      hasStood = claim.post.messageId !== undefined;
      const view = await loadView(incident);
      const shown = view === undefined ? {} : await show(claim.post, view, { surface, onEdit });
      await incidents.savePost(id, holder, { ...shown, release: true });
      if (isWanted) wanted.delete(id);
      return undefined;
    } catch (error) {
      const isGone = error instanceof SurfaceError && error.kind === "gone";
      const fields = { surface: surface.name, incident, reason: String(error) };
      log.warn(fields, isGone ? "a message can no longer be shown" : "a message could not be shown yet");
      await incidents
        .savePost(id, holder, { release: true, ...(isGone ? { gone: true } : {}) })
        .catch(() => undefined);
      if (isGone) {
        forget(id, incident);
        // where nothing could be posted just now, nothing can be
        if (!hasStood) wanted.delete(id);
        return wanted.has(id) ? 0 : undefined;
      }
      return error instanceof SurfaceError ? error.retryAfterMs : RETRY_AFTER_ERROR_MS;
    }
  }

  /** Gives what is left to be saved. */
  async function show(
    post: Post,
    view: IncidentView,
    { surface, onEdit }: { readonly surface: Surface; readonly onEdit: () => void },
  ): Promise<{ readonly shownVersion: number }> {
    const { incident } = view;
    const card = makeCard(view, surface.name);
    const shownVersion = incident.version;
    let message = messageOf(post);
    const isNew = message === undefined;
    if (message === undefined) {
      message = await surface.post(post.place, card, `${incident.number}-${post.id}`);
      await incidents.savePost(post.id, holder, { ...message, shownVersion });
    } else if (post.shownVersion !== shownVersion || view.progress !== undefined || isOwed(post)) {
      await surface.update(post.place, message, card);
      drawn.delete(post.id);
      onEdit();
    }
    remember({ post, message }, incident);
    const notes = await incidents.notes(incident.number, { after: post.notesShown });
    if (isNew) olderNotes.set(post.id, notes.at(-1)?.seq ?? 0);
    for (const note of notes) {
      // a card that comes late is news enough itself
      const loud = note.loud && note.seq > (olderNotes.get(post.id) ?? 0);
      const said = await makeThreadNote(incident.number, { ...note, loud }, deps);
      await surface.reply(post.place, message, said);
      await incidents.savePost(post.id, holder, { notesShown: note.seq });
    }
    olderNotes.delete(post.id);
    return { shownVersion };
  }

  function isOwed({ id }: Post): boolean {
    return wanted.has(id) || drawn.has(id);
  }

  function remember(shown: Standing, { number, state }: IncidentView["incident"]): void {
    if (state === "closed") {
      standing.delete(number);
      return;
    }
    const known = standing.get(number) ?? new Map<number, Standing>();
    standing.set(number, known.set(shown.post.id, shown));
  }

  function forget(post: number, incident: number): void {
    standing.get(incident)?.delete(post);
    drawn.delete(post);
  }

  /** A post that is gone, by a new one: only where somebody asks. */
  async function replace({ id, incident, place }: Post): Promise<void> {
    forget(id, incident);
    if (!wanted.has(id)) return;
    const anew = await incidents.ensurePost(incident, place, { anew: true });
    wanted.delete(id);
    write(anew, { isRowDirty: true });
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
    if (asked !== undefined) wanted.add(asked.id);
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
      for (const { post } of standing.get(number)?.values() ?? []) write(post, { isRowDirty: false });
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

function messageOf({ messageId, threadId }: Post): PostedMessage | undefined {
  return messageId === undefined ? undefined : { messageId, threadId: threadId ?? messageId };
}
