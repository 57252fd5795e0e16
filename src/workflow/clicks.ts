import type { Intent } from "../approval/intent.ts";
import { groupsOf, type Membership } from "../approval/may-answer.ts";
import type { SiteConfig } from "../config/config.ts";
import type { AuditLog } from "../incident/audit.ts";
import type { Person } from "../incident/person.ts";
import type { Log } from "./log.ts";
import type { Surface } from "./surface.ts";

/** What every click that decides something needs. */
export interface Clicks {
  /** Groups and roles of these approvers that the person is in, and those of which the platform cannot say: asked at the time of the click. */
  membershipOf(person: Person, approvers: SiteConfig["approvers"]): Promise<Membership>;
  /** Puts on record that a click did not count. */
  refuse(person: Person, why: string, intent?: Intent): Promise<void>;
}

export function createClicks(deps: {
  readonly audit: AuditLog;
  readonly surfaces: readonly Surface[];
  readonly log: Log;
}): Clicks {
  const { audit, surfaces, log } = deps;
  return {
    async membershipOf(person, approvers) {
      const groups = new Set<string>();
      const unread: Membership["unread"][number][] = [];
      const surface = surfaces.find(({ name }) => name === person.surface);
      const asked = surface === undefined ? [] : groupsOf(approvers, surface.name);
      await Promise.all(
        asked.map(async (group) => {
          try {
            if (await surface?.isMember(group, person)) groups.add(group);
          } catch (error) {
            log.warn({ surface: person.surface, group, reason: String(error) }, "a group could not be read");
            unread.push({ group, reason: error instanceof Error ? error.message : String(error) });
          }
        }),
      );
      return { groups, unread };
    },
    async refuse(person, why, intent) {
      await audit.append({
        kind: "click-refused",
        actor: { kind: "person", person },
        ...(intent === undefined ? {} : { incident: intent.incident, intent: intent.key }),
        text: `A click of ${person.name} (${person.id}) did not count: ${why}.`,
      });
    },
  };
}

/** Of a site that is gone from the config. */
export const NOBODY: SiteConfig["approvers"] = { slack: [], discord: [], console: [] };
