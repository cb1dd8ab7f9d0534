# Sourced by cluster.sh: etcd, the API server, the controller manager and the scheduler; POSIX sh.

# One for all platform components: this cluster tests programs that run on it, not Kubernetes.
component=--kubeconfig=$kubeconfig

start_etcd() {
  launch etcd "$bin_dir/etcd" --name default --data-dir "$state_dir/etcd" --unsafe-no-fsync --log-level warn \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380
}

start_kube_apiserver() {
  launch kube-apiserver "$bin_dir/kube-apiserver" --etcd-servers=http://127.0.0.1:2379 \
    --bind-address=0.0.0.0 --advertise-address="$node_address" --insecure-port=0 \
    --tls-cert-file="$certificate" --tls-private-key-file="$state_dir/server.key" --cert-dir="$state_dir/certs" \
    --authorization-mode=RBAC --token-auth-file="$state_dir/tokens.csv" \
    --service-account-key-file="$state_dir/service-account.key" \
    --service-account-signing-key-file="$state_dir/service-account.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-cluster-ip-range="$service_range" \
    --allow-privileged=true --kubelet-preferred-address-types=InternalIP
  wait_for kube-apiserver 300 ctl get --raw /readyz
}

# Volumes are folders of this machine that everybody may write: so nobody else may reach them. One takes ten calls, and by
# default it makes 20 a second: fifty games would wait half a minute for theirs.
start_kube_controller_manager() (
  mkdir -p /tmp/hostpath_pv
  chmod 700 /tmp/hostpath_pv
  umask 0
  launch kube-controller-manager "$bin_dir/kube-controller-manager" "$component" --leader-elect=false --port=0 \
    --node-monitor-grace-period=20s --kube-api-qps=200 --kube-api-burst=400 \
    --cert-dir="$state_dir/certs" --root-ca-file="$certificate" \
    --service-account-private-key-file="$state_dir/service-account.key" --enable-hostpath-provisioner
)

start_kube_scheduler() {
  launch kube-scheduler "$bin_dir/kube-scheduler" "$component" --leader-elect=false --port=0 \
    --cert-dir="$state_dir/certs"
}

make_storage_class() {
  ctl apply -f - >/dev/null <<'YAML'
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: folders
  annotations: { storageclass.kubernetes.io/is-default-class: 'true' }
provisioner: kubernetes.io/host-path
reclaimPolicy: Delete
YAML
}
