import type { Environment } from "../../src/config/environment.ts";

/** Surroundings of nobody in particular: no agent, no config, no variables, nothing on disk. */
export function makeEnvironment(
  changes: Partial<Environment> & { readonly variables?: Readonly<Record<string, string>> } = {},
): Environment {
  const { variables = {}, ...rest } = changes;
  return {
    home: "/home/ada",
    userName: "ada",
    userId: 1000,
    workingDirectory: "/home/ada",
    stateDirectory: "/home/ada/.local/state/diagnose502",
    variable: (name) => variables[name],
    ...rest,
  };
}
