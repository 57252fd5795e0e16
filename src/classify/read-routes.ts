import { BlockList, isIP, isIPv6 } from "node:net";
import { z } from "zod";
import type { CaseFile, HostCase } from "./case-file.ts";
import { parseJson } from "./parse-json.ts";

/** `ip -j route`. Source: iproute2 ip/iproute.c. Ordinary routes carry no type. */
const Routes = z.array(z.object({ type: z.string().optional(), dst: z.string() }));
const BARRED = new Set(["unreachable", "prohibit", "blackhole"]);

/** Routes that refuse instead of leading somewhere: left by ban scripts and VPNs. */
export function readBarredRoutes(
  text: string,
  options: { readonly host: string; readonly find: CaseFile["find"] },
): HostCase["barredRoutes"] {
  const parsed = Routes.safeParse(parseJson(text.slice(Math.max(0, text.indexOf("[")))));
  if (!parsed.success) return [];
  const { host, find } = options;
  return parsed.data
    .filter(({ type, dst }) => type !== undefined && BARRED.has(type) && dst !== "default")
    .map(({ type, dst }) => {
      const list = blockListOf(dst);
      return {
        covers: ({ hop }) => {
          const { address } = hop.member;
          const ips = address.kind === "unix" ? [] : [address.host, ...hop.resolved];
          return ips.some((ip) => isIP(ip) !== 0 && list.check(ip, isIPv6(ip) ? "ipv6" : "ipv4"));
        },
        finding: find({
          check: "routes",
          host,
          summary: `${host} has a route that forbids ${dst}.`,
          quote: `${type} ${dst}`,
        }),
      };
    });
}

function blockListOf(dst: string): BlockList {
  const list = new BlockList();
  const [ip = "", bits] = dst.split("/");
  const family = isIPv6(ip) ? "ipv6" : "ipv4";
  const most = family === "ipv6" ? 128 : 32;
  const prefix = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : most + 1;
  if (isIP(ip) !== 0 && prefix <= most) list.addSubnet(ip, prefix, family);
  return list;
}
