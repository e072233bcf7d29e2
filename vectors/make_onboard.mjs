// Derivations of onboard as docs/protocols/onboard.md says them, by Node's own crypto: node vectors/make_onboard.mjs > vectors/onboard/derivations.json
import { createHash, hkdfSync } from 'node:crypto'

const bytes = x => Buffer.isBuffer(x) ? x : Buffer.from(x, 'utf8')
const field = x => { const b = bytes(x); const n = Buffer.alloc(4); n.writeUInt32BE(b.length); return Buffer.concat([n, b]) }
const fields = (...list) => Buffer.concat(list.map(field))
const sha = x => createHash('sha256').update(bytes(x)).digest()
const row = (n, size = 32) => Buffer.from(Array.from({ length: size }, (_, i) => (n * 31 + i * 7) & 255))
const hex = x => Buffer.from(x).toString('hex')

const nonce = row(1), signing = row(2, 300), decryption = row(3, 400), certificate = row(4, 350)
const dh = sha(fields('onboard device', signing, decryption))
const oh = sha(fields('onboard operator', certificate))
const rh = sha(fields('onboard registration nonce', nonce))
const th = sha(fields('onboard transcript', 'operator-a', 'DSIM-0001', row(5, 16), row(6, 16), dh, oh, rh))

console.log(JSON.stringify({
  origin: 'vectors/make_onboard.mjs, Node ' + process.version,
  dh: hex(dh), oh: hex(oh), rh: hex(rh), th: hex(th),
  session_nonce: hex(hkdfSync('sha256', nonce, th, bytes('onboard session nonce'), 32)),
  ih: hex(sha(fields('onboard imsi', rh, '999701000000001'))),
  eh: hex(sha('<Envelope/>')),
}, null, 1))
