# Sourced by cluster.sh: images are made here, as there is no registry; POSIX sh.

docker_socket=$cluster_dir/docker/docker.sock

in_docker() { docker --host "unix://$docker_socket" "$@"; }

# What holds the network of a pod: it sleeps, and reaps what its containers leave behind.
make_pause_image() {
  in_docker image inspect pause:local >/dev/null 2>&1 && return 0
  [ -x "$bin_dir/pause" ] || compile_pause
  tar -C "$bin_dir" -c pause | in_docker import -c 'ENTRYPOINT ["/pause"]' - pause:local >/dev/null
}

compile_pause() {
  command -v gcc >/dev/null 2>&1 || install_package gcc libc6-dev
  gcc -static -O1 -x c -o "$bin_dir/pause" - <<'C'
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
static void leave(int signal) { (void)signal; _exit(0); }
static void reap(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0) {} }
int main(void) {
  signal(SIGINT, leave);
  signal(SIGTERM, leave);
  signal(SIGCHLD, reap);
  for (;;) pause();
}
C
}
