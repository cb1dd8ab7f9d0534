#!/bin/sh
# cluster.sh up|down|status: a one-node Kubernetes cluster on a bare Debian machine, in a network namespace of its own.
# `up` prints the path of its kubeconfig as the last line; each may be repeated. What must reach pods and services runs in
# the namespace: nsenter --net=/var/run/netns/galaxy-e2e -- PROGRAM
# cluster.sh start|stop|kill PART: for tests of faults; `parts` names them.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
records=$state_dir/processes
logs=$state_dir/logs
. "$here/processes.sh"
. "$here/netns.sh"
. "$here/access.sh"
. "$here/control-plane.sh"
. "$here/images.sh"
. "$here/node.sh"

# In the order of starting.
parts='etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy'

usage() { fail 'usage: cluster.sh up|down|status, cluster.sh start|stop|kill PART'; }

start() { "start_$(echo "$1" | tr - _)"; }

is_part() { case " $parts " in *" $1 "*) ;; *) fail "no such part: $1 (there are: $parts)" ;; esac; }

# Groups with nobody in them are what is left of a cluster that is gone.
is_foreign_node() {
  [ ! -d "$state_dir" ] && [ -n "$(find /sys/fs/cgroup -path '*/kubepods*' -name cgroup.procs -exec cat {} + 2>/dev/null)" ]
}

boot() { cat /proc/sys/kernel/random/boot_id; }

up() {
  [ "$(id -u)" = 0 ] || fail 'only root can run a cluster of its own; GALAXY_E2E_KUBECONFIG names another'
  ! is_foreign_node || fail 'this machine is a node of another cluster: two kubelets would end each other'"'"'s pods'
  need kubectl kubernetes-client
  need ip iproute2
  # The data is written without fsync: after a reboot it is not to be trusted.
  [ ! -d "$state_dir" ] || [ "$(cat "$state_dir/boot" 2>/dev/null)" = "$(boot)" ] || drop_state
  mkdir -p "$state_dir"
  boot >"$state_dir/boot"
  "$here/build.sh" 9>&-
  "$here/docker.sh" up >/dev/null 9>&-
  make_network
  make_pause_image
  make_keys
  write_kubeconfig
  for part in $parts; do start "$part"; done
  make_storage_class
  bind_users
  wait_for kubelet 300 node_is_ready
  echo "$kubeconfig"
}

# What runs on the node first, so that nothing is started again meanwhile.
down() {
  for part in kube-proxy kubelet kube-scheduler kube-controller-manager kube-apiserver etcd; do end "$part"; done
  drop_state
  "$here/docker.sh" down 9>&-
  drop_network
}

drop_state() {
  [ -d "$state_dir" ] || return 0
  drop_pods
  restore_machine_settings
  rm -rf "$state_dir" "$kubeconfig"
}

status() {
  worst=0
  for part in $parts; do
    if pid=$(running "$part"); then echo "$part runs (process $pid)"; else echo "$part does not run"; worst=1; fi
  done
  "$here/docker.sh" status || worst=1
  return "$worst"
}

# One at a time: two sessions may ask for the same cluster.
mkdir -p "$cluster_dir"
exec 9>"$cluster_dir/lock"
flock 9

case "${1:-}" in
  up | down | status) "$1" ;;
  start | stop | kill)
    is_part "${2:-}"
    case $1 in
      start) start "$2" ;;
      stop) end "$2" ;;
      kill) crash "$2" ;;
    esac
    ;;
  *) usage ;;
esac
