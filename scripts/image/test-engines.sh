#!/bin/sh
# test-engines.sh: makes the images of the hosts' contract suite, galaxy-test-engine:NAME, each behaving as named there.
# Prints their names. The daemon is DOCKER_HOST's, or that of scripts/cluster/docker.sh.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/../cluster/settings.sh"

DOCKER_HOST=${DOCKER_HOST:-unix://$cluster_dir/docker/docker.sock}
# Debian's client has only the daemon's own builder.
DOCKER_BUILDKIT=0
export DOCKER_HOST DOCKER_BUILDKIT
base=$("$here/base.sh")

# image NAME SCRIPT: an image that runs the script, which must hold no double quotes.
image() {
  printf 'FROM %s\nENTRYPOINT ["/bin/sh", "-c", "%s"]\n' "$base" "$2" |
    docker build --quiet --tag "galaxy-test-engine:$1" - >/dev/null 2>&1 || fail "galaxy-test-engine:$1 could not be made"
  echo "galaxy-test-engine:$1"
}

# PID 1 is told of a signal only if it asks for it.
run="trap 'exit 0' TERM; sleep 600 & wait"
serve="require('node:http').createServer((_, answer) => answer.end('{}'))"
listen=".listen(Number(process.env.GALAXY_ENGINE_PORT), process.env.GALAXY_ENGINE_HOST)"
quit="process.on('SIGTERM', () => process.exit())"

image idle "$run"
image failing 'echo cannot go on >&2; exit 3'
image stubborn "trap '' TERM; touch \$GALAXY_STATE_DIR/ready; while :; do sleep 0.1; done"
image counting "echo started >>\$GALAXY_STATE_DIR/starts; $run"
image environment "env >\$GALAXY_STATE_DIR/environment; $run"
printf 'FROM %s\nENTRYPOINT ["node", "-e", "%s"]\n' "$base" "$serve$listen; $quit" |
  docker build --quiet --tag galaxy-test-engine:listening - >/dev/null 2>&1 || fail 'galaxy-test-engine:listening could not be made'
echo galaxy-test-engine:listening
