/**
 * The POSIX sh functions that every script carries: dash, bash and BusyBox ash run them alike. Nothing is written
 * on the host, and nothing is started that `reap` would not find. Comments and indentation are not sent.
 *
 * Variables set by the script: M the frame mark, U our uid, T how `timeout` is called (or nothing), LIMIT seconds for all of it.
 * The last line of a frame's body is its state: an exit status, or one of
 * `missing`, `irregular`, `denied <program> [<mode> <group> <file>]`.
 */
const SOURCE = `
nl='
'
# frame ID BODY: only the one who holds the token prints; the token is the one line in a pipe that all looks share
frame() {
  read -r token <&5
  printf '%s %s %s\\n%s\\n' "$M" "$1" "\${#2}" "$2"
  echo >&5
}

# limit SECONDS COMMAND...: the command itself under timeout, so that one which ignores TERM is killed too.
# For hosts without timeout, by a sleep; what is left of those is reaped at the end.
case $T in
timeout*) limit() { LC_ALL=$UTF8 $T "$@" 2>&1; } ;;
*) limit() {
  n=$1; shift
  LC_ALL=$UTF8 "$@" 2>&1 & c=$!
  { exec >/dev/null; sleep $n; kill -KILL $c; } & k=$!
  wait $c; s=$?
  kill $k
  return $s
} ;;
esac

# bounded SECONDS BYTES COMMAND...: its output, at most so many bytes; then a line with its exit status
bounded() {
  n=$1 cap=$2; shift 2
  exec 4>&1
  s=$( { { limit $n "$@" 3>&- 4>&- 5>&-; echo $? >&3; } | head -c $cap >&4 3>&-; } 3>&1 )
  printf '\\n%s' "$s"
}

# where PROGRAM: its path in p
where() {
  p=; IFS=:
  for d in $PATH; do [ -x "$d/$1" ] && [ ! -d "$d/$1" ] && { p=$d/$1; break; }; done
  unset IFS
  [ -n "$p" ]
}

# as_root SECONDS BYTES COMMAND...: like bounded
as_root() {
  n=$1 cap=$2; shift 2
  where "$1" || { printf '\\nmissing'; return; }
  shift; set -- "$p" "$@"
  [ "$U" = 0 ] && { bounded $n $cap "$@"; return; }
  command -v sudo >/dev/null || { printf '\\ndenied %s' "$p"; return; }
  o=$(bounded $n $cap sudo -n -- "$@")
  r=$o
  case $r in "sudo: unable to resolve host"*) r=\${r#*$nl} ;; esac
  case \${o##*$nl}:$r in
    1:"sudo: "* | 1:"Sorry, user "* | 1:*" is not in the sudoers file"*) printf '\\ndenied %s' "$p" ;;
    *) printf %s "$o" ;;
  esac
}

# running ID -e NAME...: whether such a process is there; if not, that is the look's answer
running() {
  i=$1; shift
  grep -qsxF "$@" /proc/[0-9]*/comm && return
  frame $i "\${nl}missing"
  return 1
}

run_self() { i=$1; shift; frame $i "$(bounded "$@")"; }
run_root() { i=$1; shift; frame $i "$(as_root "$@")"; }
run_prefer_root() {
  i=$1; shift
  o=$(as_root "$@")
  case \${o##*$nl} in denied*) o=$(bounded "$@") ;; esac
  frame $i "$o"
}

# out_of_sight PATH: a directory on the way may not be entered, so nobody can say whether the file is there
out_of_sight() {
  d=\${1%/*}
  while [ -n "$d" ] && [ ! -d "$d" ]; do d=\${d%/*}; done
  [ -n "$d" ] || return 1
  [ -x "$d" ] || return 0
  case $1 in *[*?[]*) [ ! -r "$d" ] ;; *) return 1 ;; esac
}

# astray PATH: it leads to a file that whoever owns the link should not make a privileged reader print
astray() {
  case $(readlink -f "$1") in
    /proc/* | /sys/* | /dev/* | /boot/* | */.ssh/* | */shadow* | */gshadow* | */sudoers* | *_key | *.key | *.pem) return 0 ;;
    /etc/*) case $1 in /etc/*) return 1 ;; esac; return 0 ;;
  esac
  return 1
}

# denied PROGRAM PATH: with mode and group, which tell the right that is missing
denied() {
  f=$2 p=$1
  set -- $(ls -ld "$f")
  printf '\\ndenied %s %s %s %s' "$p" "\${1:--}" "\${4:--}" "$f"
}

# files AS SECONDS BYTES COUNT TEXT... PATH...
read_files() {
  as=$1 n=$2 cap=$3 k=$4; shift 4
  all=$# j=0 any= locked= state=
  while [ $j -lt $all ]; do
    j=$((j + 1)) a=$1; shift
    if [ $j -le $k ]; then set -- "$@" "$a"
    elif [ -f "$a" ]; then
      if [ "$U" = 0 ] && [ -L "$a" ] && astray "$a"; then state="\${nl}irregular"
      elif [ -r "$a" ]; then set -- "$@" "$a"; any=1
      else locked=$locked$a$nl
      fi
    elif [ -e "$a" ]; then state="\${nl}irregular"
    elif out_of_sight "$a"; then locked=$locked$a$nl
    fi
  done
  IFS=$nl
  for a in $locked; do
    unset IFS
    [ $as = self ] && { state=$(denied - "$a"); printf '# denied %s\\n' "$a"; continue; }
    b=$(as_root $n $cap cat "$a")
    case \${b##*$nl} in
      0) printf '# file %s\\n%s\\n' "$a" "\${b%$nl*}"; read=1 ;;
      denied*) where cat; state=$(denied "$p" "$a"); printf '# denied %s\\n' "$a" ;;
    esac
  done
  unset IFS
  if [ -n "$any" ]; then
    bounded $n $cap awk '
      BEGIN { k = ARGV[1]; for (i = 1; i <= k + 1; i++) { t[i] = ARGV[i]; ARGV[i] = "" } }
      FNR == 1 { print "# file " FILENAME }
      k == 0 { print; next }
      { for (i = 2; i <= k + 1; i++) if (index($0, t[i])) { print; next } }' $k "$@"
  elif [ -n "$read" ]; then printf '\\n0'
  else printf %s "\${state:-\${nl}missing}"
  fi
}
files() { i=$1; shift; frame $i "$(read_files "$@")"; }

# log AS SECONDS BYTES MINUTES PATH: the end of it, and of the neighbours it was rotated into in that time
read_log() {
  as=$1 n=$2 cap=$3 min=$4 f=$5
  if [ -f "$f" ]; then
    if [ "$U" = 0 ] && astray "$f"; then printf '\\nirregular'; return; fi
    if [ -r "$f" ]; then o=$(bounded $n $cap tail -c $cap "$f")
    elif [ $as = self ]; then denied - "$f"; return
    elif astray "$f"; then printf '\\nirregular'; return
    else o=$(as_root $n $cap tail -c $cap "$f")
    fi
  elif [ -e "$f" ]; then printf '\\nirregular'; return
  elif out_of_sight "$f"; then
    if [ $as = self ]; then denied - "$f"; return; fi
    o=$(as_root $n $cap tail -c $cap "$f")
  else o="\${nl}missing"
  fi
  x=\${o##*$nl} o=\${o%$nl*}
  case $x in denied*) where tail; denied "$p" "$f"; return ;; esac
  IFS=$nl
  for r in $(find "$f".[12] "$f".[12].gz "$f"-[0-9]* -prune -type f -mmin -$min); do
    unset IFS
    left=$((cap - \${#o}))
    [ $left -gt 1024 ] || break
    case $r in
      *.gz) b=$(limit $n gzip -dc "$r" 5>&- | tail -c $left) ;;
      *) if [ -r "$r" ]; then b=$(tail -c $left "$r"); else b=$(as_root $n $left tail -c $left "$r"); b=\${b%$nl*}; fi ;;
    esac
    [ -n "$b" ] && o=$b$nl$o x=0
  done
  unset IFS
  printf '%s\\n%s' "$o" "$x"
}
log() { i=$1; shift; frame $i "$(read_log "$@")"; }

facts() {
  frame facts "$(
    date '+epoch=%s.%N%noffset=%z'
    i=$(id); u=\${i#uid=}; n=\${i#*(}; g=\${i#*gid=}; g=\${g##*groups=}
    printf 'uid=%s\\nuser=%s\\ngroups=%s\\n' "\${u%%(*}" "\${n%%)*}" "\${g%% *}"
    for k in ostype:kernel/ostype kernel:kernel/osrelease hostname:kernel/hostname boot_id:kernel/random/boot_id; do
      read -r v </proc/sys/\${k#*:} && printf '%s=%s\\n' "\${k%%:*}" "$v"
    done
    read -r v n </proc/uptime && printf 'uptime=%s\\n' "$v"
    while IFS== read -r k v; do
      v=\${v#\\"}; [ "$k" = PRETTY_NAME ] && printf 'os=%s\\n' "\${v%\\"}"
    done </etc/os-release
    for k in timeout ss sudo systemctl journalctl curl gzip; do command -v $k >/dev/null && set -- "$@" $k; done
    printf 'programs=%s\\n0' "$*"
  )"
}

# reap: everything of this session but ourselves is killed; what is root's, if sudo lets us. Until nothing is left: what was
# starting a child while we looked has one more now
reap() {
  read -r l </proc/self/stat
  me=\${l%% *}; set -- \${l##*) }; mine=$4
  for again in 1 2 3 4 5 6 7 8 9 10; do
    found=
    for s in /proc/[0-9]*/stat; do
      read -r l <"$s" || continue
      set -- \${l##*) }
      [ "$4" = "$mine" ] && [ "$1" != Z ] && [ "\${l%% *}" != "$me" ] && found="$found \${l%% *}"
    done
    [ -n "$found" ] || return
    kill -KILL $found || sudo -n -- kill -KILL $found
  done
}

# watch COMMAND...: when it ends, so does everything
watch() {
  trap 'kill $c; exit' TERM
  "$@" <&3 3<&- & c=$!
  wait $c
  reap
}
`;

/** The functions as they are sent: comments and indentation removed. */
export const SCRIPT_FUNCTIONS = SOURCE.split("\n")
  .map((line) => line.trimStart())
  .filter((line) => line !== "" && !line.startsWith("#"))
  .join("\n");
