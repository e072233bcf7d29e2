// Writes dm/node.json: the digests of OMA DM (messages and notifications) with node:crypto alone, from the formulas of
// OMA-TS-DM_Security-V1_2 §5.4 and OMA-TS-DM_Notification-V1_2 §6.2.
//   node vectors/make_dm.mjs > vectors/dm/node.json
// Nonces and bodies come from SHA-256 of a label, so the output is the same each time.
import { createHash } from 'node:crypto'

const md5 = (...parts) => createHash('md5').update(Buffer.concat(parts.map(p => Buffer.from(p)))).digest()
const b64 = x => x.toString('base64')
const some = (label, size) => {
  let out = Buffer.alloc(0)
  for (let i = 0; out.length < size; ++i) out = Buffer.concat([out, createHash('sha256').update(`${label} ${i}`).digest()])
  return out.subarray(0, size)
}
const digest = (name, password, nonce, data) => md5(b64(md5(name, ':', password)), ':', nonce, ':', b64(md5(data)))

const people = [['Robert Jordan', 'OhDear'], ['IMEI:493005100592800', 'p:q'], ['server.example', some('password', 24).toString('base64')]]
const messages = people.flatMap(([name, password], i) => [0, 1, 63, 64, 4000].map(size => {
  const nonce = some(`nonce ${i} ${size}`, 16 + 4 * i), body = some(`body ${i} ${size}`, size).toString('base64')
  const mac = b64(digest(name, password, nonce, body))
  return { name, password, nonce: nonce.toString('hex'), body, header: `algorithm=MD5, username="${name}", mac=${mac}` }
}))

// Bits one after another, as the ABNF has them.
const bits = (value, count) => value.toString(2).padStart(count, '0')
const notifications = [
  { ui: 0, by_server: true, session: 1, vendor: '' },
  { ui: 1, by_server: false, session: 0xabc, vendor: 'aabbccdd' },
  { ui: 2, by_server: true, session: 0xffff, vendor: some('vendor', 200).toString('hex') },
  { ui: 3, by_server: true, session: 0x100, vendor: '00' },
].map((each, i) => {
  const server = ['s', 'com.example.provisioning', 'https://prov.example/dm', 'x'.repeat(255)][i], password = `secret ${i}`, nonce = some(`n0 ${i}`, 16)
  const text = bits(11, 10) + bits(each.ui, 2) + (each.by_server ? '1' : '0') + bits(0, 27) + bits(each.session, 16) + bits(server.length, 8)
  const trigger = Buffer.concat([Buffer.from(text.match(/.{8}/g).map(x => parseInt(x, 2))), Buffer.from(server), Buffer.from(each.vendor, 'hex')])
  const bytes = Buffer.concat([digest(server, password, nonce, trigger), trigger])
  return { ...each, server, password, nonce: nonce.toString('hex'), session_text: each.session.toString(16).toUpperCase(), bytes: bytes.toString('hex') }
})

console.log(JSON.stringify({ origin: 'vectors/make_dm.mjs, node:crypto', messages, notifications }, null, 1))
