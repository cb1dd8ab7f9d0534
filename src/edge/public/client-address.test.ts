import fc from 'fast-check'
import { BlockList, isIP } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createClientAddress, parseNetworks } from './client-address.ts'

const trusted = parseNetworks(['10.0.0.0/8', 'fd00::/8']) ?? new BlockList()
const addressOf = createClientAddress(trusted)

describe('the address of a client', () => {
  it.each([
    { peer: '203.0.113.9', header: undefined, is: '203.0.113.9', because: 'nothing else is known' },
    { peer: '203.0.113.9', header: '198.51.100.1', is: '203.0.113.9', because: 'the peer is no proxy of ours' },
    { peer: '10.0.0.1', header: undefined, is: '10.0.0.1', because: 'the proxy says nothing' },
    { peer: '10.0.0.1', header: '198.51.100.1', is: '198.51.100.1', because: 'the proxy says so' },
    { peer: '10.0.0.1', header: '1.1.1.1, 198.51.100.1', is: '198.51.100.1', because: 'the left is the client’s word' },
    { peer: '10.0.0.1', header: '198.51.100.1, 10.0.0.2', is: '198.51.100.1', because: 'there are two proxies' },
    { peer: '10.0.0.1', header: '10.0.0.3, 10.0.0.2', is: '10.0.0.3', because: 'the client is one of us' },
    { peer: '10.0.0.1', header: ['1.1.1.1', '2.2.2.2'], is: '2.2.2.2', because: 'the last header is the nearest' },
    { peer: '::ffff:10.0.0.1', header: '198.51.100.1', is: '198.51.100.1', because: 'IPv4 in IPv6 is IPv4' },
    { peer: '10.0.0.1', header: '::FFFF:c633:6401', is: '198.51.100.1', because: 'IPv4 in IPv6 is IPv4, in hex too' },
    { peer: 'fd00::1%eth0', header: '2001:DB8:0:0::1', is: '2001:db8::1', because: 'an address has one spelling' },
    { peer: '10.0.0.1', header: 'unknown', is: '10.0.0.1', because: 'the header cannot be read' },
    { peer: '10.0.0.1', header: '198.51.100.1,', is: '10.0.0.1', because: 'the header cannot be read' },
    { peer: '10.0.0.1', header: '198.51.100.1:80', is: '10.0.0.1', because: 'the header cannot be read' },
    { peer: undefined, header: '198.51.100.1', is: '', because: 'the socket is gone' },
  ])('is $is, because $because (abuse 38)', ({ peer, header, is }) => {
    expect(addressOf(peer, header)).toBe(is)
  })

  const outside = fc.ipV4().filter((address) => !address.startsWith('10.'))
  const inside = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `10.0.${a}.${b}`)

  it('is the peer’s, whatever a peer that is no proxy says (abuse 38)', () => {
    fc.assert(
      fc.property(outside, fc.string(), (peer, header) => {
        expect(addressOf(peer, header)).toBe(peer)
      }),
    )
  })

  it('is what the farthest proxy saw, whatever the client has written before it (abuse 38)', () => {
    fc.assert(
      fc.property(inside, fc.string(), outside, fc.array(inside), (peer, forged, client, proxies) => {
        expect(addressOf(peer, [forged, client, ...proxies].join(', '))).toBe(client)
      }),
    )
  })

  it('is always an address', () => {
    const anything = fc.array(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), inside)).map((hops) => hops.join(','))
    fc.assert(
      fc.property(inside, anything, (peer, header) => {
        expect(isIP(addressOf(peer, header))).toBeGreaterThan(0)
      }),
    )
  })
})

describe('the networks of our proxies', () => {
  it.each(['', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/8/8', 'fd00::/129', 'localhost', '10.0.0'])(
    'are not "%s"',
    (network) => {
      expect(parseNetworks(['192.0.2.1', network])).toBeUndefined()
    },
  )
})
