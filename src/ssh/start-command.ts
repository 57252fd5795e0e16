/**
 * What a login shell of any kind (also csh or fish) starts for a script that comes on standard input: `sh`, nicely.
 * `exec` throughout, so that the script's shell leads its session and the watchdog in it finds all its children.
 */
export const START_COMMAND =
  "exec sh -c 'command -v nice >/dev/null 2>&1 && exec nice -n 10 sh -s; exec sh -s'";
