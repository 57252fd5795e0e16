import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { type ChainHead, EMPTY_HEAD, hashRow } from "../../src/incident/audit-chain.ts";
import type { IncidentRows, Row } from "./recorded-history.ts";

/** What a copy is told apart by. */
interface Copy {
  readonly number: number;
  readonly site: string;
  readonly openedAtMs: number;
  /** It has had its look, and its site is not well yet. */
  readonly isOpen?: boolean;
}

type Change = (row: Row) => Readonly<Record<string, SQLInputValue>>;

/**
 * Writes incidents again and again, under numbers, keys and times of their own, straight into the tables that the store and the engine made. The
 * audit log's chain is computed as the store computes it.
 */
export class IncidentCopier {
  readonly #records: DatabaseSync;
  readonly #engine: DatabaseSync;
  readonly #inserts = new Map<string, StatementSync>();
  #head: ChainHead = EMPTY_HEAD;
  #messages = 0;

  constructor(directory: string) {
    const open = (file: string) => {
      const db = new DatabaseSync(join(directory, file), { timeout: 5000 });
      // nobody relies on these rows while they are made
      db.exec("PRAGMA synchronous = OFF");
      return db;
    };
    this.#records = open("diagnose502.db");
    this.#engine = open("engine.db");
  }

  /** All or none of what `work` copies. */
  together(work: () => void): void {
    for (const db of [this.#records, this.#engine]) db.exec("begin immediate");
    work();
    this.#records.prepare("update audit_head set seq = ?, hash = ?").run(this.#head.seq, this.#head.hash);
    for (const db of [this.#records, this.#engine]) db.exec("commit");
  }

  copy({ openedAt, records, engine }: IncidentRows, copy: Copy): void {
    const { number, site, openedAtMs, isOpen = false } = copy;
    const names = new Map<unknown, string>();
    for (const { key } of records.intents ?? []) names.set(key, randomBytes(16).toString("hex"));
    for (const { id } of records.diagnoses ?? []) names.set(id, `d-${randomBytes(8).toString("hex")}`);
    const moved = mover(Date.parse(openedAt), openedAtMs);
    const own: Change = (row) => {
      const all = Object.entries(row).map(([column, value]) => [
        column,
        names.get(value) ?? moved(column, value),
      ]);
      return { ...Object.fromEntries(all), ...("incident" in row ? { incident: number } : {}) };
    };
    this.#insert(this.#records, "incidents", records, (row) => ({
      ...own(row),
      number,
      site,
      ...(isOpen ? { state: "open", closed_at: null, closed_because: null } : {}),
    }));
    this.#insert(this.#records, "notes", records, own);
    this.#insert(this.#records, "diagnoses", records, own);
    this.#insert(this.#records, "intents", records, own);
    this.#insert(this.#records, "decisions", records, own);
    const series = randomBytes(32).toString("hex");
    this.#insert(this.#records, "alerts", records, ({ id: _id, ...row }) => ({ ...own(row), series }));
    this.#insert(this.#records, "audit", records, (row) => this.#chain(own(row)));
    // whoever starts posts what is open, and starts its run
    if (isOpen) return;
    this.#insert(this.#records, "posts", records, ({ id: _id, ...row }) => {
      const message = this.#messageOn(String(row.surface), number);
      return { ...own(row), message_id: message, thread_id: message };
    });
    this.#copyRuns(engine, openedAtMs, names, number);
  }

  close(): void {
    this.#records.close();
    this.#engine.close();
  }

  #copyRuns(
    engine: IncidentRows["engine"],
    openedAtMs: number,
    names: Map<unknown, string>,
    number: number,
  ): void {
    const [first] = (engine.workflow_runs ?? []).map(({ created_at }) => String(created_at)).sort();
    const moved = mover(Date.parse(first ?? ""), openedAtMs);
    const ids = new Map<unknown, string>();
    for (const row of [...(engine.workflow_runs ?? []), ...(engine.step_attempts ?? [])])
      ids.set(row.id, randomUUID());
    const own: Change = (row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => [column, ids.get(value) ?? moved(column, value)]),
      );
    this.#insert(this.#engine, "workflow_runs", engine, (row) => {
      const { id } = JSON.parse(String(row.input));
      const about = names.get(id) ?? String(number);
      return {
        ...own(row),
        input: JSON.stringify({ id: about }),
        idempotency_key: `${row.workflow_name}:${about}`,
      };
    });
    this.#insert(this.#engine, "step_attempts", engine, own);
    this.#insert(this.#engine, "workflow_signals", engine, (row) => ({ ...own(row), id: randomUUID() }));
  }

  #chain(row: ReturnType<Change>): ReturnType<Change> {
    const { seq, hash: previousHash } = this.#head;
    const entry = {
      seq: seq + 1,
      at: String(row.at),
      kind: String(row.kind),
      actor: JSON.parse(String(row.actor_json)),
      incident: Number(row.incident),
      ...(row.intent === null ? {} : { intent: String(row.intent) }),
      text: String(row.text),
      ...(row.details_json === null ? {} : { details: JSON.parse(String(row.details_json)) }),
    };
    const hash = hashRow(previousHash, entry);
    this.#head = { seq: entry.seq, hash };
    return { ...row, seq: entry.seq, previous_hash: previousHash, hash };
  }

  /** As long as the platform's own. */
  #messageOn(surface: string, number: number): string {
    const nth = String(++this.#messages);
    if (surface === "slack") return `17${nth.padStart(8, "0")}.000100`;
    return surface === "discord" ? `11${nth.padStart(17, "0")}` : `incident-${number}`;
  }

  #insert(db: DatabaseSync, table: string, rows: IncidentRows["records"], change: Change): void {
    for (const row of (rows[table] ?? []).map(change)) {
      let insert = this.#inserts.get(table);
      if (insert === undefined) {
        const columns = Object.keys(row);
        const values = columns.map((column) => `:${column}`);
        insert = db.prepare(`insert into ${table} (${columns.join(", ")}) values (${values.join(", ")})`);
        this.#inserts.set(table, insert);
      }
      insert.run(row);
    }
  }
}

/** Times in columns of their own are as long after the new beginning as they were after the old one. */
function mover(beganMs: number, beginsMs: number) {
  return (column: string, value: SQLInputValue): SQLInputValue =>
    typeof value === "string" &&
    /^(at|.*_at|send_by|claimed_until)$/.test(column) &&
    !Number.isNaN(Date.parse(value))
      ? new Date(Date.parse(value) - beganMs + beginsMs).toISOString()
      : value;
}
