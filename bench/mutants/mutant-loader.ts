/** Loaded before a test: one module is then another than the file says. The file itself is never touched. */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const url = process.env.MUTANT_URL;
const codeFile = process.env.MUTANT_CODE_FILE;

if (url !== undefined && codeFile !== undefined) {
  const source = readFileSync(codeFile, "utf8");
  registerHooks({
    load: (asked, context, nextLoad) =>
      asked === url ? { format: "module", source, shortCircuit: true } : nextLoad(asked, context),
  });
}
