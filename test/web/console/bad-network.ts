import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** What lies between a phone and the bot. */
export interface BadNetwork {
  readonly origin: string;
  /** So many posts to come arrive, and their connections end without an answer. */
  loseAnswers(posts: number): void;
  /** How many posts arrived. */
  posts(): number;
  /** Nothing comes through any more, and neither end is told. */
  die(): void;
  /** New connections work. Those of before end, but for streams of events: nobody ever tells those. */
  comeBack(): void;
}

export async function openBadNetwork(t: TestContext, origin: string): Promise<BadNetwork> {
  const { hostname, port } = new URL(origin);
  const lines = new Set<{ isDead: boolean; isStream: boolean; readonly ends: readonly Socket[] }>();
  let isDead = false;
  let toLose = 0;
  let posts = 0;

  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const line = { isDead, isPost: false, isStream: false, ends: [near, far] };
    lines.add(line);
    near.on("data", (bytes) => {
      const text = bytes.toString("latin1");
      const isHead = /^[A-Z]+ \//.test(text);
      // a body may come for itself
      if (isHead) line.isPost = text.startsWith("POST ");
      if (isHead) line.isStream = text.startsWith("GET /console/events");
      if (line.isDead) return;
      if (isHead && line.isPost) posts++;
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (line.isDead) return;
      if (!line.isPost || toLose === 0) return near.write(bytes);
      toLose--;
      near.destroy();
    });
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      end.on("error", () => end.destroy());
      end.on("close", () => line.isDead || other.destroy());
    }
  });
  const cut = ({ ends }: { readonly ends: readonly Socket[] }) => {
    for (const end of ends) end.destroy();
  };
  t.after(() => {
    server.close();
    for (const line of lines) cut(line);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The bad network has no port.");

  return {
    origin: `http://127.0.0.1:${address.port}`,
    loseAnswers: (count) => {
      toLose = count;
    },
    posts: () => posts,
    die() {
      isDead = true;
      for (const line of lines) line.isDead = true;
    },
    comeBack() {
      isDead = false;
      for (const line of lines) if (line.isDead && !line.isStream) cut(line);
    },
  };
}
