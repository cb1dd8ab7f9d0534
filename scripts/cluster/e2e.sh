#!/bin/sh
# Runs vitest.e2e.config.ts against a real cluster: the one of GALAXY_E2E_KUBECONFIG, else one made by kind, else our own.
# A cluster that was not there before is taken down again, unless GALAXY_E2E_KEEP is set. Arguments are vitest's.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"
cd "$here/../.."
PATH=$PWD/node_modules/.bin:$PATH

has_kind() { command -v kind >/dev/null 2>&1 && docker info >/dev/null 2>&1; }

take_down() { :; }

tests=

# Somebody else's: whether it runs our images, and where its Docker daemon is, only the environment can tell.
open_given() {
  runner=
  [ -n "${GALAXY_E2E_DOCKER:-}" ] || tests='--project conformance'
}

open_kind() {
  GALAXY_E2E_KUBECONFIG=$cluster_dir/kind-kubeconfig
  runner=
  GALAXY_E2E_DOCKER=${GALAXY_E2E_DOCKER:-/var/run/docker.sock}
  export GALAXY_E2E_DOCKER
  mkdir -p "$cluster_dir"
  if kind get clusters 2>/dev/null | grep -qx galaxy-e2e; then
    kind export kubeconfig --name galaxy-e2e --kubeconfig "$GALAXY_E2E_KUBECONFIG"
  else
    take_down() { kind delete cluster --name galaxy-e2e --kubeconfig "$GALAXY_E2E_KUBECONFIG"; }
    kind create cluster --name galaxy-e2e --kubeconfig "$GALAXY_E2E_KUBECONFIG" --wait 120s
  fi >&2
}

open_own() {
  if ! "$here/cluster.sh" status >/dev/null 2>&1; then
    take_down() { "$here/cluster.sh" down; }
  fi
  GALAXY_E2E_KUBECONFIG=$("$here/cluster.sh" up)
  GALAXY_E2E_DOCKER=$cluster_dir/docker/docker.sock
  GALAXY_E2E_OWN=1
  export GALAXY_E2E_DOCKER GALAXY_E2E_OWN
  # Where pods, services and containers have their addresses.
  runner="nsenter --net=/var/run/netns/$namespace --"
}

trap '[ -n "${GALAXY_E2E_KEEP:-}" ] || take_down' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

started=$(date +%s)
if [ -n "${GALAXY_E2E_KUBECONFIG:-}" ]; then open_given; elif has_kind; then open_kind; else open_own; fi
export GALAXY_E2E_KUBECONFIG
export GALAXY_CONFORMANCE_KUBECONFIG="$GALAXY_E2E_KUBECONFIG"
# Servers older than CEL take its rules for mistakes, and drop them.
kubectl --kubeconfig "$GALAXY_E2E_KUBECONFIG" apply --validate=false -f crds >/dev/null
kubectl --kubeconfig "$GALAXY_E2E_KUBECONFIG" wait --for=condition=established --timeout=60s -f crds >/dev/null
say "the cluster is there after $(($(date +%s) - started)) s"
# Our own cluster pulls from nowhere: it runs what is made here.
if [ -n "${GALAXY_E2E_OWN:-}" ]; then
  "$here/../image/build.sh" galaxy:local galaxy:0.1.0 galaxy-engine:1.0.0 >/dev/null
  say "with the product's image after $(($(date +%s) - started)) s"
fi
# Benches need the same surroundings.
command=${GALAXY_E2E_COMMAND:-vitest run --config vitest.e2e.config.ts $tests}
# shellcheck disable=SC2086
$runner $command "$@"
