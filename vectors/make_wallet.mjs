// Derivations of wallet as docs/protocols/wallet.md says them, by Node's own crypto: node vectors/make_wallet.mjs > vectors/wallet/derivations.json
import { createHash, createHmac, hkdfSync, scryptSync } from 'node:crypto'

const bytes = x => Buffer.isBuffer(x) ? x : Buffer.from(x, 'utf8')
const field = x => { const b = bytes(x); const n = Buffer.alloc(4); n.writeUInt32BE(b.length); return Buffer.concat([n, b]) }
const number = x => { const b = Buffer.alloc(8); b.writeBigUInt64BE(BigInt(x)); return b }
const fields = (...list) => Buffer.concat(list.map(field))
const sha = (...parts) => createHash('sha256').update(Buffer.concat(parts.map(bytes))).digest()
const hmac = (key, data) => createHmac('sha256', key).update(data).digest()
const hkdf = (key, salt, info) => Buffer.from(hkdfSync('sha256', key, bytes(salt), bytes(info), 32))
const row = (n, size = 32) => Buffer.from(Array.from({ length: size }, (_, i) => (n * 31 + i * 7) & 255))
const hex = x => x.toString('hex')

const platform = 'wallet.test', registration = 'AAAAAAAAAAAAAAAAAAAAAA', session = 'BBBBBBBBBBBBBBBBBBBBBB', nonce = 'bm9uY2U'
const number_ = '8613800000001', imei = '490154203237518', iccid = '89860000000000000019', password = 'correct horse'
const code = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', confirmation = '12345678'
const cost = { N: 16384, r: 8, p: 5, maxmem: 64 << 20 }

const codes = scryptSync(fields(code, confirmation), fields('wallet codes', platform, registration), 32, cost)
const info3 = sha(fields('wallet info3', number_, imei, iccid, password))
const activating = (label, answer) => fields(label, platform, registration, number_, row(1), nonce, answer)
const context = fields(platform, number_, row(2), row(3, 65), row(4, 65))
const r = row(5), z = row(6), messageKey = row(7), pinKey = row(8)

console.log(JSON.stringify({
  origin: 'vectors/make_wallet.mjs, Node ' + process.version,
  codes: hex(codes),
  verifier: hex(scryptSync(password, row(9, 16), 32, cost)),
  info3: hex(info3),
  file_encryption: hex(hkdf(info3, number_, 'wallet file encryption')),
  file_mac_own: hex(hkdf(info3, number_, 'wallet file mac own')),
  file_mac: hex(hkdf(codes, registration, 'wallet file mac')),
  activate_request: hex(hmac(hkdf(codes, registration, 'wallet activate request'), activating('wallet activate request', ''))),
  activate_answer: hex(hmac(hkdf(codes, registration, 'wallet activate answer'), activating('wallet activate answer', 'certificate'))),
  session_seal: hex(hkdf(Buffer.concat([r, z]), nonce, Buffer.concat([bytes('wallet session'), context]))),
  session_digest: hex(hmac(r, Buffer.concat([fields('wallet session digest', context, nonce, session), messageKey, pinKey]))),
  pay_mac: hex(hmac(hkdf(messageKey, session, 'wallet pay mac'), 'a.b.c')),
  classic_login: hex(sha(fields('wallet classic login signature', platform, sha(r), number_, hmac(r, password), number(1793491200000)))),
  classic_pay: hex(sha(fields('wallet classic pay signature', 'A-1', number_, '{}', row(10, 16)))),
  classic_inquiry: hex(sha(fields('wallet classic inquiry signature', 'A-1', number_, 'R-1', number(400), number(1793491200000), row(11, 16)))),
}, null, 1))
