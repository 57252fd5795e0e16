import type { ParserInput } from "../../parser.ts";
import { type ConfigFile, splitFiles } from "./config-file.ts";

/** All files the looks of the playbook printed. A look that was refused one file still printed the others. */
export function configFiles({ results }: ParserInput): ConfigFile[] {
  return results.flatMap(({ output }) => splitFiles(output));
}
