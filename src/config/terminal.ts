/** What one output stream can show to a person. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly width: number;
  readonly unicode: boolean;
  readonly colours: boolean;
}

const DEFAULT_WIDTH = 80;

/** How to write to `stdout` or `stderr`: its width (`COLUMNS`, where it has none), the locale's character set, and `NO_COLOR`. */
export function readTerminal(stream: NodeJS.WriteStream): Terminal {
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    width: (isTerminal && stream.columns) || columnsOf(process.env.COLUMNS) || DEFAULT_WIDTH,
    unicode: isUtf8(process.env.LC_ALL || process.env.LC_CTYPE || process.env.LANG),
    // hasColors knows NO_COLOR, FORCE_COLOR and TERM=dumb.
    colours: isTerminal && stream.hasColors(),
  };
}

/** Nothing for what is no width. */
function columnsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : undefined;
}

/** Without any locale the character set is unknown: macOS and containers mean UTF-8 then, `C` and `POSIX` say ASCII. */
function isUtf8(locale: string | undefined): boolean {
  return locale === undefined || /utf-?8/i.test(locale);
}
