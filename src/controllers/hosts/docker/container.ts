import type { ContainerCreateOptions } from 'dockerode'
import { engineEnvironment } from '../../../engine-contract/index.ts'
import { engineUser } from '../engine-user.ts'
import type { EngineSpec } from '../port.ts'
import { quantityValue } from '../quantity.ts'
import { specHash } from '../spec-hash.ts'
import { containerName, gameLabels, labels, volumeName } from './names.ts'

export const enginePort = '8080/tcp'

/** Where the game's volume is: root's own, so that an engine cannot forge what the platform keeps there. */
export const volumePath = '/var/lib/galaxy'
/** The part of the volume that is the engine's. */
export const stateFolder = 'state'

const processLimit = 512
const logLimits = { 'max-size': '10m', 'max-file': '2' }

export type Surroundings = {
  /** On which engines are found by their containers' names; without one, each gets a port of this machine's loopback. */
  network: string | undefined
  /** Which of the platforms on the daemon this is. */
  instance: string
}

/**
 * The container for an engine.
 * @throws HostError StartFailed when a resource is no quantity
 */
export function containerOptions(spec: EngineSpec, { network, instance }: Surroundings): ContainerCreateOptions {
  const { game, image, epoch, env } = spec
  return {
    name: containerName(game),
    Image: image,
    User: `${engineUser.uid}:${engineUser.gid}`,
    Env: Object.entries({ HOME: '/tmp', ...named(env), ...contract(epoch) }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...gameLabels(game, instance), [labels.epoch]: String(epoch), [labels.specHash]: specHash(spec) },
    // The controller asks an engine itself; an image's own check would start a process in each container, again and again.
    Healthcheck: { Test: ['NONE'] },
    ExposedPorts: { [enginePort]: {} },
    HostConfig: {
      ...(network === undefined
        ? { PortBindings: { [enginePort]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }
        : { NetworkMode: network }),
      Mounts: [
        { Type: 'volume', Source: volumeName(game), Target: volumePath, ReadOnly: false, VolumeOptions: volumeOptions },
      ],
      Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,size=64m,mode=1777' },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      // An engine that is PID 1 itself would not hear a signal that it does not ask for.
      Init: true,
      // Only the controller starts an engine again: it knows the epoch.
      RestartPolicy: { Name: 'no' },
      LogConfig: { Type: 'json-file', Config: logLimits },
      PidsLimit: processLimit,
      ...resourceLimits(spec.resources),
    },
  }
}

// What an image has at the place must not become the state of a game.
const volumeOptions = { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } }

function named(env: EngineSpec['env']): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

function contract(epoch: number): Record<string, string> {
  return {
    [engineEnvironment.stateDir]: `${volumePath}/${stateFolder}`,
    [engineEnvironment.host]: '0.0.0.0',
    [engineEnvironment.port]: enginePort.replace('/tcp', ''),
    [engineEnvironment.epoch]: String(epoch),
  }
}

/** As the kubelet does it: a request for processor time is a weight, one for memory a hint, and there is no swap. */
function resourceLimits({ requests, limits }: EngineSpec['resources']) {
  const { cpu, memory } = limits
  return {
    ...(cpu === undefined ? {} : { NanoCpus: Math.round(quantityValue(cpu) * 1e9) }),
    ...(requests['cpu'] === undefined
      ? {}
      : { CpuShares: Math.max(2, Math.round(quantityValue(requests['cpu']) * 1024)) }),
    ...(memory === undefined
      ? {}
      : { Memory: Math.ceil(quantityValue(memory)), MemorySwap: Math.ceil(quantityValue(memory)) }),
    ...(requests['memory'] === undefined ? {} : { MemoryReservation: Math.ceil(quantityValue(requests['memory'])) }),
  }
}
