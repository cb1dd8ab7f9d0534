#!/bin/sh
# Builds Kubernetes 1.20 from Debian's source package into the cluster's bin folder, unless it is there. Minutes the first
# time. Nothing but Debian packages is downloaded, and Go is the only one installed.
set -eu
scripts=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$scripts/settings.sh"

programs='kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy'
version=v1.20.2
go_root=/usr/lib/go-1.19
work=$cluster_dir/build
tree=$work/go/src/k8s.io/kubernetes

# Raised when the same sources are to be built otherwise.
recipe=2

is_built() {
  [ "$(cat "$bin_dir/recipe" 2>/dev/null)" = "$recipe" ] || return 1
  for program in etcd $programs; do
    [ -x "$bin_dir/$program" ] || return 1
  done
}

# Debian's main archive as this machine already knows it, with sources, in lists of our own: the machine's stay as they are.
apt_with_sources() {
  apt-get -o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root -qq "$@"
}

find_archive() {
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
  archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' 'Component: main' |
    head -n 1)
  [ -n "$archive" ] || fail 'Debian bookworm main is not among the package sources of this machine'
  for kind in deb deb-src; do
    printf '%s [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s bookworm main\n' "$kind" "$archive"
  done >"$work/apt/sources.list"
  apt_with_sources update
}

# unpack_package NAME: under $work/NAME. Not installed, since Debian's would start services.
unpack_package() {
  (cd "$work" && apt_with_sources download "$1")
  dpkg-deb -x "$work/$1"_*.deb "$work/$1"
}

fetch() {
  say "fetching the sources of Kubernetes $version"
  (cd "$work" && apt_with_sources source --download-only kubernetes)
  mkdir -p "$tree"
  tar -xzf "$work"/kubernetes_*.orig.tar.gz -C "$tree" --strip-components=1
  # The bundled 1.0.1 crashes the API server, as Go 1.19 builds it, at the first custom resource.
  unpack_package golang-github-modern-go-reflect2-dev
  rm -rf "$tree/vendor/github.com/modern-go/reflect2"
  cp -rL "$work/golang-github-modern-go-reflect2-dev/usr/share/gocode/src/github.com/modern-go/reflect2" \
    "$tree/vendor/github.com/modern-go/reflect2"
  # Volumes are folders that only root may write otherwise, and programs in pods are not root.
  provisioner=$tree/pkg/volume/hostpath/host_path.go
  grep -q 'os.MkdirAll(.*, 0750)' "$provisioner" || fail "not as expected: $provisioner"
  sed -i 's/\(os.MkdirAll(.*, \)0750)/\10777)/' "$provisioner"
  unpack_package etcd-server
}

# Go by paths instead of by modules: the changed library would not pass the check of modules.
go_here() {
  (cd "$tree" && PATH="$go_root/bin:$PATH" GOPATH="$work/go" GOCACHE="$work/cache" GO111MODULE=off GOFLAGS='' \
    CGO_ENABLED=0 nice "$@")
}

# The packages that describe their types, as import paths, with commas.
described_packages() {
  (cd "$tree" && grep -rl --include='*.go' '+k8s:openapi-gen=' pkg cmd plugin staging/src/k8s.io) |
    grep -Ev '^staging/src/k8s.io/(code-generator|sample-apiserver|sample-controller|kube-openapi)/|/test/|_test\.go$' |
    xargs -n 1 dirname | sort -u |
    sed -e 's,^staging/src/k8s.io/,vendor/k8s.io/,' -e 's,^,k8s.io/kubernetes/,' | paste -sd , -
}

# The one generated file that the source package lacks.
generate() {
  go_here go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  go_here "$work/openapi-gen" -i "$(described_packages)" -p k8s.io/kubernetes/pkg/generated/openapi \
    -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt -r "$work/violations" \
    >"$work/openapi-gen.log" 2>&1 || fail "openapi-gen failed: see $work/openapi-gen.log"
}

compile() {
  say 'compiling (about 5 minutes, once)'
  stamps=
  for package in component-base/version client-go/pkg/version; do
    path=k8s.io/kubernetes/vendor/k8s.io/$package
    stamps="$stamps -X $path.gitVersion=$version -X $path.gitMajor=1 -X $path.gitMinor=20"
  done
  mkdir -p "$work/bin"
  go_here go build -ldflags "-s -w$stamps" -o "$work/bin/" $(printf './cmd/%s ' $programs)
  cp "$work/etcd-server/usr/bin/etcd" "$work/bin/"
}

is_built && exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || fail 'building the cluster needs root on a Debian machine'
[ -x "$go_root/bin/go" ] || install_package golang-1.19-go
rm -rf "$work"
mkdir -p "$work"
find_archive
fetch
generate
compile
mkdir -p "$bin_dir"
mv "$work/bin"/* "$bin_dir/"
echo "$recipe" >"$bin_dir/recipe"
# Go leaves its folders writable here, as no modules were fetched.
rm -rf "$work"
say "built into $bin_dir"
