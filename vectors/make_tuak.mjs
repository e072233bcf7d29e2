// TUAK in the sizes this system has, from 3GPP TS 35.231 alone, by Node's own crypto: node vectors/make_tuak.mjs > vectors/tuak/node.json
import { createHash } from 'node:crypto'

const hex = x => Buffer.from(x).toString('hex')
const turned = x => Buffer.from(x).reverse()
const row = (n, size) => Buffer.from(Array.from({ length: size }, (_, i) => (n * 37 + i * 11 + (i * i >> 2)) & 255))

function keccak(first, instance, { rand = Buffer.alloc(16), amf = Buffer.alloc(2), sqn = Buffer.alloc(6), k }) {
  const input = Buffer.concat([turned(first), Buffer.from([instance]), turned(Buffer.from('TUAK1.0')), turned(rand), turned(amf), turned(sqn), turned(k), Buffer.alloc(16)])
  const out = createHash('shake256', { outputLength: 136 }).update(input).digest()
  return (from, size) => turned(out.subarray(from, from + size))
}

const sets = []
for (let n = 1; n <= 8; ++n) {
  const k = row(n, 16), top = row(n + 20, 32), rand = row(n + 40, 16), sqn = row(n + 60, 6), amf = row(n + 80, 2)
  const topc = keccak(top, 0x00, { k })(0, 32)
  const secrets = keccak(topc, 0x48, { k, rand })
  sets.push({
    k: hex(k), rand: hex(rand), sqn: hex(sqn), amf: hex(amf), top: hex(top), iterations: 1, topc: hex(topc),
    mac_a: hex(keccak(topc, 0x08, { k, rand, amf, sqn })(0, 8)), mac_s: hex(keccak(topc, 0x88, { k, rand, amf, sqn })(0, 8)),
    res: hex(secrets(0, 8)), ak: hex(secrets(96, 6)), ck: hex(secrets(32, 16)), ik: hex(secrets(64, 16)), ak_s: hex(keccak(topc, 0xc0, { k, rand })(96, 6)),
  })
}
console.log('{"origin":' + JSON.stringify('vectors/make_tuak.mjs, Node ' + process.version) + ',"sets":[\n' + sets.map(s => JSON.stringify(s)).join(',\n') + '\n]}')
