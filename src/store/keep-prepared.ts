/** More than we have, fewer than lists of any length would make. */
const KEPT = 300;

/** Prepares each text once: preparing takes longer than most statements, and its memory is not among what the garbage collector counts. */
export function keepPrepared<Statement>(prepare: (sql: string) => Statement): (sql: string) => Statement {
  const kept = new Map<string, Statement>();
  return (sql) => {
    const known = kept.get(sql);
    if (known !== undefined) return known;
    const statement = prepare(sql);
    if (kept.size >= KEPT) kept.clear();
    kept.set(sql, statement);
    return statement;
  };
}
