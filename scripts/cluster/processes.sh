# Sourced by cluster.sh: programs that outlive the script, ended by the ids recorded at their start; POSIX sh.

# Process ids with start times: an id alone may be another's by now.
records=$state_dir/processes
logs=$state_dir/logs

start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# running NAME: prints the id of the process that was started by that name, if it lives.
running() {
  [ -f "$records/$1" ] || return 1
  read -r pid started <"$records/$1" || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

# launch NAME COMMAND...: in the namespace, unless it runs.
launch() {
  running "$1" >/dev/null && return 0
  mkdir -p "$records" "$logs"
  name=$1
  shift
  # The lock of cluster.sh (9) is not theirs to hold.
  setsid nsenter --net="/var/run/netns/$namespace" -- "$@" >>"$logs/$name.log" 2>&1 </dev/null 9>&- &
  echo "$! $(start_time "$!")" >"$records/$name"
}

gone() { ! running "$1" >/dev/null; }

# end NAME: SIGTERM, then SIGKILL.
end() {
  pid=$(running "$1") || return 0
  kill -TERM "$pid" 2>/dev/null || true
  wait_until 100 gone "$1" || kill -KILL "$pid" 2>/dev/null || true
  wait_until 50 gone "$1" || fail "$1 (process $pid) does not end"
  rm -f "$records/$1"
}

# wait_until TENTHS COMMAND...
wait_until() {
  tries=$1
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

# wait_for NAME TENTHS COMMAND...: until it works, or fails with the last words of the program.
wait_for() {
  waited_for=$1
  shift
  wait_until "$@" && return 0
  tail -n 5 "$logs/$waited_for.log" >&2
  fail "$waited_for is not ready; see $logs/$waited_for.log"
}
