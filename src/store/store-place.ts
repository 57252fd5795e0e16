/** Where the records are kept: a directory of this machine, or a database that several replicas share. */
export type StorePlace =
  | { readonly kind: "sqlite"; readonly directory: string }
  | { readonly kind: "postgres"; readonly url: string };

/** A database's address wins: whoever sets it wants replicas. */
export function storePlaceOf(environment: {
  readonly databaseUrl?: string;
  readonly stateDirectory: string;
}): StorePlace {
  return environment.databaseUrl === undefined
    ? { kind: "sqlite", directory: environment.stateDirectory }
    : { kind: "postgres", url: environment.databaseUrl };
}
