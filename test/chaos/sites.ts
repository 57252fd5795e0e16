import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import type { SiteBook } from "../../src/workflow/site-book.ts";
import { LOGIN } from "../lab/base-layer.ts";
import type { BotOrders } from "./bot-orders.ts";

/** Who may approve everything. */
export const APPROVER = "approver";
const NAME = "site-";

export function unitOf(number: number): string {
  return `app@${number}.service`;
}

export function siteOf(number: number): string {
  return `${NAME}${number}`;
}

export function numberOf(site: string): number {
  return Number(site.slice(NAME.length));
}

/** One site a unit. Each calls the host by a name of its own, so that the restarts of one machine need not wait for each other. */
export function makeSiteBook(orders: BotOrders): SiteBook {
  const names = orders.units.map(siteOf);
  const { host } = orders;
  const how: HostAccess["how"] =
    host.kind === "stand-in"
      ? { kind: "local" }
      : {
          kind: "ssh",
          address: host.address,
          port: 22,
          user: LOGIN,
          identityFiles: [host.identityFile],
          knownHostsFiles: [host.knownHostsFile],
        };
  const urlOf = (site: string) => `https://${site}.example.com/`;
  return {
    names,
    find: (name) =>
      names.includes(name)
        ? {
            name,
            url: urlOf(name),
            proxies: ["edge-1"],
            upstreams: [name],
            dependencies: [],
            approvers: { slack: [], discord: [], console: [APPROVER] },
            approval: { selfApproval: false, approvals: 1, expireAfterMs: 60 * 60_000 },
            restart: { resetStartBudget: false, coolDownMs: 0, soakMs: 0 },
            channel: {},
          }
        : undefined,
    requestOf: async (name) => ({
      site: name,
      url: urlOf(name),
      proxies: [{ name: "edge-1", how: { kind: "local" } }],
      upstreams: [{ name, how }],
      dependencies: [],
      pinnedAddresses: [],
    }),
    placesOf: (_site, surfaces) =>
      surfaces.map(({ name }) => ({ surface: name, workspace: "local", channel: "console" })),
  };
}
