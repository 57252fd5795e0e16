import type { SiteConfig } from "../config/config.ts";
import type { Person, SurfaceName } from "../incident/person.ts";

/** Whether somebody may decide at all, by immutable ids alone. */
export function mayAnswer(
  person: Person,
  {
    approvers,
    groups,
  }: { readonly approvers: SiteConfig["approvers"]; readonly groups: ReadonlySet<string> },
):
  | { readonly may: true }
  | { readonly may: false; readonly why: "nobody-may" | "not-an-approver"; readonly told: string } {
  const listed = approvers[person.surface];
  if (listed.length === 0) {
    return { may: false, why: "nobody-may", told: nobodyMay(person.surface) };
  }
  if (listed.includes(person.id) || listed.some((id) => isGroup(person.surface, id) && groups.has(id))) {
    return { may: true };
  }
  return {
    may: false,
    why: "not-an-approver",
    told: `You (${person.id}) are not among those who may approve for this site. They are listed under approvers in the config.`,
  };
}

/** The groups and roles to ask the platform about. */
export function groupsOf(approvers: SiteConfig["approvers"], surface: SurfaceName): readonly string[] {
  return approvers[surface].filter((id) => isGroup(surface, id));
}

/** A Slack user group (`S…`) or a Discord role (`role:…`); anything else is one person. */
function isGroup(surface: SurfaceName, id: string): boolean {
  return (surface === "slack" && id.startsWith("S")) || (surface === "discord" && id.startsWith("role:"));
}

function nobodyMay(surface: SurfaceName): string {
  return `Nobody may approve here: the site has no approvers.${surface} in the config.`;
}
