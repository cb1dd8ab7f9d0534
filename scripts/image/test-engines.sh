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

# node_image NAME PROGRAM: an image that runs the program with Node.js.
node_image() {
  printf 'FROM %s\nENTRYPOINT ["node", "-e", "%s"]\n' "$base" "$2" |
    docker build --quiet --tag "galaxy-test-engine:$1" - >/dev/null 2>&1 || fail "galaxy-test-engine:$1 could not be made"
  echo "galaxy-test-engine:$1"
}

node_image listening "$serve$listen; $quit"

# For the stories on a cluster: healthy ones, of which one never gets to create its game, and one takes long for a turn and
# keeps nothing.
state="const state = { status: 'ok', initialized: false, turn: 0, finished: false, players: [] }"
say="const say = (answer) => answer.end(JSON.stringify(state))"
hang="(request, answer) => { if (request.method === 'GET') say(answer) }"
node_image hanging "$state; $say; require('node:http').createServer($hang)$listen; $quit"
turn="setTimeout(() => { state.turn += 1; say(answer) }, 12000)"
slow="({ method }, answer) => { if (method === 'PUT') return $turn; state.initialized ||= method === 'POST'; say(answer) }"
node_image slow "$state; $say; require('node:http').createServer($slow)$listen; $quit"
