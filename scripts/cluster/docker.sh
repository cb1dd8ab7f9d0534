#!/bin/sh
# docker.sh up|down|status: a Docker daemon of its own in the network namespace of the tests, so that the addresses of
# its containers exist nowhere else on the machine. `up` prints its socket as the last line; both may be repeated.
# What runs against it runs in the namespace too: nsenter --net=/var/run/netns/galaxy-e2e -- PROGRAM
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"

dir=$cluster_dir/docker
socket=$dir/docker.sock
# Process id and start time: after a reboot, the id may be another's.
record=$dir/daemon.process
containerd_pid=$dir/exec/containerd/containerd.pid

# One that has ended counts as gone, even while nobody has taken note of its end.
start_time() { sed -n 's/.*) \([^ZX] \)/\1/p' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

daemon_pid() {
  [ -f "$record" ] || return 1
  read -r pid started <"$record"
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

client() { docker --host "unix://$socket" "$@"; }

answers() { client version >/dev/null 2>&1; }

# wait_until TENTHS COMMAND...
wait_until() {
  tries=$1
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.1
  done
}

# It answers, or never will.
settled() { answers || ! daemon_pid >/dev/null; }

ended() { [ "$(start_time "$1")" != "$2" ]; }

# end_process PID: SIGTERM, then SIGKILL.
end_process() {
  started=$(start_time "$1")
  [ -n "$started" ] || return 0
  kill -TERM "$1" 2>/dev/null || return 0
  wait_until 200 ended "$1" "$started" || kill -KILL "$1" 2>/dev/null || true
  wait_until 50 ended "$1" "$started" || fail "process $1 does not end"
}

# True when the containerd that the daemon has started still runs.
containerd_runs() { grep -q "$dir/exec" "/proc/$(cat "$containerd_pid" 2>/dev/null)/cmdline" 2>/dev/null; }

# Somebody may have removed the namespace and made it again.
is_inside() { [ "$(readlink "/proc/$1/ns/net")" = "$(inside readlink /proc/self/ns/net)" ]; }

install_parts() {
  [ "$(id -u)" = 0 ] || fail 'only root can make a network namespace and run a Docker daemon in it'
  need ip iproute2
  need iptables iptables
  need dockerd docker.io
  need docker-init tini
}

make_namespace() {
  inside true 2>/dev/null && return 0
  # What a reboot left behind is a file that is no namespace.
  ip netns delete "$namespace" 2>/dev/null || true
  ip netns add "$namespace"
  inside ip link set lo up
}

# Without CAP_SYS_RESOURCE no process may lower its oom_score_adj, and runc gives up at the sandboxes of pods.
write_runtime() {
  cat >"$dir/runc" <<'WRAPPER'
#!/bin/sh
previous=
for argument in "$@"; do
  if [ "$previous" = --bundle ]; then
    sed -i 's/"oomScoreAdj":-[0-9]*/"oomScoreAdj":0/' "$argument/config.json"
  fi
  previous=$argument
done
exec runc "$@"
WRAPPER
  chmod 755 "$dir/runc"
}

# Its containers outlive it (live-restore): the tests restart it under running engines.
launch() {
  mkdir -p "$dir"
  write_runtime
  # Not the machine's own settings.
  echo '{}' >"$dir/daemon.json"
  rm -f "$dir/docker.pid"
  # The daemon would wait for one that is dead, if its id is still or again in use.
  containerd_runs || rm -f "$containerd_pid"
  setsid nsenter --net="/var/run/netns/$namespace" -- dockerd \
    --config-file "$dir/daemon.json" --live-restore --data-root "$dir/data" --exec-root "$dir/exec" \
    --pidfile "$dir/docker.pid" --host "unix://$socket" --group root --log-level warn \
    --add-runtime "galaxy=$dir/runc" --default-runtime galaxy >>"$dir/docker.log" 2>&1 </dev/null &
  echo "$! $(start_time "$!")" >"$record"
}

up() {
  install_parts
  make_namespace
  if pid=$(daemon_pid) && ! is_inside "$pid"; then down; fi
  if ! daemon_pid >/dev/null; then
    launch
    say 'starting the Docker daemon'
  fi
  wait_until 300 settled
  answers || { tail -n 5 "$dir/docker.log" >&2; fail "the Docker daemon does not answer; see $dir/docker.log"; }
  echo "$socket"
}

down() {
  # One that died left its containers running: only a daemon can end them.
  if ! daemon_pid >/dev/null && [ -n "$(ls "$dir"/exec/containerd/daemon/io.containerd.runtime.v2.task/moby 2>/dev/null)" ]; then
    up >/dev/null
  fi
  if pid=$(daemon_pid); then
    containers=$(client ps --quiet 2>/dev/null || true)
    # shellcheck disable=SC2086
    [ -z "$containers" ] || client kill $containers >/dev/null 2>&1 || true
    end_process "$pid"
  fi
  # The daemon's own containerd goes with it, unless that was killed.
  if containerd_runs; then end_process "$(cat "$containerd_pid")"; fi
  # A daemon that was killed leaves its data mounted upon itself.
  umount "$dir/data" 2>/dev/null || true
  rm -rf "$record" "$socket" "$dir/exec" "$dir/docker.pid"
}

status() {
  if daemon_pid >/dev/null && answers; then
    echo "the Docker daemon runs: $(client info --format '{{.ServerVersion}}, {{.ContainersRunning}} containers run')"
  else
    echo 'the Docker daemon does not run'
    return 1
  fi
}

case ${1:-} in
  up | down | status) "$1" ;;
  *) fail 'use: docker.sh up|down|status' ;;
esac
