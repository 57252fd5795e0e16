/**
 * The POSIX sh functions that every script carries: dash, bash and BusyBox ash run them alike. Nothing is written
 * on the host, and nothing is started that `reap` would not find. Comments and indentation are not sent.
 *
 * Variables set by the script: M the frame mark, U our uid, T how `timeout` is called (or nothing), LIMIT seconds for all of
 * it, NOW what the facts say of the time; by a look: INPUT for its command. File descriptors: 3 the script's input, 5 the
 * token, 6 what a command prints to, 9 what frames are printed to.
 *
 * The last line of a frame's body is its state: an exit status, or one of
 * `missing`, `irregular`, `denied <program> [<mode> <group> <file>]`.
 */
const SOURCE = `
nl='
'
# own: the first thing a stage of the pipeline does. It prints where all of them print; the pipe from the stage before,
# which that one lets go likewise, is for the output of what this one starts
own() { exec >&9; }

# frame ID: its body is o, and s as the last line. Only the one who holds the token prints; the token is the one line in a
# pipe that all share
frame() {
  read -r token <&5
  printf '%s %s %s\\n%s\\n%s\\n' "$M" "$1" $((\${#o} + 1 + \${#s})) "$o" "$s"
  echo >&5
}

# start SECONDS COMMAND...: its pid in c. It speaks plain English in UTF-8: of a whole locale each program would load twelve files. The command itself is under timeout, so that one which ignores TERM is killed too.
# For hosts without timeout, by a sleep; what is left of those is reaped at the end.
start() {
  n=$1; shift
  [ -z "$T" ] || set -- $T $n "$@"
  exec 6>/proc/self/fd/0
  if [ -n "$INPUT" ]; then printf %s "$INPUT" | LC_ALL= LC_CTYPE=$UTF8 "$@" >&6 2>&1 5>&- 6>&- 9>&- &
  else LC_ALL= LC_CTYPE=$UTF8 "$@" </dev/null >&6 2>&1 5>&- 6>&- 9>&- &
  fi
  c=$!
  exec 6>&-
  [ -n "$T" ] && return
  { exec </dev/null >/dev/null 5>&- 9>&-; sleep $n; kill -KILL $c; } & killer=$!
}

# ended: the command of start; its exit status in s
ended() {
  wait $c; s=$?
  [ -n "$T" ] || kill $killer
}

# bounded SECONDS BYTES COMMAND...: its output in o, at most so many bytes, and its exit status in s. A capture loses newlines
# at its end, so a known word follows them. A command that has more to say is to find its pipe closed
bounded() {
  n=$1 cap=$2; shift 2
  start $n "$@"
  o=$(head -qc $cap - /proc/sys/kernel/ostype)
  o=\${o%Linux}
  [ \${#o} -lt $cap ] || exec </dev/null
  ended
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
  n=$1 cap=$2 o=; shift 2
  where "$1" || { s=missing; return; }
  shift; set -- "$p" "$@"
  [ "$U" = 0 ] && { bounded $n $cap "$@"; return; }
  command -v sudo >/dev/null || { s="denied $p"; return; }
  bounded $n $cap sudo -n -- "$@"
  said=$o
  case $said in "sudo: unable to resolve host"*) said=\${said#*$nl} ;; esac
  case $s:$said in
    1:"sudo: "* | 1:"Sorry, user "* | 1:*" is not in the sudoers file"*) o= s="denied $p" ;;
  esac
}

# session: its id in mine, our own pid in me
session() {
  read -r l </proc/self/stat
  me=\${l%% *}; set -- \${l##*) }; mine=$4
}

# running ID -e NAME...: whether such a process is there; if not, that is the look's answer. One of our own session is another
# look, which asks the same program for its version, say
running() {
  own; i=$1; shift
  session
  for l in $(grep -lsxF "$@" /proc/[0-9]*/comm); do
    read -r l <"\${l%comm}stat" || continue
    set -- \${l##*) }
    [ "$4" = "$mine" ] || return 0
  done
  o= s=missing; frame $i
  return 1
}

run_self() { own; i=$1; shift; bounded "$@"; frame $i; }
run_root() { own; i=$1; shift; as_root "$@"; frame $i; }
run_prefer_root() {
  own; i=$1; shift
  as_root "$@"
  case $s in denied*) bounded "$@"; shut "$@" ;; esac
  frame $i
}

# shut COMMAND...: a socket among its words that would not let us in tells the right that is missing
shut() {
  case $s:$o in 0:*) return ;; *"Permission denied"*) ;; *) return ;; esac
  for a; do [ -S "$a" ] && [ ! -w "$a" ] && { denied - "$a"; return; }; done
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
  s="denied $p \${1:--} \${4:--} $f"
}

# read_files AS SECONDS BYTES COUNT TEXT... PATH...
read_files() {
  as=$1 n=$2 cap=$3 k=$4; shift 4
  all=$# j=0 any= locked= read= state=missing text=
  while [ $j -lt $all ]; do
    j=$((j + 1)) a=$1; shift
    if [ $j -le $k ]; then set -- "$@" "$a"
    elif [ -f "$a" ]; then
      if [ "$U" = 0 ] && [ -L "$a" ] && astray "$a"; then state=irregular
      elif [ -r "$a" ]; then set -- "$@" "$a"; any=1
      else locked=$locked$a$nl
      fi
    elif [ -e "$a" ]; then state=irregular
    elif out_of_sight "$a"; then locked=$locked$a$nl
    fi
  done
  IFS=$nl
  for a in $locked; do
    unset IFS
    if [ $as = self ]; then denied - "$a"
    else as_root $n $cap cat "$a"
    fi
    case $s in
      0) text="$text# file $a$nl$o$nl" read=1 ;;
      denied*)
        [ $as = self ] || { where cat; denied "$p" "$a"; }
        text="$text# denied $a$nl" state=$s ;;
    esac
    [ \${#text} -lt $cap ] || break
  done
  unset IFS
  o= s=$state
  if [ -n "$any" ] && [ \${#text} -lt $cap ]; then
    bounded $n $cap awk '
      BEGIN { k = ARGV[1]; for (i = 1; i <= k + 1; i++) { t[i] = ARGV[i]; ARGV[i] = "" } }
      FNR == 1 { print "# file " FILENAME }
      k == 0 { print; next }
      { for (i = 2; i <= k + 1; i++) if (index($0, t[i])) { print; next } }' $k "$@"
  elif [ -n "$read" ]; then s=0
  fi
  o=$text$o
}
files() { own; i=$1; shift; read_files "$@"; frame $i; }

# read_log AS SECONDS BYTES MINUTES PATH: the end of it, and of the neighbours it was rotated into in that time
read_log() {
  as=$1 n=$2 most=$3 min=$4 f=$5 o=
  if [ -f "$f" ]; then
    if [ "$U" = 0 ] && astray "$f"; then s=irregular; return; fi
    if [ -r "$f" ]; then bounded $n $most tail -c $most "$f"
    elif [ $as = self ]; then denied - "$f"; return
    elif astray "$f"; then s=irregular; return
    else as_root $n $most tail -c $most "$f"
    fi
  elif [ -e "$f" ]; then s=irregular; return
  elif out_of_sight "$f"; then
    if [ $as = self ]; then denied - "$f"; return; fi
    as_root $n $most tail -c $most "$f"
  else s=missing
  fi
  case $s in denied*) where tail; denied "$p" "$f"; return ;; esac
  text=$o state=$s
  set --
  for a in "$f".[12] "$f".[12].gz "$f"-[0-9]*; do [ -f "$a" ] && set -- "$@" "$a"; done
  [ $# -gt 0 ] || return
  IFS=$nl
  for a in $(find "$@" -prune -type f -mmin -$min); do
    unset IFS
    left=$((most - \${#text}))
    [ $left -gt 1024 ] || break
    case $a in
      *.gz) start $n gzip -dc "$a"; o=$(tail -c $left); ended ;;
      *) if [ -r "$a" ]; then o=$(tail -c $left "$a"); else as_root $n $left tail -c $left "$a"; fi ;;
    esac
    [ -n "$o" ] && text=\${o%$nl}$nl$text state=0
  done
  unset IFS
  o=$text s=$state
}
log() { own; i=$1; shift; read_log "$@"; frame $i; }

facts() {
  own
  i=$(id); u=\${i#uid=}; n=\${i#*(}; g=\${i#*gid=}; g=\${g##*groups=}
  o="$NOW\${nl}uid=\${u%%(*}\${nl}user=\${n%%)*}\${nl}groups=\${g%% *}"
  for k in ostype:kernel/ostype kernel:kernel/osrelease hostname:kernel/hostname boot_id:kernel/random/boot_id; do
    read -r v </proc/sys/\${k#*:} && o="$o$nl\${k%%:*}=$v"
  done
  read -r v n </proc/uptime && o="$o\${nl}uptime=$v"
  while IFS== read -r k v; do
    v=\${v#\\"}; [ "$k" = PRETTY_NAME ] && { o="$o\${nl}os=\${v%\\"}"; break; }
  done </etc/os-release
  for k in timeout ss sudo systemctl journalctl curl gzip; do command -v $k >/dev/null && set -- "$@" $k; done
  o="$o\${nl}programs=$*" s=0
  frame facts
}

# reap: everything of this session but ourselves is killed; what is root's, if sudo lets us, which is asked once and may hang. Stopped
# before, or one would see another die and tell of it. Until nothing is left: what was starting a child while we looked has one more now
reap() {
  asked=; session
  for again in 1 2 3 4 5 6 7 8 9 10; do
    found=
    for s in /proc/[0-9]*/stat; do
      read -r l <"$s" || continue
      set -- \${l##*) }
      [ "$4" = "$mine" ] && [ "$1" != Z ] && [ "\${l%% *}" != "$me" ] && found="$found \${l%% *}"
    done
    [ -n "$found" ] || return
    kill -STOP $found
    left=
    for l in $found; do kill -KILL $l || [ ! -d /proc/$l ] || left="$left $l"; done
    case $asked$left in " "*) asked=yes; \${T:+$T 1} sudo -n -- kill -KILL $left ;; esac
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
