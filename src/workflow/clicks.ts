import type { Intent } from "../approval/intent.ts";
import { groupsOf } from "../approval/may-answer.ts";
import type { SiteConfig } from "../config/config.ts";
import type { AuditLog } from "../incident/audit.ts";
import type { Person } from "../incident/person.ts";
import type { Log } from "./log.ts";
import type { Surface } from "./surface.ts";

/** What every click that decides something needs. */
export interface Clicks {
  /** Groups and roles of these approvers that the person is in: asked at the time of the click, and a platform that cannot say counts as no. */
  groupsOf(person: Person, approvers: SiteConfig["approvers"]): Promise<ReadonlySet<string>>;
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
    async groupsOf(person, approvers) {
      const surface = surfaces.find(({ name }) => name === person.surface);
      if (surface === undefined) return new Set();
      const asked = await Promise.all(
        groupsOf(approvers, person.surface).map(async (group) => {
          try {
            return (await surface.isMember(group, person)) ? [group] : [];
          } catch (error) {
            log.warn({ surface: surface.name, group, reason: String(error) }, "a group could not be read");
            return [];
          }
        }),
      );
      return new Set(asked.flat());
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
