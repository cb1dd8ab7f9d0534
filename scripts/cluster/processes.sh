# Sourced by cluster.sh and docker.sh: programs that outlive the script, ended by the ids recorded at their start; POSIX
# sh. `records` and `logs` are folders, which the script has set.

# One that has ended counts as gone, even while nobody has taken note of its end.
start_time() { sed -n 's/.*) \([^ZX] \)/\1/p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

# running NAME: prints the id of the process that was started by that name, if it lives.
running() {
  [ -f "$records/$1" ] || return 1
  # An id alone may be another's by now.
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

ended() { [ "$(start_time "$1")" != "$2" ]; }

# end_process PID: SIGTERM, then SIGKILL.
end_process() {
  started=$(start_time "$1")
  [ -n "$started" ] || return 0
  kill -TERM "$1" 2>/dev/null || return 0
  wait_until 200 ended "$1" "$started" || kill -KILL "$1" 2>/dev/null || true
  wait_until 50 ended "$1" "$started" || fail "process $1 does not end"
}

# end NAME: as end_process.
end() {
  if pid=$(running "$1"); then end_process "$pid"; fi
  rm -f "$records/$1"
}

gone() { ! running "$1" >/dev/null; }

# crash NAME: SIGKILL.
crash() {
  pid=$(running "$1") || return 0
  kill -KILL "$pid" 2>/dev/null || true
  wait_until 50 gone "$1" || fail "$1 (process $pid) does not end"
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

# What is still mounted below a folder keeps the folder from being removed.
unmount_below() {
  awk -v root="$1/" 'index($2, root) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount 2>/dev/null || true
}
