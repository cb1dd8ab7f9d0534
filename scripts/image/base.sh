#!/bin/sh
# base.sh [IMAGE]: makes a small base image out of what this machine has, for where no registry can be reached: Node.js, a
# shell, what the two need, certificates. Prints the image's name. The daemon is DOCKER_HOST's, or that of
# scripts/cluster/docker.sh. An image that is there already stays as it is.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
root=$(CDPATH='' cd "$here/../.." && pwd)
. "$root/scripts/find-node.sh"
. "$root/scripts/cluster/settings.sh"

image=${1:-galaxy-base:local}
DOCKER_HOST=${DOCKER_HOST:-unix://$cluster_dir/docker/docker.sock}
export DOCKER_HOST

if docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image"
  exit 0
fi
node=$(find_node "$root") || fail 'Node.js was not found; run make setup once'
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# The dynamic loader and the libraries, at the paths where the programs look for them.
copy_libraries() {
  ldd "$1" 2>/dev/null | grep -o '/[^ )]*' | while read -r library; do
    [ -e "$tree$library" ] && continue
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$library" "$tree$library"
  done
}

# copy_program FILE PLACE
copy_program() {
  mkdir -p "$tree$(dirname "$2")"
  cp -L "$1" "$tree$2"
  chmod 755 "$tree$2"
  copy_libraries "$1"
}

# Asked of itself: what is called node may be a script that starts it.
copy_program "$("$node" -p process.execPath)" /usr/local/bin/node
for program in sh cat cp dirname env ls mkdir readlink rm sleep touch; do
  copy_program "$(command -v "$program")" "/bin/$program"
done
# Names are looked up by these, which no program is linked with.
for library in libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do
  found=$(ldconfig -p | sed -n "s/.*$library .*x86-64.* => //p; s/.*$library .*AArch64.* => //p" | head -n 1)
  [ -n "$found" ] && mkdir -p "$tree$(dirname "$found")" && cp -L "$found" "$tree$found"
done

mkdir -p "$tree/etc/ssl/certs" "$tree/tmp" "$tree/root"
chmod 1777 "$tree/tmp"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  cp -L /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
fi
printf 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/tmp:/bin/sh\n' >"$tree/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$tree/etc/group"
printf 'hosts: files dns\n' >"$tree/etc/nsswitch.conf"

tar --create --numeric-owner --owner 0 --group 0 --directory "$tree" . |
  docker import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' - "$image" >/dev/null
echo "$image"
