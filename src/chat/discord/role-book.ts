import { RESTJSONErrorCodes } from "discord.js";
import { hasCode } from "./surface-errors.ts";

/** A role that was taken away counts no longer than this. */
const REMEMBERED_MS = 30_000;
const MAX_REMEMBERED = 1000;

/** Which roles people have right now. */
export interface RoleBook {
  /** What a verified payload says. */
  learn(person: string, roles: readonly string[]): void;
  /** @throws when Discord cannot be asked. */
  has(person: string, role: string): Promise<boolean>;
}

export function createRoleBook(deps: {
  readonly fetchRoles: (person: string) => Promise<readonly string[]>;
  /** Epoch ms. */
  readonly now: () => number;
}): RoleBook {
  const known = new Map<string, { readonly roles: readonly string[]; readonly at: number }>();

  function learn(person: string, roles: readonly string[]): void {
    known.delete(person);
    known.set(person, { roles, at: deps.now() });
    const [oldest] = known.keys();
    if (known.size > MAX_REMEMBERED && oldest !== undefined) known.delete(oldest);
  }

  return {
    learn,
    async has(person, role) {
      const remembered = known.get(person);
      if (remembered !== undefined && deps.now() - remembered.at <= REMEMBERED_MS) {
        return remembered.roles.includes(role);
      }
      try {
        const roles = await deps.fetchRoles(person);
        learn(person, roles);
        return roles.includes(role);
      } catch (error) {
        // who has left the guild has no role in it
        if (hasCode(error, RESTJSONErrorCodes.UnknownMember)) return false;
        throw error;
      }
    },
  };
}
