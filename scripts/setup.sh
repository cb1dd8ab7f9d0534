#!/bin/sh
# Makes a fresh clone runnable: a Node.js that is new enough, then the locked dependencies. Safe to run again: does
# nothing when nothing changed. With "test" it also makes sure of the programs that the tests drive: kubectl, a Redis server, Chromium,
# Prometheus' promtool.
set -eu
root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd)
cd "$root"
. "$root/scripts/find-node.sh"

say() { printf 'galaxy: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

command -v npm >/dev/null 2>&1 || fail 'npm was not found: install Node.js (any version that brings npm) and run this again'

if ! node=$(find_node "$root"); then
  wanted=$(cat .nvmrc)
  say "installing Node.js $wanted into .toolchain/ (the one in PATH is older than 24.12)"
  mkdir -p .toolchain
  [ -f .toolchain/package.json ] || printf '{ "private": true, "allowScripts": { "node": true } }\n' >.toolchain/package.json
  npm install --prefix .toolchain --no-save --loglevel=error "node@$wanted" >&2 ||
    fail 'Node.js could not be installed through npm; check the network and the npm configuration'
  node=$(find_node "$root") || fail 'the Node.js that npm installed into .toolchain/ does not run here'
fi
PATH=$(dirname "$node"):$PATH
export PATH

# The stamp holds what was installed, so that a changed lock file or another Node.js installs again.
stamp=node_modules/.galaxy-setup
state=$(cat package-lock.json package.json .npmrc | cksum; "$node" --version)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$state" ]; then
  say 'installing dependencies (npm ci)'
  npm ci --loglevel=error >&2 || fail 'the dependencies could not be installed; see above'
  printf '%s\n' "$state" >"$stamp"
fi

[ "${1:-}" = test ] || exit 0

# What is not there yet, as Debian calls it.
missing=
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need kubectl kubernetes-client
need redis-server redis-server
need chromium chromium
need promtool prometheus
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
  fail "the tests need$missing: install them (Debian: apt-get install$missing) and run this again"
say "installing for the tests:$missing"
(apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing) >/dev/null ||
  fail "apt-get install$missing failed"
