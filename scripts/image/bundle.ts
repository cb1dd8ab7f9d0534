/**
 * bundle.ts FOLDER: puts the engine and all it uses into one file, FOLDER/build/engine.cjs, while the image is built. To
 * find, read and link two hundred modules takes an engine as long as everything else until it is ready. Whoever runs
 * with `--conditions=galaxy-image`, as the image does, gets this file for `#engine`.
 */
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: bundle.ts FOLDER')

await using bundle = await rolldown({
  input: fileURLToPath(new URL('../../src/engine/index.ts', import.meta.url)),
  platform: 'node',
})
// Not an ES module: those read every export of what they import, and some of Node.js' own load much more when read.
await bundle.write({ file: `${folder}/build/engine.cjs`, format: 'cjs', codeSplitting: false })
