/** How the helper reads a service, by each manager: part of what every helper carries. Variables of its list: manager, name, project, user. */
export const HELPER_LOOKS = `
# look: the service as it is now. id, invocation (or none), state, restarts, why_not (masked, missing, alias, several, job, stopped)
look() {
  id=$name invocation=none state=unknown restarts=0 why_not=
  look_$manager
}

look_systemd() {
  load= burst= span=
  while IFS== read -r k w; do
    case $k in
      Id) id=$w ;;
      LoadState) load=$w ;;
      ActiveState) state=$w ;;
      InvocationID) invocation=\${w:-none} ;;
      NRestarts) restarts=\${w:-0} ;;
      StartLimitBurst) burst=$w ;;
      StartLimitIntervalUSec) span=$w ;;
      Job) case $w in '' | 0) ;; *) why_not=job ;; esac ;;
    esac
  done <<END
$(systemctl show --no-pager -p Id,LoadState,ActiveState,InvocationID,NRestarts,StartLimitBurst,StartLimitIntervalUSec,Job -- "$name" 9>&-)
END
  case $load in
    loaded) [ "$id" = "$name" ] || why_not=alias ;;
    masked) why_not=masked ;;
    *) why_not=missing ;;
  esac
  case $state in activating | deactivating | reloading) why_not=job ;; esac
}

# look_processes PID...: their pids and start times make an invocation; of several, a checksum
look_processes() {
  [ $# -gt 0 ] || why_not=missing
  state=stopped all=
  for pid; do
    case $pid in *[!0-9]*) why_not=missing; return ;; esac
    [ "$pid" != 0 ] && read -r line </proc/$pid/stat || continue
    all="$all$pid.$(start_time \${line##*) }) " state=running
  done
  case $all in
    '') ;;
    *" "?*) set -- $(printf %s "$all" | cksum); invocation=several.$1.$2 ;;
    *) invocation=\${all% } ;;
  esac
} 2>/dev/null
# of the fields of /proc/PID/stat that follow the name
start_time() { shift 19; printf %s "$1"; }

look_pm2() {
  pm2_runs || { why_not=missing; return; }
  look_processes $(as_user pm2 pid "$name")
  [ $state = stopped ] || return
  esc=$(printf '\\033')
  set -- $(as_user pm2 describe "$name" | sed -n "s/$esc\\[[0-9;]*m//g; s/.*│ status *│ *\\([a-z ]*[a-z]\\) *│.*/\\1/p")
  [ "\${1-}" = stopped ] && why_not=stopped
}
# pm2_runs: the user's PM2 is there. Asked without, pm2 would start an empty one, out of its unit. The number may be from before a
# boot, and another process's by now
pm2_runs() {
  set -- $(as_user cat "$(home_of "$user")/.pm2/pm2.pid")
  case \${1-} in '' | *[!0-9]*) return 1 ;; esac
  [ "$(stat -c %u /proc/$1)" = "$(id -u "$user")" ] && grep -q '^PM2 v' /proc/$1/cmdline
} 2>/dev/null
look_supervisor() {
  look_processes $(supervisorctl pid "$name" 9>&-)
  set -- $(supervisorctl status "$name" 9>&- </dev/null)
  case \${2-} in
    STOPPED) why_not=stopped ;;
    STARTING | STOPPING | BACKOFF) why_not=job ;;
  esac
}
look_docker() { look_container "$name"; }
look_compose() {
  set -- $(docker ps -aq --no-trunc --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$name" \\
    --filter label=com.docker.compose.oneoff=False 9>&-)
  case $# in
    0) why_not=missing ;;
    1) look_container "$1" ;;
    *) why_not=several ;;
  esac
}
look_container() {
  set -- $(docker inspect --type container --format '{{.Id}} {{.State.StartedAt}} {{.State.Status}}' "$1" 9>&- 2>/dev/null)
  [ $# = 3 ] || { why_not=missing; return; }
  container=$1 invocation=$1@$2 state=$3
  case $state in
    restarting | removing) why_not=job ;;
    paused) why_not=stopped ;;
  esac
}

# as_user COMMAND...: with nothing of our environment, so that their PM2 is the one in their home
as_user() {
  set -- env -i HOME="$(home_of "$user")" USER="$user" LOGNAME="$user" PATH="$PATH" LC_ALL=C "$@"
  [ "$user" = "$(id -un)" ] || set -- runuser -u "$user" -- "$@"
  "$@" 9>&-
} </dev/null
home_of() {
  set -- "$(getent passwd "$1")"
  set -- "\${1%:*}"
  printf %s "\${1##*:}"
}
`;
