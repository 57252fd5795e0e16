/** How much of a card is drawn, on every platform alike: a message is read in seconds, the thread holds the rest. In characters, before escaping. */
export const SHOWN = {
  headline: 300,
  line: 300,
  quote: 600,
  quoteLines: 6,
  explanation: 600,
  progressLines: 12,
  facts: 12,
  /** What would be done: where more is needed, nobody is asked. */
  title: 120,
  factName: 30,
  fact: 500,
} as const;

/** What one message of Slack holds. Source: Slack, Block Kit reference, and the types of its SDK. */
export const SLACK = {
  blocks: 50,
  /** All blocks as JSON. Not documented: `msg_blocks_too_long` was seen from some 13,200. */
  blocksJson: 12_000,
  /** The plain text beside the blocks: notifications, screen readers, and all there is when blocks are refused. */
  text: 3000,
  section: 3000,
  buttons: 25,
  buttonLabel: 75,
  buttonValue: 2000,
  confirmTitle: 100,
  confirmText: 300,
  confirmChoice: 30,
  /** Options of a select, and of one answer to what was typed. */
  options: 100,
  option: 75,
  homeBlocks: 100,
  commandText: 2000,
  /** Slack takes a gigabyte; nobody reads it. */
  fileBytes: 8 * 1024 * 1024,
} as const;

/** What one message of Discord holds. Source: Discord, "Component Reference" and "Message Resource". */
export const DISCORD = {
  /** Over all text displays of a message. */
  text: 4000,
  buttonsPerRow: 5,
  buttonLabel: 80,
  customId: 100,
  threadName: 100,
  nonce: 25,
  /** Suggestions of an autocomplete, options of a select. */
  choices: 25,
  choice: 100,
  /** What a bot may upload without a boosted server is 10 MiB; we stay clearly below. */
  fileBytes: 8 * 1024 * 1024,
} as const;

const CUT = "[…]";

/** At most `max` characters, the cut shown; no character is cut in two. */
export function shorten(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = Math.max(0, max - CUT.length);
  const last = text.charCodeAt(end - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? end - 1 : end) + CUT;
}
