#!/bin/sh
# build.sh [IMAGE...]: builds the product's image where no registry of images can be reached, on a base made of what this
# machine has; the packages are installed and the engine is put together here, outside. The daemon is DOCKER_HOST's, or
# that of scripts/cluster/docker.sh. By default it is named galaxy:local, and galaxy-engine:1.0.0 for the EngineVersion
# that standalone has.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
root=$(CDPATH='' cd "$here/../.." && pwd)
. "$root/scripts/cluster/settings.sh"

[ $# -gt 0 ] || set -- galaxy:local galaxy-engine:1.0.0
DOCKER_HOST=${DOCKER_HOST:-unix://$cluster_dir/docker/docker.sock}
# Debian's client has only the daemon's own builder.
DOCKER_BUILDKIT=0
PATH=$root/.toolchain/node_modules/.bin:$PATH
export DOCKER_HOST DOCKER_BUILDKIT PATH

base=$("$here/base.sh")
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
# The same files as for any other build of it: what .dockerignore leaves.
(cd "$root" && tar --create --file "$context/files.tar" --exclude '*.test.ts' package.json package-lock.json .npmrc \
  LICENSE bin src sql crds examples scripts/find-node.sh scripts/image)
tar --extract --file "$context/files.tar" --directory "$context"
rm "$context/files.tar"
(cd "$context" && sh scripts/image/packages.sh) >&2
node --disable-warning=ExperimentalWarning "$root/scripts/image/bundle.ts" "$context" >&2

tags=
for image in "$@"; do tags="$tags --tag $image"; done
revision=$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)
# shellcheck disable=SC2086
docker build --quiet --file "$root/Dockerfile" --target offline --build-arg "BASE=$base" \
  --build-arg "REVISION=$revision" $tags "$context" >&2
for image in "$@"; do echo "$image"; done
