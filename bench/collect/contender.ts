/** One way to make the same looks on both hosts. */
export interface Contender {
  readonly name: string;
  /** Makes all looks once; milliseconds from the start to the last answer of the last host. */
  run(): Promise<number>;
  close(): Promise<void>;
}

/** A host as contenders see it. */
export interface Endpoint {
  readonly name: string;
  /** Where its sshd is reached: the host itself, or the relay that stands for the distance to it. */
  readonly address: string;
  readonly port: number;
  /** PID 1 of the host, for what needs no network. */
  readonly rootPid: number;
}

/** What logs in to every endpoint. */
export interface Login {
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  /** An empty folder for sockets and inventories; its path is short enough for a socket below it. */
  readonly directory: string;
}
