# Sourced by bin/galaxy and scripts/setup.sh; POSIX sh.

# node_is_new_enough NODE: true when NODE runs and is 24.12 or newer. Without NODE_OPTIONS: what is wrong with those, the
# command that is run with them says.
node_is_new_enough() {
  NODE_OPTIONS='' "$1" -e 'const [major, minor] = process.versions.node.split(".").map(Number)
           process.exit(major > 24 || (major === 24 && minor >= 12) ? 0 : 1)' >/dev/null 2>&1
}

# find_node ROOT: prints the path of a Node.js that can run the product: ROOT's own toolchain, else the one in PATH.
find_node() {
  for candidate in "$1/.toolchain/node_modules/.bin/node" "$(command -v node || true)"; do
    if [ -n "$candidate" ] && [ -x "$candidate" ] && node_is_new_enough "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
  done
  return 1
}
