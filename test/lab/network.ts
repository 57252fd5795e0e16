import { mustRun, run } from "./command.ts";

/** Where the lab's own client (curl, the CLI under test) lives. */
const CLIENT_IP = "10.77.0.1";

/** A bridge and a client in namespaces of their own: nothing of it is visible on the machine underneath. */
export interface LabNetwork {
  /** Namespace the client's programs run in. */
  readonly clientNamespace: string;
  /** Makes a namespace with `eth0` on the bridge; returns its name. */
  attach(host: string, ip: string): Promise<string>;
  detach(host: string): Promise<void>;
  close(): Promise<void>;
}

/** Namespaces are called `<id>-…`, so that several labs can run side by side on the same private addresses. */
export async function createNetwork(id: string): Promise<LabNetwork> {
  const bridge = `${id}-bridge`;
  const clientNamespace = `${id}-client`;
  await mustRun(["ip", "netns", "add", bridge]);
  await ip(bridge, "link add br0 type bridge forward_delay 0");
  await ip(bridge, "link set br0 up");

  async function attach(host: string, address: string): Promise<string> {
    const namespace = `${id}-${host}`;
    const port = `v-${host}`;
    // A fixed MAC per address: peers keep the ARP entry of a host that was taken away for half a minute.
    const mac = `02:00:${address.split(".").map(hexByte).join(":")}`;
    await mustRun(["ip", "netns", "add", namespace]);
    await ip(namespace, "link set lo up");
    await ip(namespace, `link add eth0 address ${mac} type veth peer name ${port} netns ${bridge}`);
    await ip(bridge, `link set ${port} master br0 up`);
    await ip(namespace, `addr add ${address}/24 dev eth0`);
    await ip(namespace, "link set eth0 up");
    return namespace;
  }

  async function detach(host: string): Promise<void> {
    // Explicitly, since a namespace dies asynchronously and the next host of that name would find the old link.
    await run(["ip", "-n", bridge, "link", "del", `v-${host}`]);
    await run(["ip", "netns", "del", `${id}-${host}`]);
  }

  await attach("client", CLIENT_IP);
  return {
    clientNamespace,
    attach,
    detach,
    async close() {
      await detach("client");
      await run(["ip", "netns", "del", bridge]);
    },
  };
}

function ip(namespace: string, command: string): Promise<string> {
  return mustRun(["ip", "-n", namespace, ...command.split(" ")]);
}

function hexByte(decimal: string): string {
  return Number(decimal).toString(16).padStart(2, "0");
}
