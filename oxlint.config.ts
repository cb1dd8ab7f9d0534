import { defineConfig, type OxlintOverride } from 'oxlint'

/**
 * The rooms of `src/` and what each may import. A room is entered through its `index.ts` only;
 * `platform` has no index: each of its files is a door.
 */
const rooms: Record<string, readonly string[]> = {
  platform: ['gen'],
  resources: ['platform'],
  // The next two also run in browsers: nothing of Node.js, nothing of ours.
  signing: [],
  messages: [],
  'engine-contract': ['platform'],
  engine: ['platform', 'engine-contract'],
  'controllers/operator': ['platform'],
  'controllers/hosts': ['platform', 'engine-contract'],
  'controllers/game': ['platform', 'resources', 'engine-contract', 'controllers/operator', 'controllers/hosts'],
  'controllers/engine-version': ['platform', 'resources', 'controllers/operator'],
  'controllers/admission': ['platform', 'resources'],
  'controllers/internal-api': ['platform', 'resources', 'controllers/game'],
  'api/users': ['platform', 'messages', 'api/identity'],
  'api/sessions': ['platform', 'messages', 'signing', 'api/identity', 'api/push'],
  'api/mail': ['platform'],
  'api/auth': ['platform', 'signing', 'api/users', 'api/sessions', 'api/mail', 'api/push'],
  'api/push': ['platform', 'messages', 'gen'],
  'api/games': ['platform', 'messages', 'resources', 'engine-contract', 'api/identity', 'api/push'],
  'api/identity': ['platform'],
  'edge/backend': ['platform'],
  'edge/signer': ['platform', 'signing'],
  'edge/envelope': ['platform', 'signing', 'messages', 'gen', 'edge/backend', 'edge/signer'],
  'edge/routing': ['platform', 'messages', 'signing', 'gen', 'edge/backend', 'edge/signer', 'edge/envelope'],
  'edge/push': ['platform', 'messages', 'gen', 'edge/backend', 'edge/signer', 'edge/envelope'],
  'edge/public': ['platform', 'edge/backend', 'edge/signer'],
  client: ['signing', 'messages', 'gen'],
  play: ['platform', 'messages', 'client', 'gen'],
  'standalone/kube': ['platform', 'resources'],
  'standalone/mailbox': ['platform'],
}

/** Processes put rooms together, so they may enter all rooms of theirs; no process imports another. */
const processes: Record<string, readonly string[]> = {
  controllers: ['platform', 'resources', 'engine-contract', 'controllers'],
  api: ['platform', 'resources', 'engine-contract', 'messages', 'signing', 'api', 'gen'],
  edge: ['platform', 'messages', 'signing', 'edge', 'gen'],
}

const allRooms = Object.keys(rooms)
const topFolders = [
  ...new Set([...allRooms.map((room) => room.split('/')[0] ?? room), 'api', 'edge', 'standalone', 'gen']),
]

/** Side doors: any file of a room but its index, seen from outside. */
const sideDoors = allRooms
  .filter((room) => room !== 'platform')
  .flatMap((room) => [`**/${room}/**`, `!**/${room}/index.ts`])
  // What of the client is for Node.js or browsers only is entered by doors of its own.
  .concat(['!**/client/node.ts', '!**/client/browser.ts'])
  // Engines need the contract, not what calls them.
  .concat(['!**/engine-contract/model.ts'])

function doorsFrom(room: string) {
  const own = room.split('/').at(-1)
  return { group: sideDoors.filter((door) => !door.includes(`/${own}/`)), message: 'enter a room through its index.ts' }
}

function forbidden(allowed: readonly string[], room: string) {
  const names = new Set(allowed.map((name) => name.split('/')[0]))
  const own = room.split('/')[0]
  const folders = topFolders.filter((folder) => !names.has(folder) && folder !== own)
  const sisters = allRooms.filter(
    (other) => other.startsWith(`${own}/`) && other !== room && room.includes('/') && !allowed.includes(other),
  )
  const group = [...folders.map((f) => `**/${f}/**`), ...sisters.map((s) => `../${s.split('/')[1]}/**`)]
  return { group, message: `${room} may import only: ${allowed.join(', ') || 'nothing of ours'}` }
}

function boundary(room: string, allowed: readonly string[]): OxlintOverride {
  return {
    files: [`src/${room}/**`],
    rules: {
      'no-restricted-imports': ['error', { patterns: [doorsFrom(room), forbidden(allowed, room)] }],
    },
  }
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'node', 'vitest'],
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    'typescript/await-thenable': 'error',
    'import/no-unassigned-import': 'off',
    'oxc/no-async-endpoint-handlers': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/consistent-function-scoping': 'off',
    // tsc's noImplicitReturns says it better: it knows that a switch over a union is exhaustive.
    'typescript/consistent-return': 'off',
    'no-shadow': 'off',
    'no-await-in-loop': 'off',
    'no-underscore-dangle': 'off',
    // A second argument says which case of a loop failed.
    'vitest/valid-expect': ['error', { maxArgs: 2 }],
    'vitest/no-conditional-expect': 'off',
    'vitest/require-mock-type-parameters': 'off',
    'vitest/no-conditional-tests': 'off',
    'import/no-named-as-default-member': 'off',
    'import/no-named-as-default': 'off',
    'import/default': 'off',
  },
  overrides: [
    // Tests and benches take apart what they have just been told; production code parses it.
    { files: ['**/*.test.ts', 'test/**', 'bench/**'], rules: { 'typescript/no-unsafe-type-assertion': 'off' } },
    ...Object.entries(processes).map(([process, allowed]) => boundary(process, allowed)),
    ...Object.entries(rooms).map(([room, allowed]) => boundary(room, allowed)),
    // The client's door for Node.js may use what there is for Node.js; the rest of it also runs in browsers.
    { ...boundary('client', ['platform', 'signing', 'messages', 'gen']), files: ['src/client/node.ts'] },
  ],
  ignorePatterns: ['node_modules', 'src/gen', '.toolchain', '.galaxy'],
})
