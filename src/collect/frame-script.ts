import type { Look } from "../plan/plan.ts";
import { quoteGlob, quoteText, quoteWord } from "./quote-word.ts";
import { SCRIPT_FUNCTIONS } from "./script-functions.ts";

/** Where programs are looked for, before the login's own PATH: daemons live in sbin, which logins often lack. */
export const FAR_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Id of the frame that says what kind of host this is. */
export const FACTS = "facts";

const CALLS = { self: "run_self", root: "run_root", "prefer-root": "run_prefer_root" } as const;

function seconds(look: Look): number {
  return Math.max(1, Math.ceil(look.timeoutMs / 1000));
}

function callOf(look: Look, index: number): string {
  const names = look.whileRunning?.map((name) => `-e ${quoteWord(name)}`).join(" ");
  const call = actionCallOf(look, index);
  return names === undefined ? call : `{ running ${index} ${names} && ${call}; }`;
}

function actionCallOf(look: Look, index: number): string {
  const { action } = look;
  const bounds = `${seconds(look)} ${Math.floor(look.maxBytes)}`;
  switch (action.kind) {
    case "run": {
      const input = action.stdin === undefined ? "" : `INPUT=${quoteText(action.stdin)} `;
      return `${input}${CALLS[look.as]} ${index} ${bounds} ${action.argv.map(quoteWord).join(" ")}`;
    }
    case "files": {
      const only = action.only ?? [];
      const words = [...only.map(quoteWord), ...action.globs.map(quoteGlob)].join(" ");
      return `files ${index} ${look.as} ${bounds} ${only.length} ${words}`;
    }
    case "log": {
      const minutes = Math.ceil(action.windowSeconds / 60) + 1;
      return `log ${index} ${look.as} ${bounds} ${minutes} ${quoteWord(action.path)}`;
    }
  }
}

/**
 * One POSIX sh script that runs all looks side by side and prints one frame each as soon as it is done. Frame ids are
 * positions in `looks`, and `facts`. The looks are the stages of one pipeline, because that gives each a pipe of its own
 * without another process: the command prints into it, the stage takes at most so many bytes out of it, then prints the
 * frame to the standard output that all share. A look costs four processes: its stage, `timeout`, the command, `head`.
 *
 * The far side lives on its standard input: when that ends early, or `limitSeconds` have passed, all of it is killed.
 *
 * `mark`: 32 random hex digits, new for each script.
 * @throws {UnquotableWordError} when a word holds a NUL or newline.
 */
export function makeFrameScript(
  looks: readonly Look[],
  { mark, limitSeconds }: { readonly mark: string; readonly limitSeconds: number },
): string {
  const calls = [FACTS, ...looks.map(callOf)];
  return `main() {
exec 3<&0 </dev/null 2>/dev/null
unset IFS LANGUAGE LC_MESSAGES LC_TIME LC_NUMERIC LC_COLLATE LC_MONETARY INPUT
PATH=${FAR_PATH}:$PATH LANG=C LC_ALL=C PAGER=cat SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 NO_COLOR=1 TERM=dumb
export PATH LANG LC_ALL PAGER SYSTEMD_PAGER SYSTEMD_COLORS NO_COLOR TERM
M=${mark} LIMIT=${Math.ceil(limitSeconds)}
if [ -d /usr/lib/locale/C.utf8 ]; then UTF8=C.UTF-8; else UTF8=C; fi
while read -r k v l; do [ "$k" = Uid: ] && U=$v && break; done </proc/self/status
set -- date '+epoch=%s.%N%noffset=%z'
if NOW=$(timeout -k 1 1 "$@"); then T="timeout -k 1"
elif NOW=$(timeout 1 "$@"); then T=timeout
else NOW=$("$@") T=; fi
${SCRIPT_FUNCTIONS}
case $T in
timeout*) { exec >/dev/null; watch $T $LIMIT cat; } & w=$! ;;
*) { exec >/dev/null; watch cat; } & w=$!; { exec >/dev/null; watch sleep $LIMIT; } & w="$w $!" ;;
esac
exec 3<&-
echo | {
exec 5<>/proc/self/fd/0 </dev/null 9>&1
${calls.map((call) => `${call} |`).join("\n")}
:
}
printf '%s end\\n' "$M"
kill $w
case $T in timeout*) ;; *) reap ;; esac
exit 0
}
main; exit
`;
}
