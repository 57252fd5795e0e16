/** One complete frame: its id in the script, and its bytes. */
export interface Frame {
  readonly id: string;
  readonly body: Buffer;
}

/** Header after the mark: ` <id> <length>`; longer than this it is not ours. */
const MAX_HEADER_BYTES = 64;
const NEWLINE = 10;

/** Takes the byte stream of one script apart. */
export interface FrameParser {
  /** Frames that became complete with this chunk. */
  push(chunk: Buffer): readonly Frame[];
  /** True once the end mark was seen: everything has been printed. */
  readonly ended: boolean;
}

function parseHeader(text: string): { readonly id: string; readonly length: number } | "end" | undefined {
  if (text === " end") return "end";
  const [empty, id, digits, ...rest] = text.split(" ");
  if (empty !== "" || id === undefined || digits === undefined || rest.length > 0) return undefined;
  if (!/^(facts|[0-9]{1,4})$/.test(id) || !/^[0-9]{1,9}$/.test(digits)) return undefined;
  return { id, length: Number(digits) };
}

/**
 * A parser for frames under one random mark. Bodies are skipped by their length, so nothing inside one is ever read as
 * a frame; whatever stands between frames (a banner, a noisy login script) is skipped; a frame whose length does not
 * lead to its closing newline is dropped. `maxBodyBytes` bounds what is kept in memory.
 */
export function createFrameParser(
  mark: string,
  { maxBodyBytes }: { readonly maxBodyBytes: number },
): FrameParser {
  const needle = Buffer.from(mark, "latin1");
  let pending: Buffer = Buffer.alloc(0);
  /** Bytes that `pending` must have before it is worth looking again. */
  let wanted = 0;
  let ended = false;

  function next(): Frame | undefined {
    while (!ended) {
      const at = pending.indexOf(needle);
      if (at < 0) {
        pending = pending.subarray(Math.max(0, pending.length - needle.length + 1));
        wanted = 0;
        return undefined;
      }
      const headerStart = at + needle.length;
      const headerEnd = pending.subarray(headerStart, headerStart + MAX_HEADER_BYTES).indexOf(NEWLINE);
      if (headerEnd < 0) {
        if (pending.length < headerStart + MAX_HEADER_BYTES) {
          pending = pending.subarray(at);
          return undefined;
        }
        pending = pending.subarray(headerStart);
        continue;
      }
      const header = parseHeader(pending.toString("latin1", headerStart, headerStart + headerEnd));
      const bodyStart = headerStart + headerEnd + 1;
      if (header === "end") {
        ended = true;
        pending = Buffer.alloc(0);
        return undefined;
      }
      if (header === undefined || header.length > maxBodyBytes) {
        pending = pending.subarray(headerStart);
        continue;
      }
      const bodyEnd = bodyStart + header.length;
      if (pending.length <= bodyEnd) {
        pending = pending.subarray(at);
        wanted = bodyEnd - at + 1;
        return undefined;
      }
      if (pending[bodyEnd] !== NEWLINE) {
        pending = pending.subarray(headerStart);
        continue;
      }
      const body = Buffer.from(pending.subarray(bodyStart, bodyEnd));
      pending = pending.subarray(bodyEnd + 1);
      return { id: header.id, body };
    }
    return undefined;
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      if (ended || pending.length < wanted) return [];
      wanted = 0;
      const frames: Frame[] = [];
      for (let frame = next(); frame !== undefined; frame = next()) frames.push(frame);
      return frames;
    },
    get ended() {
      return ended;
    },
  };
}
