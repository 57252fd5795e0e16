import { quoteWord } from "../../collect/quote-word.ts";
import type { LinePattern, ScriptFrame } from "./look-patterns.ts";

/** What the bot's key may start on a locked host, and nothing else. */
export const WRAPPER_PATH = "/usr/local/lib/diagnose502/run";

/** Below these, services write their logs; a hidden directory on the way is never one of them. */
const LOG_DIRECTORIES = ["/var/", "/srv/", "/opt/", "/home/", "/usr/local/", "/data/", "/app/", "/run/"];

/**
 * The forced command of a locked host, a POSIX sh script: takes the script that the bot sends, line by line, and runs it only if each is a
 * line that this version of the bot writes: the same frame, and looks out of the list. A value in a look stays within its quotes,
 * because the number of quotes is fixed; it leads nowhere by `..`, and to logs only below the directories of logs.
 */
export function makeWrapper(options: {
  readonly frame: ScriptFrame;
  readonly patterns: readonly LinePattern[];
  /** What the bot asks sshd to start; sshd hands it over as SSH_ORIGINAL_COMMAND. */
  readonly startCommand: string;
}): string {
  const { frame, patterns, startCommand } = options;
  const cases = patterns.map(({ pattern, quotes }) => `  ${pattern}) quotes=${quotes} ;;`);
  const logs = LOG_DIRECTORIES.map((directory) => `${directory}*`).join(" | ");
  return `#!/bin/sh
# The one thing that the key of diagnose502 may start here: looks out of the list below, and the restart helper.
# Made by \`diagnose502 harden --locked\`: after an update of diagnose502, make it anew. Owner root:root, mode 0755.
set -fu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
nl='
'
deny() {
  logger -t diagnose502 -p auth.notice "wrapper: denied: $1" 2>/dev/null
  echo "diagnose502: denied: $1" >&2
  exit 126
}

case \${SSH_ORIGINAL_COMMAND-} in
${quoteWord(startCommand)}) ;;
*) deny "another command" ;;
esac

text= i=0
# take: one line of the bot's; the end of its input is the end of this
take() {
  IFS= read -r line <&3 || exit 0
  [ \${#line} -le 4000 ] || deny "a long line"
  text=$text$line$nl
}
# expect: the lines of the frame, word for word, from standard input
expect() {
  while IFS= read -r want; do
    take
    [ "$line" = "$want" ] || deny "another script than this version writes"
  done
}

exec 3<&0
expect <<'END'
${frame.beforeMark.join("\n")}
END
take
mark=\${line#M=} limit=\${line##* LIMIT=}
mark=\${mark%% *}
case $mark in *[!a-f0-9]*) deny "a bad mark" ;; esac
case $limit in '' | *[!0-9]*) deny "a bad limit" ;; esac
[ \${#mark} = 32 ] && [ \${#limit} -le 3 ] && [ "$line" = "M=$mark LIMIT=$limit" ] || deny "a bad mark"
expect <<'END'
${frame.beforeLooks.join("\n")}
END

while take; [ "$line" != : ]; do
  case $line in
${cases.join("\n")}
  *) deny "another look" ;;
  esac
  IFS="'"
  set -- $line
  unset IFS
  [ $# = $((quotes + 1)) ] || deny "a quote too many"
  case $line in *..*) deny "a way up" ;; esac
  case $line in
    "log "*) case $2 in */.*) deny "a hidden file" ;; ${logs}) ;; *) deny "no log" ;; esac ;;
  esac
  i=$((i + 1))
  [ $i -le 200 ] || deny "too many looks"
done
${frame.afterLooks.length > 1 ? `expect <<'END'\n${frame.afterLooks.slice(1).join("\n")}\nEND\n` : ""}
exec 3<&-
command -v nice >/dev/null && exec nice -n 10 sh -c "$text"
exec sh -c "$text"
`;
}
