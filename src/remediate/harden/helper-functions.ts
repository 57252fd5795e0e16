import { HELPER_LOOKS } from "./helper-looks.ts";

/**
 * What every helper carries below its list of services. Variables of the list: manager, name, project, user, may_reset; D is the
 * directory of the markers.
 *
 * A marker is one file a key, made by O_EXCL: whoever makes it decides what the key is used for. Its last line is what became of it:
 * `begun`, then `done` or `failed`; or `refused`; or `taken`, when somebody asked for a key that never arrived. The answer is that line.
 * A file without a line is a `begun` whose writer died at once.
 */
export const HELPER_FUNCTIONS = `
say() { printf 'diagnose502 %s\\n' "$*"; }
deny() {
  logger -t diagnose502 -p auth.notice "restart helper: denied: $1" 2>/dev/null
  say "denied"
  exit 126
}
clock() { date +%s; }

is_key() {
  case $1 in *[!a-f0-9]*) return 1 ;; esac
  [ \${#1} = 32 ]
}
is_invocation() {
  case $1 in '' | *[!A-Za-z0-9:._@-]*) return 1 ;; esac
  [ \${#1} -le 120 ]
}
${HELPER_LOOKS}
# seconds SPAN...: of systemd's "1min 30s", rounded up; nothing where it has no end, or cannot be read
seconds() {
  [ $# -gt 0 ] || return
  total=0
  for w; do
    n=\${w%%[!0-9]*}
    case $w in [0-9]*.*) n=$((n + 1)) ;; esac
    case $n:\${w##*[0-9]} in
      0:) ;;
      :*) return ;;
      *:us | *:ms) n=1 ;;
      *:s) ;;
      *:min) n=$((n * 60)) ;;
      *:h) n=$((n * 3600)) ;;
      *:d) n=$((n * 86400)) ;;
      *:w) n=$((n * 604800)) ;;
      *:month) n=$((n * 2629800)) ;;
      *:y) n=$((n * 31557600)) ;;
      *) return ;;
    esac
    total=$((total + n))
  done
  printf %s $total
}

# spent: whether one start more would be refused, so that a restart would only stop it
spent() {
  [ $manager = systemd ] || return 1
  case $burst in '' | 0 | *[!0-9]*) return 1 ;; esac
  n=$(seconds $span)
  [ "$n" != 0 ] || return 1
  # systemd counts anew at each boot
  since=-b
  [ -z "$n" ] || [ "$n" -ge "$(clock)" ] || since="-b --since=@$(($(clock) - n))"
  starts=$(journalctl -q --no-pager _PID=1 "UNIT=$name" MESSAGE_ID=39f53479d3a045ac8e11786248231fbf \\
    MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5 MESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d \\
    $since -o json --output-fields=INVOCATION_ID 2>/dev/null 9>&- |
    sed -n 's/.*"INVOCATION_ID" *: *"\\([a-f0-9]*\\)".*/\\1/p' | sort -u | wc -l)
  [ "$starts" -ge "$burst" ]
}

renew() {
  case $manager in
    systemd) systemctl restart -- "$name" ;;
    pm2) as_user pm2 restart "$name" ;;
    docker | compose) docker restart "$container" ;;
    supervisor) supervisorctl restart "$name" ;;
  esac
} 9>&- </dev/null >/dev/null 2>&1

# claim WORDS: takes the key for this; false when it was taken before
claim() {
  (set -C; printf '%s\\n' "$*" >"$marker") 2>/dev/null || return 1
  sync "$marker" 2>/dev/null
  return 0
}

# nap: a tenth of a second, or a whole one where sleep takes no less; n counts tenths
nap() {
  n=$((n + 1))
  sleep 0.1 2>/dev/null || { n=$((n + 9)); sleep 1; }
}

# lock: waits for it, 20 s at most. BusyBox's flock cannot wait for a time
lock() {
  n=0
  until flock -n 9; do
    [ $n -lt 200 ] || return 1
    nap
  done
}

no_directory() { say "refused why=no-directory"; exit 2; }

# tell: what the marker says; whoever has just made it may not have written yet. Without a marker, no key could be taken
tell() {
  [ -e "$marker" ] || no_directory
  n=0
  while [ ! -s "$marker" ] && [ $n -lt 10 ]; do nap; done
  last=begun
  while read -r line; do last=$line; done <"$marker"
  case $last in
    begun*)
      alive=no
      flock -n 9 || alive=yes
      look
      say "begun alive=$alive id=$id invocation=$invocation restarts=$restarts state=$state job=\${why_not:-none}\${last#begun}" ;;
    *) say "$last again=yes" ;;
  esac
  exit 0
}

refuse() {
  claim "refused why=$1 at=$(clock)" || tell
  say "refused why=$1"
  exit 2
}

# once EXPECTED RESET
once() {
  lock || refuse busy
  [ -e "$marker" ] && tell
  look
  [ -z "$why_not" ] || refuse "$why_not"
  [ "$invocation" = "$1" ] || refuse stale
  if [ "$2" = no ] && spent; then refuse budget; fi
  claim "begun at=$(clock) was=$1" || tell
  logger -t diagnose502 -p auth.notice "restart helper: restarting $manager $name" 2>/dev/null
  [ "$2" = no ] || systemctl reset-failed -- "$name" 2>/dev/null 9>&-
  renew
  status=$?
  look
  if [ $status = 0 ]; then answer="done at=$(clock) id=$id invocation=$invocation state=$state"
  else answer="failed status=$status at=$(clock) id=$id invocation=$invocation state=$state"
  fi
  printf '%s\\n' "$answer" >>"$marker"
  sync "$marker" 2>/dev/null
  say "$answer"
  [ $status = 0 ]
}

open_directory() {
  mkdir -p "$D" 2>/dev/null
  [ -d "$D" ] && [ ! -L "$D" ] && [ -O "$D" ] && [ -w "$D" ] && (: >>"$D/lock") 2>/dev/null || no_directory
  command -v flock >/dev/null || { say "refused why=no-flock"; exit 2; }
  exec 9>"$D/lock"
}

case "\${1-} $#" in
  "check 2")
    service "$2"
    look
    say "known reset=$may_reset id=$id invocation=$invocation state=$state why_not=\${why_not:-none}"
    exit 0 ;;
  "status 3")
    service "$2"
    is_key "$3" || deny "bad key"
    open_directory
    marker=$D/$3
    claim "taken at=$(clock)" || tell
    say "taken"
    exit 0 ;;
  "forget 3")
    service "$2"
    is_key "$3" || deny "bad key"
    open_directory
    last=
    [ -f "$D/$3" ] && while read -r line; do last=$line; done <"$D/$3"
    # any other marker still keeps a late command out
    case $last in done*) rm -f "$D/$3" ;; esac
    find "$D" -maxdepth 1 -type f -mtime +1 ! -name lock -exec rm -f {} + 2>/dev/null
    say "forgotten"
    exit 0 ;;
  *" 3" | *" 4") ;;
  *) deny "wrong words" ;;
esac

service "$1"
is_key "$2" || deny "bad key"
is_invocation "$3" || deny "bad invocation"
reset=no
if [ $# = 4 ]; then
  { [ "$4" = reset-budget ] && [ $may_reset = yes ]; } || deny "may not reset the budget"
  reset=yes
fi
# apart from whoever called: when they die, it goes on to its end
trap '' HUP INT TERM PIPE
if [ "\${DIAGNOSE502_APART-}" != yes ] && command -v setsid >/dev/null; then
  (DIAGNOSE502_APART=yes exec setsid "$0" "$@")
  exit $?
fi
open_directory
marker=$D/$2
once "$3" $reset
`;
