/** What the bot says of itself, for its operators; `fields` never hold a secret or unredacted host output. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export interface LogFields {
  readonly [name: string]: unknown;
}
