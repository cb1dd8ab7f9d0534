#!/bin/sh
# docker.sh up|down|status: a Docker daemon of its own in the network namespace of the tests, so that the addresses of
# its containers exist nowhere else on the machine. `up` prints its socket as the last line; both may be repeated.
# What runs against it runs in the namespace too: nsenter --net=/var/run/netns/galaxy-e2e -- PROGRAM
# docker.sh start|stop|kill: the daemon alone, for tests of faults; its containers run on.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"

dir=$cluster_dir/docker
socket=$dir/docker.sock
records=$dir/processes
logs=$dir
. "$here/processes.sh"
containerd_pid=$dir/exec/containerd/containerd.pid

client() { docker --host "unix://$socket" "$@"; }

answers() { client version >/dev/null 2>&1; }

# It answers, or never will.
settled() { answers || gone docker; }

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
  # In the namespace, nothing can be fetched.
  "$here/registry.sh" >/dev/null
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
start() {
  if gone docker; then
    mkdir -p "$dir"
    write_runtime
    # Not the machine's own settings.
    echo '{}' >"$dir/daemon.json"
    rm -f "$dir/docker.pid"
    # The daemon would wait for one that is dead, if its id is still or again in use.
    containerd_runs || rm -f "$containerd_pid"
    say 'starting the Docker daemon'
    launch docker dockerd --config-file "$dir/daemon.json" --live-restore --data-root "$dir/data" \
      --exec-root "$dir/exec" --pidfile "$dir/docker.pid" --host "unix://$socket" --group root --log-level warn \
      --add-runtime "galaxy=$dir/runc" --default-runtime galaxy
  fi
  wait_until 300 settled || true
  wait_for docker 1 answers
}

up() {
  install_parts
  make_namespace
  if pid=$(running docker) && ! is_inside "$pid"; then down; fi
  start
  echo "$socket"
}

down() {
  # One that died left its containers running: only a daemon can end them.
  if gone docker && [ -n "$(ls "$dir"/exec/containerd/daemon/io.containerd.runtime.v2.task/moby 2>/dev/null)" ]; then
    up >/dev/null
  fi
  containers=$(client ps --quiet 2>/dev/null || true)
  # shellcheck disable=SC2086
  [ -z "$containers" ] || client kill $containers >/dev/null 2>&1 || true
  end docker
  # The daemon's own containerd goes with it, unless that was killed.
  if containerd_runs; then end_process "$(cat "$containerd_pid")"; fi
  # A daemon that was killed leaves its data mounted upon itself.
  umount "$dir/data" 2>/dev/null || true
  # So does a container that was on the network of the daemon itself.
  unmount_below "$dir/exec"
  rm -rf "$records" "$socket" "$dir/exec" "$dir/docker.pid"
}

status() {
  if running docker >/dev/null && answers; then
    echo "the Docker daemon runs: $(client info --format '{{.ServerVersion}}, {{.ContainersRunning}} containers run')"
  else
    echo 'the Docker daemon does not run'
    return 1
  fi
}

case ${1:-} in
  up | down | status | start) "$1" ;;
  stop) end docker ;;
  kill) crash docker ;;
  *) fail 'usage: docker.sh up|down|status|start|stop|kill' ;;
esac
