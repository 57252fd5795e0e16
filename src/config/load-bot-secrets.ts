import type { BotEnvironment } from "./bot-environment.ts";
import type { Config, SecretReference } from "./config.ts";
import { loadSecret } from "./load-secret.ts";

export interface BotSecrets {
  readonly modelKey?: string;
  /** Every value that must never be shown, wherever it came from. */
  readonly all: readonly string[];
}

/** Reads what the config refers to. @throws {ConfigError} for one that is missing or that others could read. */
export async function loadBotSecrets(
  config: Config | undefined,
  { slack, discord, metricsToken, consoleKey }: BotEnvironment,
  environment: { variable(name: string): string | undefined },
): Promise<BotSecrets> {
  const { model, alerts = [] } = config ?? {};
  const modelKey = model?.key === undefined ? undefined : await loadSecret(model.key, environment);
  const ofAlerts = await Promise.all(alerts.map(({ proof }) => loadSecret(referenceOf(proof), environment)));
  const tokens = [
    slack.botToken,
    slack.appToken,
    slack.signingSecret,
    discord.token,
    metricsToken,
    consoleKey,
    passwordIn(environment.variable("DATABASE_URL")),
  ];
  return {
    ...(modelKey === undefined ? {} : { modelKey }),
    all: [...tokens, modelKey, ...ofAlerts].filter((value) => value !== undefined),
  };
}

/** As people chose it: what stands in the address may be percent-encoded. */
function passwordIn(address = ""): string | undefined {
  const password = URL.parse(address)?.password ?? "";
  if (password === "") return undefined;
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

function referenceOf(proof: Config["alerts"][number]["proof"]): SecretReference {
  switch (proof.kind) {
    case "token":
      return proof.token;
    case "basic":
      return proof.password;
    case "header":
      return proof.value;
    case "hmac":
      return proof.key;
  }
}
