import { fileURLToPath } from "node:url";
import type { DiagnosisRequest, HostAccess } from "../../src/intake/diagnosis-request.ts";
import { loadPlaybooks } from "../../src/playbook/load-playbooks.ts";
import type { ProbeOutcome, ProbeResult } from "../../src/playbook/probe-result.ts";

/** The playbooks as they are shipped. */
export const playbooks = await loadPlaybooks([
  { path: fileURLToPath(new URL("../../playbooks/", import.meta.url)), origin: "shipped" },
]);

export function sshHost(name: string, address: string): HostAccess {
  return {
    name,
    how: { kind: "ssh", address, port: 22, user: "diag", identityFiles: [], knownHostsFiles: [] },
  };
}

export const edge = sshHost("edge-1", "192.0.2.10");
export const origin = sshHost("origin-1", "192.0.2.20");

export function makeRequest(given: Partial<DiagnosisRequest> = {}): DiagnosisRequest {
  return {
    site: "shop",
    url: "https://shop.example.com/cart?id=1",
    proxies: [edge],
    upstreams: [],
    dependencies: [],
    pinnedAddresses: [],
    ...given,
  };
}

/** One look's result; exited with 0 unless told. */
export function result(
  host: string,
  probe: string,
  output: string,
  given: {
    readonly outcome?: ProbeOutcome;
    readonly params?: Record<string, string>;
    readonly round?: 1 | 2;
  } = {},
): ProbeResult {
  const { outcome = { kind: "exited", exitCode: 0 }, params = {}, round = 1 } = given;
  return { probe, id: probe, host, round, params, outcome, output, truncated: false };
}

/** Output of `systemctl show` for one unit, as systemd 252 prints the properties the looks ask for. */
export function unitBlock(unit: string, given: Readonly<Record<string, string>> = {}): string {
  const properties = {
    Id: unit,
    Names: unit,
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    UnitFileState: "enabled",
    Result: "success",
    NRestarts: "0",
    ExecMainCode: "0",
    ExecMainStatus: "0",
    FragmentPath: `/lib/systemd/system/${unit}`,
    ...given,
  };
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n")}\n`;
}

/** A line of `ps` as the processes look asks for it. */
export function psLine(
  pid: number,
  ppid: number,
  options: { readonly unit?: string; readonly user?: string; readonly comm: string; readonly args: string },
): string {
  const { unit, user = "root", comm, args } = options;
  const cgroup =
    unit === undefined ? "0::/user.slice/user-1000.slice/session-3.scope" : `0::/system.slice/${unit}`;
  return `${String(pid).padStart(5)} ${String(ppid).padStart(5)} ${user.padEnd(32)}     812 Ss    9120 ${cgroup.padEnd(160)} ${comm.padEnd(15)} ${args}`;
}

export function tcpLine(local: string, ...processes: readonly (readonly [string, number])[]): string {
  const users = processes.map(([comm, pid], index) => `("${comm}",pid=${pid},fd=${index + 6})`).join(",");
  return `LISTEN 0      511    ${local} 0.0.0.0:* ${users === "" ? "" : `users:(${users})`}`;
}

export function unixLine(path: string, ...processes: readonly (readonly [string, number])[]): string {
  const users = processes.map(([comm, pid], index) => `("${comm}",pid=${pid},fd=${index + 9})`).join(",");
  return `u_str LISTEN 0      511      ${path} 27584 * 0 ${users === "" ? "" : `users:(${users})`}`;
}

export function interfaces(...ips: readonly string[]): string {
  const addresses = ["127.0.0.1", "::1", ...ips].map((local) => ({
    family: local.includes(":") ? "inet6" : "inet",
    local,
  }));
  return JSON.stringify([{ ifname: "eth0", addr_info: addresses }]);
}
