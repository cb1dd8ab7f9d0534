# Sourced by cluster.sh: the network of the cluster, in a namespace of its own; POSIX sh.

has_link() { inside ip link show "$1" >/dev/null 2>&1; }

make_network() {
  if ! inside true 2>/dev/null; then
    # What a reboot left behind is a file that is no namespace.
    ip netns delete "$namespace" 2>/dev/null || true
    ip netns add "$namespace"
  fi
  inside ip link set lo up
  has_link node || make_node_link
  has_link outside || make_pair
}

# The default route leads to itself: programs look for it to find their own address, and nothing leaves by it.
make_node_link() {
  inside ip link add node type bridge
  inside ip address add "$node_address/24" dev node
  inside ip link set node up
  inside ip route add default dev node
  # Where clouds tell a machine about itself: kubelet asks at its start, and waits.
  inside ip route add unreachable 169.254.0.0/16
}

make_pair() {
  ip link delete "$namespace" 2>/dev/null || true
  ip link add "$namespace" type veth peer name outside netns "$namespace"
  ip address add "$outer_address/30" dev "$namespace"
  ip link set "$namespace" up
  inside ip address add "$inner_address/30" dev outside
  inside ip link set outside up
}

drop_network() {
  ip link delete "$namespace" 2>/dev/null || true
  ip netns delete "$namespace" 2>/dev/null || true
}
