import swagger from '@fastify/swagger'
import reference from '@scalar/fastify-api-reference'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import { type Command, commands } from '../messages/index.ts'

/** Describes the routes that are registered after it: `/openapi.json`, and with `docs` a page to read it on. */
export async function describeRoutes(app: FastifyInstance, { docs }: { docs: boolean }): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Galaxy backend', version: 'v1' } },
    transform: ({ url, route }) => ({ url, schema: schemaOf(url, String(route.method)) }),
  })
  app.get('/openapi.json', async () => app.swagger())
  if (docs) {
    await app.register(reference, {
      routePrefix: '/docs',
      // Nothing that would send a reader, or what is read, elsewhere.
      configuration: {
        url: '/openapi.json',
        telemetry: false,
        withDefaultFonts: false,
        hideClientButton: true,
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    })
  }
}

/**
 * Routes have no schemas of their own: they read what they are sent with `readInput`, and the players' commands stand in
 * the catalogue. So nothing here decides what is accepted.
 */
function schemaOf(url: string, method: string): FastifySchema {
  const [, tag = ''] = /^\/api\/v1\/(\w+)\//.exec(url) ?? []
  if (tag === '') return { hide: true }
  const command = [...commands.values()].find((each) => each.method === method && urlOf(each) === url)
  if (!command) return { tags: [tag] }
  const { path, summary, payload, result } = command
  const { properties = {}, required = [] } = jsonSchema(payload, 'input')
  const names = Object.keys(properties)
  const inPath = names.filter((name) => path.includes(`{${name}}`))
  const rest = part(names.filter((name) => !inPath.includes(name)))
  const fixed = Object.fromEntries(new URLSearchParams(path.split('?')[1]))
  const fixedQuery = Object.fromEntries(Object.entries(fixed).map(([name, value]) => [name, { const: value }]))
  return {
    tags: [tag],
    summary,
    operationId: command.type,
    response: { 200: jsonSchema(result, 'output') },
    ...(inPath.length > 0 && { params: part(inPath) }),
    ...(method === 'GET'
      ? { querystring: { ...rest, properties: { ...fixedQuery, ...rest.properties } } }
      : { body: rest }),
  }

  function part(of: readonly string[]) {
    return {
      type: 'object',
      properties: Object.fromEntries(of.map((name) => [name, properties[name]])),
      required: required.filter((name) => of.includes(name)),
    }
  }
}

/** As Fastify writes it. */
function urlOf({ path }: Command): string {
  return `/api/v1/user${path.split('?')[0]?.replaceAll(/\{(\w+)\}/g, ':$1')}`
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, '~standard': __, ...json } = z.toJSONSchema(schema, { io })
  return json
}
