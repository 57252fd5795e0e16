import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

const DIRECTORY = join(import.meta.dirname, "page");

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The console's page and the files it is made of, as they are served. */
export interface Page {
  readonly html: string;
  /** Digest of all files: part of their address, so that a browser keeps them until one changes. */
  readonly build: string;
  readonly files: ReadonlyMap<string, { readonly contentType: string; readonly bytes: Buffer<ArrayBuffer> }>;
}

/** Reads the page's files, which stand beside this one. */
export function loadPage(): Page {
  const files = new Map(
    readdirSync(DIRECTORY)
      .toSorted()
      .flatMap((name) => {
        const contentType = CONTENT_TYPES[extname(name)];
        return contentType === undefined
          ? []
          : [[name, { contentType, bytes: readFileSync(join(DIRECTORY, name)) }]];
      }),
  );
  const digest = createHash("sha256");
  for (const [name, { bytes }] of files) digest.update(`${name} ${bytes.length}\n`).update(bytes);
  const build = digest.digest("hex").slice(0, 16);
  const html = readFileSync(join(DIRECTORY, "console.html"), "utf8").replaceAll("{build}", build);
  return { html, build, files };
}

/** For whoever comes without the key; holds nothing but advice. */
export const SIGNED_OUT_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>diagnose502: signed out</title>
<h1>Signed out</h1>
<p>Open the address that <code>diagnose502 start</code> printed: it ends in <code>?key=</code> and a key.</p>
<p>You came from there, by a link on another page? <a href="/">Go on to the console</a>.</p>
</html>
`;
