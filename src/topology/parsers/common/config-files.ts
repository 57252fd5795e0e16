import type { ParserInput } from "../../parser.ts";
import { type ConfigFile, splitFiles } from "./config-file.ts";

/** All files the looks of the playbook printed. */
export function configFiles({ results }: ParserInput): ConfigFile[] {
  return results
    .filter(({ outcome }) => outcome.kind === "exited")
    .flatMap(({ output }) => splitFiles(output));
}
