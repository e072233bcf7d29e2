// Writes pin/node.json: PIN blocks and retail MACs made with node:crypto alone, by a second reading of ISO 9564-1 and
// ISO/IEC 9797-1.
//   node vectors/make_pin.mjs > vectors/pin/node.json
// Keys, PINs, PANs and pads come from SHA-256 of a label, so the output is the same each time.
import { createCipheriv, createHash } from 'node:crypto';

const bytes = (label, size) => {
  let out = Buffer.alloc(0);
  for (let i = 0; out.length < size; ++i) out = Buffer.concat([out, createHash('sha256').update(`${label} ${i}`).digest()]);
  return out.subarray(0, size);
};
const decimal = (label, size) => [...bytes(label, size)].map((b) => b % 10).join('');
const hex = (data) => data.toString('hex').toUpperCase();

const ecb = (name, key, data) => {
  const c = createCipheriv(name, key, null);
  c.setAutoPadding(false);
  return Buffer.concat([c.update(data), c.final()]);
};
const aes = (key, data) => ecb(`aes-${key.length * 8}-ecb`, key, data);
const tdes = (key, data) => ecb(key.length === 16 ? 'des-ede' : 'des-ede3', key, data);
const xor = (a, b) => Buffer.from(a.map((x, i) => x ^ b[i]));

const pinText = (control, pin, fill) => (control + pin.length.toString(16) + pin + fill).slice(0, 16);
const account = (pan) => Buffer.from('0000' + ('0'.repeat(12) + pan.slice(0, -1)).slice(-12), 'hex');

const pinBlock = (format, key, pin, pan, pad) => {
  if (format === 4) {
    const field = Buffer.concat([Buffer.from(pinText('4', pin, 'a'.repeat(16)), 'hex'), pad]);
    const whole = pan.padStart(12, '0');
    const panField = Buffer.from((String(whole.length - 12) + whole).padEnd(32, '0'), 'hex');
    return aes(key, xor(aes(key, field), panField));
  }
  const fill = format === 0 ? 'f'.repeat(16) : [...pad].map((b) => (10 + (b % 6)).toString(16)).join('');
  return tdes(key, xor(Buffer.from(pinText(String(format), pin, fill), 'hex'), account(pan)));
};

// DES-CBC with K; the last step and the output transformation together are two-key TDES. Single DES is TDES with K twice:
// Node's OpenSSL keeps DES itself with the legacy algorithms.
const des = (key, data) => ecb('des-ede', Buffer.concat([key, key]), data);
const retail = (key, data, method) => {
  const marked = method === 2 ? Buffer.concat([data, Buffer.from([0x80])]) : data;
  const text = Buffer.concat([marked, Buffer.alloc((8 - (marked.length % 8)) % 8)]);
  const whole = text.length === 0 ? Buffer.alloc(8) : text;
  let chain = Buffer.alloc(8);
  for (let at = 0; at < whole.length; at += 8) {
    const input = xor(chain, whole.subarray(at, at + 8));
    chain = at + 8 < whole.length ? des(key.subarray(0, 8), input) : ecb('des-ede', key, input);
  }
  return chain;
};

const blocks = [];
for (const [format, keySize] of [[0, 16], [0, 24], [3, 16], [3, 24], [4, 16], [4, 24], [4, 32]])
  for (let pinSize = 4; pinSize <= 12; ++pinSize)
    for (const panSize of [8, 11, 12, 13, 16, 19]) {
      const id = `${format}/${keySize}/${pinSize}/${panSize}`;
      const key = bytes(`key ${id}`, keySize);
      const pin = decimal(`pin ${id}`, pinSize);
      const pan = decimal(`pan ${id}`, panSize);
      const pad = bytes(`pad ${id}`, format === 4 ? 8 : 10).map((b) => b % 252);
      blocks.push({ id, format, key: hex(key), pin, pan, pad: hex(Buffer.from(pad)), block: hex(pinBlock(format, key, pin, pan, pad)) });
    }
const macs = [];
for (const size of [0, 1, 7, 8, 9, 16, 250])
  for (const method of [1, 2]) {
    const key = bytes(`mac key ${size}`, 16);
    const data = bytes(`mac data ${size}`, size);
    macs.push({ id: `${size}/${method}`, key: hex(key), data: hex(data), padding: method, mac: hex(retail(key, data, method)) });
  }
process.stdout.write(JSON.stringify({ blocks, macs }, null, 1) + '\n');
