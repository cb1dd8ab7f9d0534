import { BlockList, isIP, isIPv4, isIPv6, SocketAddress } from 'node:net'

/** Given the socket's address and the header `X-Forwarded-For`. */
export type ClientAddress = (peer: string | undefined, forwardedFor: string | readonly string[] | undefined) => string

/**
 * Who really asks. Each proxy writes whom it was asked by at the right end of `X-Forwarded-For`, so the header is read
 * from there, and only as far as the proxies are ours; what a client has put into it is never believed. A header that
 * cannot be read counts for nothing.
 */
export function createClientAddress(trusted: BlockList): ClientAddress {
  const isTrusted = (address: string) => trusted.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
  return (peer, forwardedFor) => {
    const socketAddress = addressOf(peer?.replace(/%.*$/, '') ?? '') ?? ''
    if (socketAddress === '' || !isTrusted(socketAddress)) return socketAddress
    let client = socketAddress
    for (const hop of hopsOf(forwardedFor).toReversed()) {
      const address = addressOf(hop)
      if (address === undefined) return socketAddress
      client = address
      if (!isTrusted(address)) break
    }
    return client
  }
}

function hopsOf(forwardedFor: string | readonly string[] | undefined): string[] {
  if (forwardedFor === undefined) return []
  return [forwardedFor]
    .flat()
    .join(',')
    .split(',')
    .map((hop) => hop.trim())
}

/** One spelling for each address: an IPv4 address inside IPv6 is the IPv4 address. Undefined for anything else. */
function addressOf(text: string): string | undefined {
  if (isIPv4(text)) return text
  if (!isIPv6(text) || text.includes('%')) return undefined
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  return /^::ffff:([0-9.]+)$/.exec(address)?.[1] ?? address
}

/** The networks (`10.0.0.0/8`, `fd00::/8`) and single addresses that proxies of ours have; undefined if one is neither. */
export function parseNetworks(networks: readonly string[]): BlockList | undefined {
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', prefix] = /^([^/%]+)(?:\/([0-9]{1,3}))?$/.exec(network) ?? []
    const family = isIP(address)
    const bits = family === 4 ? 32 : 128
    const length = prefix === undefined ? bits : Number(prefix)
    if (family === 0 || length > bits) return undefined
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}
