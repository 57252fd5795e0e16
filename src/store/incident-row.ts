import { z } from "zod";
import type { Incident, Note, Post } from "../incident/incident.ts";
import { jsonOf, optional, parseRow } from "./parse-row.ts";
import { ActorRow } from "./person-row.ts";

const Problem = z.object({ message: z.string(), hint: z.string() });
const ObstacleRow = Problem.extend({ lifts: z.string().exactOptional() });

const IncidentRow = z
  .object({
    number: z.int(),
    site: z.string(),
    url: z.string(),
    state: z.enum(["open", "closed"]),
    opened_at: z.string(),
    opened_by_json: jsonOf(ActorRow),
    asked_by_json: jsonOf(ActorRow),
    title: z.string().nullable(),
    closed_at: z.string().nullable(),
    closed_because: z.string().nullable(),
    version: z.int(),
    looks_wanted: z.int(),
    looks_done: z.int(),
    good_probes: z.int(),
    diagnosis: z.string().nullable(),
    failure_json: jsonOf(Problem).nullable(),
    obstacle_json: jsonOf(ObstacleRow).nullable(),
  })
  .transform(
    (row): Incident => ({
      number: row.number,
      site: row.site,
      url: row.url,
      state: row.state,
      openedAt: row.opened_at,
      openedBy: row.opened_by_json,
      askedBy: row.asked_by_json,
      ...optional("title", row.title),
      ...optional("closedAt", row.closed_at),
      ...optional("closedBecause", row.closed_because),
      version: row.version,
      looksWanted: row.looks_wanted,
      looksDone: row.looks_done,
      goodProbes: row.good_probes,
      ...optional("diagnosis", row.diagnosis),
      ...optional("failure", row.failure_json),
      ...optional("obstacle", row.obstacle_json),
    }),
  );

/** @throws {StoreError} */
export function toIncident(row: { readonly number: number }): Incident {
  return parseRow(IncidentRow, row, `Incident #${row.number}`);
}

const NoteRow = z
  .object({
    seq: z.int(),
    at: z.string(),
    text: z.string(),
    quotes_json: jsonOf(z.array(z.string())).nullable(),
    evidence_of: z.string().nullable(),
    loud: z.int(),
  })
  .transform(
    (row): Note => ({
      seq: row.seq,
      at: row.at,
      text: row.text,
      ...optional("quotes", row.quotes_json),
      ...optional("evidenceOf", row.evidence_of),
      loud: row.loud === 1,
    }),
  );

/** @throws {StoreError} */
export function toNote(row: { readonly incident: number; readonly seq: number }): Note {
  return parseRow(NoteRow, row, `Note ${row.seq} of incident #${row.incident}`);
}

const PostRow = z
  .object({
    id: z.int(),
    incident: z.int(),
    surface: z.enum(["slack", "discord", "console"]),
    workspace: z.string(),
    channel: z.string(),
    message_id: z.string().nullable(),
    thread_id: z.string().nullable(),
    shown_version: z.int(),
    notes_shown: z.int(),
  })
  .transform(
    (row): Post => ({
      id: row.id,
      incident: row.incident,
      place: { surface: row.surface, workspace: row.workspace, channel: row.channel },
      ...optional("messageId", row.message_id),
      ...optional("threadId", row.thread_id),
      shownVersion: row.shown_version,
      notesShown: row.notes_shown,
    }),
  );

/** @throws {StoreError} */
export function toPost(row: { readonly id: number }): Post {
  return parseRow(PostRow, row, `Post ${row.id}`);
}
