import type { AlertSourceConfig } from "../../config/config.ts";
import { ConfigError } from "../../config/config-error.ts";
import type { Environment } from "../../config/environment.ts";
import { loadSecret } from "../../config/load-secret.ts";
import { secretProblem } from "../../config/secret-problem.ts";
import type { AlertMapping } from "./alert-mapping.ts";
import { loadAlertMapping } from "./load-alert-mapping.ts";
import { headerProof, type SenderProof } from "./prove-sender.ts";

/** A sender of alerts, ready to be listened to. */
export interface AlertSource {
  readonly name: string;
  readonly mapping: AlertMapping;
  readonly proof: SenderProof;
  /** The site all its alerts are about. */
  readonly site?: string;
}

/**
 * The senders under `alerts` with their mappings and secrets read. `shipped`: the directory of the mappings that come with us.
 * @throws {ConfigError} for a mapping that is wrong, a secret that is missing or can be guessed, a proof the sender cannot give.
 */
export async function loadAlertSources(
  configs: readonly AlertSourceConfig[],
  { environment, shipped }: { readonly environment: Pick<Environment, "variable">; readonly shipped: string },
): Promise<readonly AlertSource[]> {
  return await Promise.all(
    configs.map(async (config) => {
      const mapping = await loadAlertMapping(config.mapping, { shipped, place: config.places.mapping });
      const proof = await loadProof(config, { mapping, environment });
      return {
        name: config.name,
        mapping,
        proof,
        ...(config.site === undefined ? {} : { site: config.site }),
      };
    }),
  );
}

async function loadProof(
  { proof, places }: AlertSourceConfig,
  {
    mapping,
    environment,
  }: { readonly mapping: AlertMapping; readonly environment: Pick<Environment, "variable"> },
): Promise<SenderProof> {
  if (!mapping.proofs.includes(proof.kind)) {
    throw new ConfigError(`${places.proof}: ${mapping.title} cannot prove itself so.`, {
      hint: `It can by: ${mapping.proofs.join(", ")}.`,
    });
  }
  const load = async (reference: Parameters<typeof loadSecret>[0]) =>
    checkSecret(await loadSecret(reference, environment), places.proof);
  switch (proof.kind) {
    case "token":
      return headerProof("authorization", `Bearer ${await load(proof.token)}`);
    case "basic": {
      const credentials = `${proof.user}:${await load(proof.password)}`;
      return headerProof("authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
    }
    case "header":
      return headerProof(proof.name, await load(proof.value));
    case "hmac": {
      const key = await load(proof.key);
      // what offers this kind has a scheme for it: the mapping's schema has seen to that
      if (mapping.hmac === undefined) throw new TypeError(`${mapping.title} has no signature scheme`);
      return { kind: "hmac", key, scheme: mapping.hmac };
    }
  }
}

/** Whoever guesses it may open incidents, so words people think of are refused. */
function checkSecret(secret: string, place: string): string {
  const problem = secretProblem(secret);
  if (problem === undefined) return secret;
  throw new ConfigError(`${place}: the secret ${problem}.`, {
    hint: "Make one with: openssl rand -hex 32. Give the same to the sender.",
  });
}
