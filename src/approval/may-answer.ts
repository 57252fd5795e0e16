import type { SiteConfig } from "../config/config.ts";
import type { Person, SurfaceName } from "../incident/person.ts";

/** Which groups and roles of a site's approvers a person is in right now. */
export interface Membership {
  readonly groups: ReadonlySet<string>;
  /** Those the platform did not tell about, and its words: they count as no. */
  readonly unread: readonly { readonly group: string; readonly reason: string }[];
}

/** Whether somebody may decide at all, by immutable ids alone. */
export function mayAnswer(
  person: Person,
  { approvers, groups, unread }: Membership & { readonly approvers: SiteConfig["approvers"] },
):
  | { readonly may: true }
  | {
      readonly may: false;
      readonly why: "nobody-may" | "group-not-read" | "not-an-approver";
      readonly told: string;
    } {
  const listed = approvers[person.surface];
  if (listed.length === 0) {
    return { may: false, why: "nobody-may", told: nobodyMay(person.surface) };
  }
  if (listed.includes(person.id) || listed.some((id) => isGroup(person.surface, id) && groups.has(id))) {
    return { may: true };
  }
  if (unread.length > 0) {
    return { may: false, why: "group-not-read", told: notRead(person, { unread, listed }) };
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

/** Nothing is wrong with the config, or nobody knows yet. */
function notRead(
  { id, surface }: Person,
  { unread, listed }: { readonly unread: Membership["unread"]; readonly listed: readonly string[] },
): string {
  const groups = unread.map(({ group }) => group).join(" or ");
  const reasons = [...new Set(unread.map(({ reason }) => reason.replace(/[^.!?]$/, "$&.")))].join(" ");
  const isAnybodyNamed = listed.some((one) => !isGroup(surface, one));
  const others = isAnybodyNamed ? " Whoever is listed by name can decide meanwhile." : "";
  return `Whether you (${id}) are in ${groups} could not be read, so this did not count. ${reasons} Press again in a moment.${others}`;
}

function nobodyMay(surface: SurfaceName): string {
  return `Nobody may approve here: the site has no approvers.${surface} in the config.`;
}
