# Sourced by every script of this folder: where the cluster's parts stand; POSIX sh.

cluster_dir=${GALAXY_CLUSTER_DIR:-$HOME/.cache/galaxy-e2e}
bin_dir=$cluster_dir/bin
# All of this is dropped by `down`; what stands beside it is only slow to make again.
state_dir=$cluster_dir/state
kubeconfig=$cluster_dir/kubeconfig

namespace=${GALAXY_CLUSTER_NETNS:-galaxy-e2e}
node_name=galaxy-e2e
# Exists in the namespace only: pods reach the node and the API server there.
node_address=10.213.0.1
# Both ends of a pair between this machine and the namespace, for kubectl by hand. Nothing is routed through it.
outer_address=10.213.1.1
inner_address=10.213.1.2
service_range=10.213.16.0/20
first_service_address=10.213.16.1

say() { printf 'cluster: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# inside COMMAND...: runs it in the namespace. `ip netns exec` would hide the mounts of cgroups.
inside() { nsenter --net="/var/run/netns/$namespace" -- "$@"; }

# need PROGRAM PACKAGE: installs the Debian package unless the program is there.
need() {
  command -v "$1" >/dev/null 2>&1 && return 0
  install_package "$2"
}

# install_package NAME...
install_package() {
  say "installing $*"
  (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@") >/dev/null ||
    fail "apt-get install $* failed"
}
