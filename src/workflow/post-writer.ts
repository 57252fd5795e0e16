import type { Diagnoses } from "../classify/diagnoses.ts";
import type { Post } from "../incident/incident.ts";
import type { Incidents } from "../incident/incidents.ts";
import type { LoadView } from "./load-view.ts";
import type { Log } from "./log.ts";
import { type IncidentView, makeCard } from "./make-card.ts";
import { makeThreadNote } from "./make-thread-note.ts";
import { createStandingCards } from "./standing-cards.ts";
import { type PostedMessage, type Surface, SurfaceError } from "./surface.ts";

/** How long one replica may be busy with one post before another takes it over. */
const HOLD_MS = 30_000;
const RETRY_OTHER_REPLICA_MS = 2000;
const RETRY_AFTER_ERROR_MS = 5000;

/** Where a post is shown. `onEdit`: after each edit, because a message has a pace. */
interface Canvas {
  readonly surface: Surface;
  readonly onEdit: () => void;
}

/** Brings one post at a time up to date: its card, and what its thread has missed. */
export interface PostWriter {
  /** Somebody asked there: a message that is gone, or turns out to be, gives way to a new one. */
  want(post: Post): void;
  /** Posts of an open incident whose message stands, as this process knows. */
  standing(incident: number): readonly Post[];
  /** All that its rows say. Undefined when it is done; else when to try again. Never throws. */
  write(post: Post, canvas: Canvas): Promise<number | undefined>;
  /** How far the looks are, where the card stands already: no row knows of it, and none is written. What fails is dropped: more comes. Never throws. */
  drawProgress(post: Post, canvas: Canvas): Promise<void>;
}

export function createPostWriter(deps: {
  readonly incidents: Incidents;
  readonly diagnoses: Diagnoses;
  readonly loadView: LoadView;
  readonly log: Log;
  /** Names this process among its replicas. */
  readonly holder: string;
  /** A message is gone, and this is to be shown in its place. */
  readonly onReplaced: (anew: Post) => void;
  /** The platform takes no mere progress for so long. */
  readonly onPutOff: (surface: Surface, ms: number) => void;
}): PostWriter {
  const { incidents, loadView, log, holder, onReplaced, onPutOff } = deps;
  const cards = createStandingCards();
  /** Ids of posts that somebody asked for and that are not shown yet. */
  const wanted = new Set<number>();
  /** Of posts whose thread is being filled: the last note that was there before the card. */
  const olderNotes = new Map<number, number>();

  /** Gives what is left to be saved. */
  async function show(
    post: Post,
    view: IncidentView,
    { surface, onEdit }: Canvas,
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
      cards.drawnOver(post);
      onEdit();
    }
    cards.remember({ post, message }, incident);
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

  function isOwed(post: Post): boolean {
    return wanted.has(post.id) || cards.isDrawn(post);
  }

  /** A post that is gone, by a new one: only where somebody asks. */
  async function replace(post: Post): Promise<void> {
    const { id, incident, place } = post;
    cards.forget(post);
    if (!wanted.has(id)) return;
    const anew = await incidents.ensurePost(incident, place, { anew: true });
    wanted.delete(id);
    onReplaced(anew);
  }

  return {
    want({ id }) {
      wanted.add(id);
    },
    standing: (incident) => cards.of(incident),

    async write(post, canvas) {
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
        const shown = view === undefined ? {} : await show(claim.post, view, canvas);
        await incidents.savePost(id, holder, { ...shown, release: true });
        if (isWanted) wanted.delete(id);
        return undefined;
      } catch (error) {
        const isGone = error instanceof SurfaceError && error.kind === "gone";
        const fields = { surface: canvas.surface.name, incident, reason: String(error) };
        log.warn(fields, isGone ? "a message can no longer be shown" : "a message could not be shown yet");
        await incidents
          .savePost(id, holder, { release: true, ...(isGone ? { gone: true } : {}) })
          .catch(() => undefined);
        if (isGone) {
          cards.forget(post);
          // where nothing could be posted just now, nothing can be
          if (!hasStood) wanted.delete(id);
          return wanted.has(id) ? 0 : undefined;
        }
        return error instanceof SurfaceError ? error.retryAfterMs : RETRY_AFTER_ERROR_MS;
      }
    },

    async drawProgress(asked, { surface, onEdit }) {
      const message = cards.find(asked)?.message;
      if (message === undefined) return;
      try {
        const view = await loadView(asked.incident);
        const post = cards.find(asked)?.post;
        if (view?.progress === undefined || post === undefined) return;
        cards.drawn(post);
        await surface.update(post.place, message, makeCard(view, surface.name));
        onEdit();
      } catch (error) {
        if (!(error instanceof SurfaceError)) return;
        if (error.kind === "later") onPutOff(surface, error.retryAfterMs);
        // whoever writes its end says so
        else cards.forget(asked);
      }
    },
  };
}

function messageOf({ messageId, threadId }: Post): PostedMessage | undefined {
  return messageId === undefined ? undefined : { messageId, threadId: threadId ?? messageId };
}
