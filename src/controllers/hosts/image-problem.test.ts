import { describe, expect, it } from 'vitest'
import { imageProblem } from './image-problem.ts'

const dns = 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host'
const denied = "pull access denied for galaxy-engine, repository does not exist or may require 'docker login': denied"

describe('an image that cannot be had', () => {
  it.each([
    { image: 'galaxy-engine:1.0.0', registry: 'docker.io (its name has no registry)' },
    { image: 'ada/engine:2', registry: 'docker.io (its name has no registry)' },
    { image: 'docker.io/ada/engine:2', registry: 'docker.io' },
    { image: 'ghcr.io/ada/engine@sha256:00', registry: 'ghcr.io' },
    { image: 'localhost:5000/engine', registry: 'localhost:5000' },
  ])('is told with its name and its registry ($image)', ({ image, registry }) => {
    expect(imageProblem(image, dns, 'docker')).toContain(`image ${image} cannot be pulled from ${registry}: ${dns}; `)
  })

  it.each([
    {
      said: dns,
      docker: /the way to it from the Docker daemon's machine.*docker build --tag x:1/,
      pods: /from the nodes/,
    },
    { said: denied, docker: /CONTROLLER_DOCKER_CONFIG/, pods: /podTemplate\.imagePullSecrets/ },
    { said: 'unauthorized: authentication required', docker: /CONTROLLER_DOCKER_CONFIG/, pods: /imagePullSecrets/ },
    {
      said: 'manifest for x:1 not found: manifest unknown',
      docker: /its name and its tag/,
      pods: /its name and its tag/,
    },
    { said: 'net/http: request canceled (Client.Timeout exceeded)', docker: /the way to it/, pods: /the way to it/ },
    { said: 'x509: certificate signed by unknown authority', docker: /the way to it/, pods: /the way to it/ },
    { said: 'ErrImageNeverPull', docker: /pulled nowhere/, pods: /load it onto the nodes/ },
    {
      said: "InvalidImageName: couldn't parse image reference",
      docker: /registry\/name:tag/,
      pods: /registry\/name:tag/,
    },
    { said: '', docker: /no reason was given/, pods: /check its name/ },
  ])('is told with what to do about "$said"', ({ said, docker, pods }) => {
    expect(imageProblem('x:1', said, 'docker')).toMatch(docker)
    expect(imageProblem('x:1', said, 'pods')).toMatch(pods)
  })
})
