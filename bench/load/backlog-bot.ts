import { keepHeapSmall } from "../../src/small-heap.ts";
import { createConsoleSurface } from "../../src/web/console/create-console-surface.ts";
import { createSiteBook } from "../../src/workflow/site-book.ts";
import { createSimulatedHosts } from "./simulated-hosts.ts";
import { simulatedSite, startSimulatedRuntime } from "./simulated-runtime.ts";

/**
 * A bot with a state directory of its own, the console as its only channel, and hosts in memory that answer at once. Arguments: the state
 * directory, and how many sites `b0`, `b1` … there are.
 */
const [directory = "", count = "0"] = process.argv.slice(2);
keepHeapSmall();
const sites = Array.from({ length: Number(count) }, (_, index) =>
  simulatedSite(`b${index}`, `http://b${index}.example.com/`),
);
const book = createSiteBook(undefined, {
  loadRequest: async (site) => ({
    site,
    url: `http://${site}.example.com/`,
    proxies: [{ name: "edge", how: { kind: "local" } }],
    upstreams: [],
    dependencies: [],
    pinnedAddresses: [],
  }),
});
const byName = new Map(sites.map((site) => [site.name, site]));
const hosts = createSimulatedHosts({ lookMs: 0 });
const bot = await startSimulatedRuntime(directory, {
  sites: { ...book, names: [...byName.keys()], find: (name) => byName.get(name) },
  createSurfaces: () => [createConsoleSurface({ userName: "bench" })],
  diagnose: hosts.diagnose,
  http: hosts.http,
  control: hosts.control,
  verify: hosts.verify,
});
process.once("SIGTERM", () => void bot.stop());
