import { after } from "node:test";
import { startPostgres, type TestPostgres, withoutPostgres } from "../fakes/postgres.ts";
import { testRecords } from "./records.contract.ts";

if (withoutPostgres !== undefined) {
  process.stderr.write(`\n*** SKIPPED: records in PostgreSQL, because ${withoutPostgres} ***\n\n`);
}

let server: TestPostgres | undefined;
after(async () => {
  await server?.remove();
});

testRecords(
  "PostgreSQL",
  async () => {
    server = await startPostgres();
    return { kind: "postgres", url: server.url };
  },
  { skip: withoutPostgres },
);
