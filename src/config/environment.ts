import { homedir, userInfo } from "node:os";
import { stateDirectoryOf } from "./state-directory.ts";

/** What we take from the process's surroundings. Every variable is explained in `.env.example`. */
export interface Environment {
  /** Absolute; `HOME`, else what the password database says. */
  readonly home: string;
  /** The local login name, as `ssh` uses it when nobody says whom to log in as. */
  readonly userName: string;
  readonly userId: number;
  readonly workingDirectory: string;
  /** `SSH_AUTH_SOCK`. */
  readonly agentSocket?: string;
  /** `DIAGNOSE502_CONFIG`. */
  readonly configFile?: string;
  /** Where the bot keeps its records; absolute. */
  readonly stateDirectory: string;
  /** `DATABASE_URL`: keeps them there instead, for several replicas. */
  readonly databaseUrl?: string;
  /** Any other variable, for what the operator names: `passphrase: {env: …}`, `${…}` in ssh_config. */
  variable(name: string): string | undefined;
}

/** The only reader of `process.env`. An empty variable counts as unset. */
export function readEnvironment(): Environment {
  const variable = (name: string) => process.env[name] || undefined;
  const agentSocket = variable("SSH_AUTH_SOCK");
  const configFile = variable("DIAGNOSE502_CONFIG");
  const databaseUrl = variable("DATABASE_URL");
  const workingDirectory = process.cwd();
  const user = loginUser();
  // an empty HOME is none, and not the working directory
  const home = homedir() || user.home;
  return {
    home,
    userName: user.name,
    userId: user.id,
    workingDirectory,
    stateDirectory: stateDirectoryOf({ home, workingDirectory, variable }),
    variable,
    ...(agentSocket === undefined ? {} : { agentSocket }),
    ...(configFile === undefined ? {} : { configFile }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
  };
}

/** A container may run under a user id that no password database knows. */
function loginUser(): { readonly name: string; readonly id: number; readonly home: string } {
  try {
    const { username, uid, homedir: home } = userInfo();
    return { name: username, id: uid, home };
  } catch {
    return { name: "root", id: process.getuid?.() ?? -1, home: "/" };
  }
}
