# Sourced by cluster.sh: who may speak to the API server, and how they recognise it; POSIX sh.

# Users of the cluster, and their groups. Only the first has rights of its own.
users='admin:system:masters galaxy-controller:galaxy galaxy-api:galaxy viewer:galaxy nobody:galaxy'
server=https://$inner_address:6443
certificate=$state_dir/server.crt

make_keys() (
  umask 077
  [ ! -f "$state_dir/tokens.csv" ] || exit 0
  need openssl openssl
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=galaxy-e2e -keyout "$state_dir/server.key" \
    -addext "subjectAltName=DNS:kubernetes.default.svc,DNS:localhost,IP:127.0.0.1,IP:$node_address,IP:$inner_address,IP:$first_service_address" \
    -out "$certificate" 2>/dev/null
  openssl genrsa -out "$state_dir/service-account.key" 2048 2>/dev/null
  for user in $users; do
    printf '%s,%s,%s,"%s"\n' "$(openssl rand -hex 20)" "${user%%:*}" "${user%%:*}" "${user#*:}"
  done >"$state_dir/tokens.new"
  mv "$state_dir/tokens.new" "$state_dir/tokens.csv"
)

# One context for each user, named like them.
write_kubeconfig() (
  umask 077
  {
    printf 'apiVersion: v1\nkind: Config\ncurrent-context: admin\nclusters:\n'
    printf -- '- name: galaxy-e2e\n  cluster:\n    server: %s\n' "$server"
    printf '    certificate-authority-data: %s\n' "$(base64 -w 0 "$certificate")"
    printf 'users:\n'
    sed -E 's/^([^,]*),([^,]*),.*/- { name: \2, user: { token: "\1" } }/' "$state_dir/tokens.csv"
    printf 'contexts:\n'
    sed -E 's/^[^,]*,([^,]*),.*/- { name: \1, context: { cluster: galaxy-e2e, user: \1 } }/' "$state_dir/tokens.csv"
  } >"$kubeconfig.new"
  mv "$kubeconfig.new" "$kubeconfig"
)

# The other users get what the tests bind to them.
bind_users() {
  ctl create clusterrolebinding galaxy-e2e-viewer --clusterrole=view --user=viewer --dry-run=client -o yaml |
    ctl apply -f - >/dev/null
}

ctl() { kubectl --kubeconfig "$kubeconfig" "$@"; }
