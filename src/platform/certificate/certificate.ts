import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { bits, integer, octets, oid, sequence, set, tagged, time, utf8, yes } from './der.ts'

/** A certificate and its private key, both PEM. */
export type Certificate = { certificate: string; key: string }

const dayMs = 86_400_000

/**
 * A certificate for these hosts (names or IP addresses), signed by itself: clients are given it as their authority.
 * RFC 5280; ECDSA with P-256 and SHA-256.
 */
export function createCertificate(hosts: readonly string[], now: Date, { validDays = 3650 } = {}): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'))
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(15)])
  // Of two authorities with one name, OpenSSL looks at the first only.
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8(`galaxy ${serial.toString('hex', 1, 9)}`))))
  const validity = sequence(time(new Date(now.getTime() - dayMs)), time(new Date(now.getTime() + validDays * dayMs)))
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(hosts))),
  )
  const signature = sign('sha256', body, privateKey)
  return {
    certificate: pem('CERTIFICATE', sequence(body, algorithm, bits(signature))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extensions(hosts: readonly string[]): Buffer[] {
  const isAuthority = sequence(yes)
  // digitalSignature and keyCertSign.
  const usage = bits(Buffer.from([0b1000_0100]), 2)
  const serverAuth = sequence(oid('1.3.6.1.5.5.7.3.1'))
  return [
    sequence(oid('2.5.29.19'), yes, octets(isAuthority)),
    sequence(oid('2.5.29.15'), yes, octets(usage)),
    sequence(oid('2.5.29.37'), octets(serverAuth)),
    sequence(oid('2.5.29.17'), octets(sequence(...hosts.map(alternativeName)))),
  ]
}

function alternativeName(host: string): Buffer {
  return isIP(host) === 0 ? tagged(0x82, Buffer.from(host)) : tagged(0x87, addressBytes(host))
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = address.split('::')
  const [before, after] = [head, tail].map((half) => half.split(':').filter(Boolean))
  const zeros = 8 - (before?.length ?? 0) - (after?.length ?? 0)
  const groups = [...(before ?? []), ...Array.from({ length: zeros }, () => '0'), ...(after ?? [])]
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
