/** A message as its reader sees it. */
export interface Seen {
  readonly id: string;
  readonly text: string;
  /** Labels. */
  readonly buttons: readonly string[];
  /** What stands in its thread. */
  readonly thread: readonly string[];
}

/** A place where somebody who may approve talks to the bot; the platform behind it is a double. */
export interface Channel {
  /** Tokens and addresses that the bot is started with. */
  readonly env: NodeJS.ProcessEnv;
  /** `chat` of the config. */
  readonly chat: object;
  /** Who approves, as `approvers` of the config has it. */
  readonly approvers: object;
  messages(): readonly Seen[];
  command(site: string): Promise<void>;
  /** Presses a button, and answers a second question with yes. */
  press(messageId: string, label: string): Promise<void>;
  close(): Promise<void>;
}
