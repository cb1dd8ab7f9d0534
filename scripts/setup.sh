#!/bin/sh
# Makes a fresh clone runnable: a Node.js that is new enough, then the locked dependencies. Safe to run again: does
# nothing when nothing changed. With "test" it also makes sure of the stock kubectl that the conformance suite drives.
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

if [ "${1:-}" = test ] && ! command -v kubectl >/dev/null 2>&1; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 ||
    fail "kubectl was not found: install it (Debian: apt-get install kubernetes-client) and run this again"
  say 'installing kubectl from the package kubernetes-client'
  (apt-get update -qq && apt-get install -y -qq --no-install-recommends kubernetes-client) >/dev/null ||
    fail 'kubectl could not be installed: apt-get install kubernetes-client failed'
fi
