import type { Intent, ServiceRef } from "../approval/intent.ts";
import type { SiteConfig } from "../config/config.ts";
import type { SurfaceName } from "../incident/person.ts";
import type { ActionView } from "../report/card.ts";
import { causeSentence } from "../report/cause-title.ts";

/** So many fit into one line of any platform. */
const MAX_APPROVERS = 10;

/** A restart that is offered or was answered, drawn from its stored row and nothing else. */
export function makeActionView(
  intent: Intent,
  { site, surface }: { readonly site: SiteConfig | undefined; readonly surface: SurfaceName },
): ActionView {
  const { identity, host, hostKey, service, argv, cause, why, risk, hint, verification } = intent;
  return {
    title: `Restart ${identity.id} on ${host}`,
    status: statusOf(intent),
    tone: toneOf(intent),
    facts: [
      { name: "why", value: `${causeSentence(cause)} Restart: ${why}` },
      { name: "runs", value: argv.join(" ") },
      { name: "host key", value: hostKey },
      ...(service.manager === "systemd" ? [] : [{ name: "managed by", value: managerOf(service) }]),
      ...(risk.takesAlong.length === 0 ? [] : [{ name: "takes along", value: risk.takesAlong.join(", ") }]),
      ...(risk.startsLeft === null ? [] : [{ name: "starts left", value: startsLeft(risk) }]),
      { name: "may approve", value: approversOf(site, surface) },
      ...intent.decisions.map(({ answer, person, at }) => ({
        name: answer === "approve" ? "approved by" : "denied by",
        value: `${person.name} (${person.id}) at ${clockOf(at)}`,
      })),
    ],
    checks: verification?.checks ?? [],
    ...(hint === undefined ? {} : { hint }),
  };
}

function statusOf(intent: Intent): string {
  const { state, approvalsNeeded, decisions, approveBy, outcome, verification } = intent;
  switch (state) {
    case "awaiting": {
      const given = decisions.filter(({ answer }) => answer === "approve").length;
      const of = approvalsNeeded > 1 ? ` (${given} of ${approvalsNeeded} approvals)` : "";
      return `waiting for approval until ${clockOf(approveBy)}${of}`;
    }
    case "approved":
      return "approved; checking once more, and can be denied until it is sent";
    case "sent":
      return "restarting";
    case "done":
      if (verification === undefined) return outcome ?? "restarted; being proven";
      if (verification.status === "running") return "restarted; being proven";
      return verification.status === "proven"
        ? "restarted and proven"
        : `NOT PROVEN. ${outcome ?? ""}`.trim();
    case "denied":
      return `denied. ${outcome ?? ""}`.trim();
    case "expired":
      return outcome ?? "nobody approved in time; nothing was done";
    case "superseded":
      return `cancelled: ${outcome ?? "things have changed"}`;
    case "refused":
      return `refused by the last check: ${outcome ?? "nothing was done"}`;
    case "not-done":
      return `not done: ${outcome ?? "it never arrived"}`;
    case "unknown":
      return `UNKNOWN whether it happened: ${outcome ?? "the host could not be asked"}`;
  }
}

function toneOf({ state, verification }: Intent): ActionView["tone"] {
  switch (state) {
    case "awaiting":
      return "asking";
    case "approved":
    case "sent":
      return "working";
    case "done":
      if (verification === undefined || verification.status === "running") return "working";
      return verification.status === "proven" ? "ok" : "bad";
    case "denied":
    case "expired":
    case "superseded":
    case "refused":
    case "not-done":
    case "unknown":
      return "bad";
  }
}

function startsLeft({ startsLeft: left, resetsBudget }: Intent["risk"]): string {
  return resetsBudget ? `${left}; the counter is reset first` : String(left);
}

function managerOf(service: ServiceRef): string {
  switch (service.manager) {
    case "systemd":
    case "docker":
    case "supervisor":
      return service.manager;
    case "pm2":
      return `pm2 of ${service.user}`;
    case "compose":
      return `compose project ${service.project}`;
  }
}

/** Those who can press here; people of other platforms decide in their own channel. A long list is cut here: where a line is cut off, nobody is asked. */
function approversOf(site: SiteConfig | undefined, surface: SurfaceName): string {
  const here = site?.approvers[surface] ?? [];
  if (here.length === 0) return "nobody here: see approvers in the config";
  const named = here.slice(0, MAX_APPROVERS).join(", ");
  const others = here.length - MAX_APPROVERS;
  return others > 0 ? `${named} and ${others} more` : named;
}

function clockOf(at: string): string {
  return `${at.slice(11, 16)} UTC`;
}
