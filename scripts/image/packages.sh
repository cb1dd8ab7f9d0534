#!/bin/sh
# packages.sh: installs into the current folder what the product needs to run, from its package-lock.json. Without
# the embedded Postgres, which is for one machine, and without what only people and tools read.
set -eu
npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \
  -o -name '*.md' -o -name '*.markdown' \) -delete
rm -rf node_modules/@types node_modules/.bin
