import {
  type Body,
  type BodyName,
  FLAGS,
  isEmptyMessage,
  type Refusal,
  refuseBySchema,
  refuseMessage,
} from "./body-rules.ts";
import type { StoredMessage } from "./world.ts";

export interface RestRequest {
  readonly method: string;
  /** Behind `/api/v10`. */
  readonly path: string;
  readonly body: Body;
  readonly files: readonly { readonly name: string; readonly data: Buffer }[];
  readonly hasToken: boolean;
}

export interface RestAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(status: number, code: number, message: string) {
    super(message);
    this.refusal = { status, code, message };
  }
}

export const UNKNOWN_MESSAGE = [404, 10008, "Unknown Message"] as const;

export function ok(body: unknown): RestAnswer {
  return { status: 200, body };
}

export function check(refusal: Refusal | undefined): void {
  if (refusal === undefined) return;
  const refused = new Refused(refusal.status, refusal.code, refusal.message);
  Object.assign(refused.refusal, { errors: refusal.errors });
  throw refused;
}

export function checkMessage(name: BodyName, body: Body, options: Parameters<typeof refuseMessage>[1]): void {
  check(refuseBySchema(name, body));
  check(refuseMessage(body, options));
}

/** Stores what an edit says, as far as Discord takes it. */
export function applyEdit(message: StoredMessage, { body, files }: RestRequest, name: BodyName): void {
  const before = Number(message.body.flags ?? 0);
  const names = [...message.files, ...files].map((file) => file.name);
  checkMessage(name, body, { before, files: names });
  const after = { ...message.body, allowed_mentions: undefined, ...body };
  if (isEmptyMessage(after, names)) throw new Refused(400, 50006, "Cannot send an empty message");
  // only these two can be changed; what was ephemeral stays so, and is no longer loading
  const settable = FLAGS.suppressEmbeds | FLAGS.componentsV2;
  const asked = typeof body.flags === "number" ? body.flags : before;
  message.body = { ...after, flags: (before & ~settable & ~128) | (asked & settable) };
  message.files.push(...files);
  message.edits++;
}
