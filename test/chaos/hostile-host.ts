import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { HostAccess } from "../../src/intake/diagnosis-request.ts";
import type { Look, Plan } from "../../src/plan/plan.ts";
import { accessTo, type Conduct, startFakeSshServer, startTcpServer } from "../fakes/ssh-server.ts";
import { type RealSshd, startSshd, withoutSshd } from "../ssh/real-sshd.ts";
import type { ChaosOptions, ChaosRow } from "./row.ts";
import type { TwoHostsOrders, TwoHostsReport } from "./two-hosts-process.ts";

const PROCESS = join(import.meta.dirname, "two-hosts-process.ts");
const MOST_MORE_BYTES = 64 * 1_048_576;
const VISIT_LIMIT_MS = 60_000;
const WELL = "well";
const HOSTILE = "hostile";

interface Hostile {
  readonly port: number;
  readonly knownHostsLine?: string;
  close(): Promise<void>;
}

const CONDUCTS: readonly Conduct[] = [
  "never-closes",
  "drips",
  "floods",
  "overruns-its-window",
  "refuses-channels",
  "hangs-up",
];
const HOSTILES: Readonly<Record<string, () => Promise<Hostile>>> = {
  ...Object.fromEntries(CONDUCTS.map((conduct) => [conduct, () => startFakeSshServer(conduct)])),
  "packets-of-no-size": () => startFakeSshServer("never-closes", { packetSize: 0 }),
  "never-grants": () => startFakeSshServer("drips", { neverGrants: true }),
  silent: () => startTcpServer(() => undefined),
  "endless-banner": () =>
    startTcpServer((socket) => {
      const more = () => {
        while (socket.writable && socket.write(`${"x".repeat(1000)}\r\n`));
      };
      socket.on("drain", more);
      more();
    }),
  "banner-byte-by-byte": () =>
    startTcpServer((socket) => {
      const timer = setInterval(() => socket.write("S"), 20);
      socket.on("close", () => clearInterval(timer));
    }),
};

/** A visit to a well host and to one whose SSH server misbehaves: what the well one says arrives, nothing is believed of the other. */
export async function hostileHost(_options: ChaosOptions): Promise<readonly ChaosRow[]> {
  if (withoutSshd !== false) throw new Error(withoutSshd);
  const sshd = await startSshd();
  try {
    const { peakRss: usual } = await visit([wellHost(sshd)]);
    const findings: string[] = [];
    let most = 0;
    for (const [name, start] of Object.entries(HOSTILES)) {
      const server = await start();
      const { outcomes, peakRss } = await visit([wellHost(sshd), await hostileAccess(sshd, server)]);
      await server.close();
      most = Math.max(most, peakRss - usual);
      if (peakRss - usual > MOST_MORE_BYTES) findings.push(`${name}: ${inMegabytes(peakRss - usual)} more`);
      if (outcomes[WELL]?.some((kind) => kind !== "exited"))
        findings.push(`${name}: the well host was not heard: ${outcomes[WELL].join(", ")}`);
      if (outcomes[HOSTILE]?.some((kind) => kind === "exited"))
        findings.push(`${name}: it was believed: ${outcomes[HOSTILE].join(", ")}`);
    }
    const tried = Object.keys(HOSTILES).length;
    return [
      {
        name: "F12",
        did: `${tried} hostile SSH servers, each visited together with a well host`,
        result: `${findings.length} × trouble, at most ${inMegabytes(most)} more memory`,
        target: `none, ${inMegabytes(MOST_MORE_BYTES)}`,
        met: findings.length === 0,
        counts: { servers: tried, mostMoreBytes: most },
        findings,
      },
    ];
  } finally {
    await sshd.stop();
  }
}

function wellHost(sshd: RealSshd): HostAccess {
  return { ...sshd.access(), name: WELL };
}

async function hostileAccess(sshd: RealSshd, { port, knownHostsLine = "" }: Hostile): Promise<HostAccess> {
  const knownHosts = join(sshd.directory, `known-${port}`);
  await writeFile(knownHosts, knownHostsLine);
  return {
    ...accessTo(port, { identityFiles: [sshd.keyFile], knownHostsFiles: [knownHosts] }),
    name: HOSTILE,
  };
}

async function visit(hosts: readonly HostAccess[]): Promise<TwoHostsReport> {
  const plans = hosts.map(({ name }): Plan => ({ host: name, round: 1, looks: LOOKS }));
  const orders: TwoHostsOrders = { hosts, plans };
  const { stdout } = await promisify(execFile)(process.execPath, [PROCESS, JSON.stringify(orders)], {
    timeout: VISIT_LIMIT_MS,
  });
  return JSON.parse(stdout);
}

const LOOKS: readonly Look[] = ["uptime", "df -P", "ps -e", "id"].map((line, index) => ({
  id: `look-${index}`,
  probe: `look-${index}`,
  params: {},
  action: { kind: "run", argv: line.split(" ") },
  as: "self",
  timeoutMs: 3000,
  maxBytes: 65_536,
}));

function inMegabytes(bytes: number): string {
  return `${Math.round(bytes / 1_048_576)} MB`;
}
