/** The text of a kubeconfig with one context, `galaxy`. */
export function kubeconfigText({ server, token }: { server: string; token: string }): string {
  return `apiVersion: v1
kind: Config
clusters:
  - name: galaxy
    cluster:
      server: ${server}
users:
  - name: galaxy
    user:
      token: ${token}
contexts:
  - name: galaxy
    context:
      cluster: galaxy
      user: galaxy
      namespace: default
current-context: galaxy
`
}
