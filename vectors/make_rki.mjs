// Computes vectors/rki/derivations.json with Node's crypto alone, from the formulas of the source (CN103714642A [0049])
// and of src/protocols/rki/keys.hpp and transcript.hpp, independently of Trustferry's own code.
// Usage: node vectors/make_rki.mjs > vectors/rki/derivations.json
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();
const join = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));
const xor = (a, b) => Buffer.from(a.map((byte, i) => byte ^ b[i]));
const u32 = (n) => { const out = Buffer.alloc(4); out.writeUInt32BE(n); return out; };
const field = (value) => join(u32(Buffer.byteLength(value)), value);
const expand = (prk, info) => hmac(prk, info, Buffer.from([1]));  // RFC 5869 §2.3, one block
// Test inputs: bytes that look like nothing, from a name.
const bytes = (name, size) => Buffer.concat([0, 1].map((i) => sha256(`${name}/${i}`))).subarray(0, size);
const hex = (object) => Object.fromEntries(Object.entries(object).map(
  ([name, value]) => [name, Buffer.isBuffer(value) ? value.toString('hex').toUpperCase() : value]));

function tdes(direction, mode, key, iv, data) {
  const cipher = (direction === 'encrypt' ? createCipheriv : createDecipheriv)(`des-ede3-${mode}`, key, iv);
  cipher.setAutoPadding(false);
  return join(cipher.update(data), cipher.final());
}

function classicDik2(name, dsn, factor) {
  const dik1 = bytes(`classic dik1 ${name}`, 24);
  const data1 = sha256(dsn).subarray(0, 24);
  const key1 = tdes('encrypt', 'ecb', dik1, null, data1);
  const data2 = sha256(factor).subarray(0, 24);
  return hex({ dik1, dsn, factor, data1, key1, dik2: tdes('decrypt', 'ecb', key1, null, data2) });
}

function modernDik2(name, dsn, factor) {
  const dik1 = bytes(`modern dik1 ${name}`, 32);
  return hex({ dik1, dsn, factor, dik2: expand(dik1, join('rki dik2', field(dsn), field(factor))) });
}

function transcript(bodies) {
  const hashes = [sha256('trustferry/rki/1')];
  for (const body of bodies) hashes.push(sha256(hashes.at(-1), u32(Buffer.byteLength(body)), body));
  return { bodies, hashes: hashes.map((hash) => hash.toString('hex').toUpperCase()) };
}

function classicToken(name) {
  const [dik2, iv, at_tk1] = [bytes(`dik2 ${name}`, 24), bytes(`iv ${name}`, 8), bytes(`at tk1 ${name}`, 48)];
  const transcript = bytes(`transcript ${name}`, 32);
  const encryption = hmac(dik2, 'rki classic token encryption').subarray(0, 24);
  const mac = hmac(dik2, 'rki classic token mac');
  const sealed = join(iv, tdes('encrypt', 'cbc', encryption, iv, at_tk1));
  return hex({ dik2, transcript, iv, at_tk1, encryption, mac, token: join(sealed, hmac(mac, transcript, sealed)) });
}

function modernKeys(name) {
  const [z, dik2, tk1, tk2] = ['z', 'dik2', 'tk1', 'tk2'].map((part) => bytes(`modern ${part} ${name}`, 32));
  const transcript = bytes(`modern transcript ${name}`, 32);
  const factor_key = Buffer.from(hkdfSync('sha256', z, transcript, 'rki factor', 32));
  const k = hmac(transcript, z, dik2);
  const subkey = expand(k, join('rki server token', transcript));
  const tk = expand(hmac(xor(tk1, tk2), k), join('rki tk', transcript));
  return hex({ z, dik2, tk1, tk2, transcript, factor_key, k, subkey, tk });
}

function transportKeys(name) {
  const [classic_tk, modern_tk] = [bytes(`tk ${name}`, 24), bytes(`tk ${name}`, 32)];
  const transcript = bytes(`transport transcript ${name}`, 32);
  return hex({
    classic_tk, modern_tk, transcript,
    classic_delivery_mac: hmac(classic_tk, 'rki delivery mac', transcript),
    modern_delivery_mac: expand(modern_tk, join('rki delivery mac', transcript)),
    classic_kbpk: hmac(classic_tk, 'rki kbpk', transcript).subarray(0, 24),
    modern_kbpk: expand(modern_tk, join('rki kbpk', transcript)),
  });
}

const composed = Buffer.from('LOADER-7/20261101/BATCH-0042');
process.stdout.write(JSON.stringify({
  origin: 'node vectors/make_rki.mjs (node:crypto); formulas: CN103714642A [0049], src/protocols/rki/keys.hpp, transcript.hpp',
  classic_dik2: [classicDik2('a', 'TF10000001', bytes('factor a', 16)), classicDik2('b', 'ABCD', bytes('factor b', 8)),
    classicDik2('c', 'Z-9-LONGEST-SERIAL-OF-THIRTY-TWO', bytes('factor c', 64)), classicDik2('d', 'TF10000001', composed)],
  modern_dik2: [modernDik2('a', 'TF10000001', bytes('factor a', 16)), modernDik2('b', 'ABCD', bytes('factor b', 8)),
    modernDik2('c', 'TF10000001', composed)],
  transcript: [transcript([]), transcript(['{"dsn":"TF10000001"}', '', 'x'.repeat(300), '密钥'])],
  classic_token: [classicToken('a'), classicToken('b')],
  modern_keys: [modernKeys('a'), modernKeys('b')],
  transport_keys: [transportKeys('a'), transportKeys('b')],
}, null, 1) + '\n');
