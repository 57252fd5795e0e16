/** What a shell is given where no key has a passphrase. */
export const NO_SECRETS = {
  env: (): undefined => undefined,
  warn: (): void => undefined,
  loadSecret: (): Promise<never> => Promise.reject(new Error("no secret is configured")),
};
