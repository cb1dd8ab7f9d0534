import { type Command, Option } from 'commander'

export type ClusterFlags = { kubeconfig?: string | undefined; namespace?: string | undefined }

/** The options of every subcommand that talks to a Kubernetes API. */
export function addClusterOptions(command: Command): Command {
  return command
    .option('-n, --namespace <namespace>', 'which namespace (default: that of the kubeconfig)')
    .addOption(
      new Option('--kubeconfig <file>', 'how to reach the API server').default(
        undefined,
        '$KUBECONFIG, else .galaxy/kubeconfig, else ~/.kube/config',
      ),
    )
}
