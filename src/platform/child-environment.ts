/**
 * The environment of a program that the platform starts: where programs are, and English and UTC, so that what it says
 * can be read. Nothing else of ours is handed on: no secret, and none of the user's settings of that program.
 */
export function childEnvironment({ PATH }: NodeJS.ProcessEnv = process.env): Record<string, string> {
  return { PATH: PATH || '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}
