import type { Incident, Post } from "../incident/incident.ts";
import type { PostedMessage } from "./surface.ts";

/** A message that shows an incident's card. */
interface StandingCard {
  readonly post: Post;
  readonly message: PostedMessage;
}

/** What stands of open incidents: enough to draw it anew without a row being read. */
export interface StandingCards {
  of(incident: number): readonly Post[];
  find(post: Pick<Post, "id" | "incident">): StandingCard | undefined;
  /** Forgotten once its incident is closed. */
  remember(shown: StandingCard, incident: Incident): void;
  forget(post: Pick<Post, "id" | "incident">): void;
  /** Looks are drawn there unclaimed: that may come after what another replica drew, and stands until it is drawn over. */
  drawn(post: Pick<Post, "id">): void;
  drawnOver(post: Pick<Post, "id">): void;
  isDrawn(post: Pick<Post, "id">): boolean;
}

export function createStandingCards(): StandingCards {
  const standing = new Map<number, Map<number, StandingCard>>();
  const drawn = new Set<number>();
  return {
    of: (incident) => [...(standing.get(incident)?.values() ?? [])].map(({ post }) => post),
    find: ({ id, incident }) => standing.get(incident)?.get(id),
    remember(shown, { number, state }) {
      if (state === "closed") {
        standing.delete(number);
        return;
      }
      const known = standing.get(number) ?? new Map<number, StandingCard>();
      standing.set(number, known.set(shown.post.id, shown));
    },
    forget({ id, incident }) {
      standing.get(incident)?.delete(id);
      drawn.delete(id);
    },
    drawn({ id }) {
      drawn.add(id);
    },
    drawnOver({ id }) {
      drawn.delete(id);
    },
    isDrawn: ({ id }) => drawn.has(id),
  };
}
