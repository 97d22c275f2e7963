# A queue of paper for the stand-ins of batch systems to source: it runs jobs on this machine, each as soon as
# what it depends on has ended. Its folder is $QUEUE:
#
#     calls           how the stand-ins were called
#     events          "start JOB INDEX", "end JOB INDEX STATUS", "restart JOB INDEX"
#     JOB/INDEX       state of a task: waiting, running, ended, cancelled, vanished
#     refuse          where it is there, submissions that match its pattern are refused
#     busy            where it is there, so many queries fail
set -u
name=$(basename "$0")
QUEUE=${QUEUE:-/dev/null}
[ ! -d "$QUEUE" ] || echo "$name $*" >>"$QUEUE/calls"

fail() { echo "$name: $*" >&2; exit "${status:-1}"; }
# An option that the manual page does not know must not pass.
unknown() { fail "unknown option $1"; }

refused() {
  [ ! -e "$QUEUE/refuse" ] || ! grep -q "$(cat "$QUEUE/refuse")" <<<"$*" || fail 'no such queue'
}
busy() {
  local left
  left=$(cat "$QUEUE/busy" 2>/dev/null || echo 0)
  [ "$left" -gt 0 ] || return 0
  echo $((left - 1)) >"$QUEUE/busy"
  fail 'cannot reach the server'
}

state() { cat "$QUEUE/$1/$2" 2>/dev/null || echo unknown; }
indices() { ls "$QUEUE/$1" 2>/dev/null | grep '^[0-9]*$' | sort -n; }
is_left() {
  case $(state "$1" "$2") in waiting | running) ;; *) return 1 ;; esac
}
any_left() {
  local index
  for index in $(indices "$1"); do is_left "$1" "$index" && return 0; done
  return 1
}
event() { echo "$*" >>"$QUEUE/events"; }

# task JOB INDEX VARIABLE COMMAND…: run it; again where its status is $again.
task() {
  local job=$1 index=$2 code
  while [ "$(state "$job" "$index")" = waiting ]; do
    echo running >"$QUEUE/$job/$index"
    event "start $job $index"
    env ${3:+"$3=$index"} setsid --wait "${@:4}" >>"$QUEUE/$job/$index.out" 2>&1 </dev/null &
    echo $! >"$QUEUE/$job/$index.process"
    wait $!
    code=$?
    [ "$(state "$job" "$index")" = running ] || return
    event "end $job $index $code"
    if [ "$code" = "${again:-none}" ]; then
      event "restart $job $index"
      echo waiting >"$QUEUE/$job/$index"
    else
      echo ended >"$QUEUE/$job/$index"
    fi
  done
}

# submit FIRST LAST VARIABLE "DEPENDENCIES" COMMAND…: the job's number goes to $job.
submit() {
  local index other
  refused "${@:5}"
  mkdir -p "$QUEUE"
  job=$(($(cat "$QUEUE/job" 2>/dev/null || echo 100) + 1))
  echo "$job" >"$QUEUE/job"
  mkdir "$QUEUE/$job"
  for other in $4; do [ -d "$QUEUE/$other" ] || fail "there is no job $other to depend on"; done
  for ((index = $1; index <= $2; index++)); do echo waiting >"$QUEUE/$job/$index"; done
  (
    for other in $4; do while any_left "$other"; do sleep 0.05; done; done
    for ((index = $1; index <= $2; index++)); do task "$job" "$index" "$3" "${@:5}" & done
    wait
  ) >/dev/null 2>&1 </dev/null &
}

# finish STATE JOB [INDEX]: end a job's tasks, or one.
finish() {
  local index
  for index in ${3:-$(indices "$2")}; do
    is_left "$2" "$index" || continue
    echo "$1" >"$QUEUE/$2/$index"
    [ ! -s "$QUEUE/$2/$index.process" ] || kill_tree "$(cat "$QUEUE/$2/$index.process")"
  done
}
kill_tree() {
  local child
  for child in $(pgrep -P "$1"); do kill_tree "$child"; done
  kill -9 "$1" 2>/dev/null
}
