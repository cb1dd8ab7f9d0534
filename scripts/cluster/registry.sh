#!/bin/sh
# registry.sh: prints the path of a program that is a registry of images: the one in PATH, else Debian's, unpacked into the
# cluster's bin folder the first time. Not installed, since the package would start a service.
set -eu
here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$here/settings.sh"

program=$bin_dir/docker-registry

fetch() (
  say 'fetching docker-registry'
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  # As root, apt would hand the download to an account that cannot write here.
  fetch_package || { apt-get update -qq && fetch_package; } || fail 'apt-get download docker-registry failed'
  dpkg-deb -x docker-registry_*.deb .
  mkdir -p "$bin_dir"
  cp usr/bin/docker-registry "$program.new"
  mv "$program.new" "$program"
)

fetch_package() { apt-get download -qq -o APT::Sandbox::User=root docker-registry >/dev/null 2>&1; }

if command -v docker-registry; then exit 0; fi
[ -x "$program" ] || fetch
echo "$program"
