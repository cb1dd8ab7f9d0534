import { join } from 'node:path'

/** Where everything of a data directory is. */
export type Layout = ReturnType<typeof layoutOf>

export function layoutOf(root: string) {
  const keys = join(root, 'keys')
  return {
    root,
    /** Which layout the directory has: the first file written into it, so one without it is not ours. */
    version: join(root, 'version'),
    lock: join(root, 'lock'),
    pid: join(root, 'pid'),
    keys,
    adminToken: join(keys, 'admin-token'),
    controllerToken: join(keys, 'controller-token'),
    apiToken: join(keys, 'api-token'),
    serviceToken: join(keys, 'service-token'),
    /** Of the first administrator's account. */
    adminPassword: join(keys, 'admin-password'),
    /** Keeps stored sign-in codes from being guessed: lines `id:base64`, the first is in use. */
    codePepper: join(keys, 'code-pepper'),
    /** Private key, PEM, that the gateway signs its responses and events with. */
    responseSigner: join(keys, 'response-signer.pem'),
    /** Certificate and private key of the Kubernetes API, PEM. */
    certificate: join(keys, 'kube-api.pem'),
    controllerKubeconfig: join(keys, 'controller.kubeconfig'),
    apiKubeconfig: join(keys, 'api.kubeconfig'),
    /** Address and password of the database, for a process that is run by hand. */
    databaseUrl: join(keys, 'database-url'),
    postgres: join(root, 'postgres'),
    engines: join(root, 'engines'),
    mail: join(root, 'mail'),
    kubeconfig: join(root, 'kubeconfig'),
    endpoints: join(root, 'endpoints.json'),
  }
}
