# Sourced by cluster.sh: the one node: kubelet and kube-proxy; POSIX sh.

# kubelet sets these for the whole machine.
machine_settings='vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes'

remember_machine_settings() {
  [ -f "$state_dir/sysctl" ] && return 0
  for setting in $machine_settings; do
    printf '%s %s\n' "$setting" "$(cat "/proc/sys/$(echo "$setting" | tr . /)")"
  done >"$state_dir/sysctl"
}

restore_machine_settings() {
  [ -f "$state_dir/sysctl" ] || return 0
  while read -r setting value; do
    echo "$value" >"/proc/sys/$(echo "$setting" | tr . /)" 2>/dev/null || true
  done <"$state_dir/sysctl"
}

# As fast as Docker is here: with kubelet's defaults it starts fewer pods a second.
write_kubelet_config() {
  : >"$state_dir/resolv.conf"
  cat >"$state_dir/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: { anonymous: { enabled: true }, webhook: { enabled: false } }
authorization: { mode: AlwaysAllow }
address: $node_address
cgroupDriver: cgroupfs
resolvConf: $state_dir/resolv.conf
failSwapOn: false
hairpinMode: none
evictionHard: {}
enforceNodeAllocatable: []
imageGCHighThresholdPercent: 100
kubeAPIQPS: 100
kubeAPIBurst: 200
eventRecordQPS: 0
serializeImagePulls: false
maxPods: 200
# A node that is away is noticed after 20 s, so that tests of that take no longer.
nodeLeaseDurationSeconds: 20
YAML
}

start_kubelet() {
  remember_machine_settings
  write_kubelet_config
  launch kubelet "$bin_dir/kubelet" --config="$state_dir/kubelet.yaml" "$component" \
    --root-dir="$state_dir/kubelet" --cert-dir="$state_dir/certs" \
    --hostname-override="$node_name" --node-ip="$node_address" \
    --container-runtime=docker --docker-endpoint="unix://$docker_socket" --network-plugin= \
    --container-runtime-endpoint="unix://$state_dir/dockershim.sock" \
    --experimental-dockershim-root-directory="$state_dir/dockershim" --pod-infra-container-image=pause:local
}

start_kube_proxy() {
  launch kube-proxy "$bin_dir/kube-proxy" "$component" --hostname-override="$node_name" --proxy-mode=iptables \
    --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s
}

node_is_ready() { ctl wait --for=condition=Ready "node/$node_name" --timeout=1s; }

# The containers outlive kubelet.
drop_pods() {
  if in_docker version >/dev/null 2>&1; then
    in_docker ps --all --quiet --filter label=io.kubernetes.pod.uid |
      xargs -r -n 50 docker --host "unix://$docker_socket" rm --force >/dev/null 2>&1 || true
  fi
  # Secrets, for one.
  unmount_below "$state_dir"
  find /sys/fs/cgroup -depth -type d \( -path '*/kubepods' -o -path '*/kubepods/*' \) -exec rmdir {} + 2>/dev/null || true
  # Where Kubernetes 1.20 insists on having them.
  rm -rf /tmp/hostpath_pv /var/log/pods /var/log/containers
}
