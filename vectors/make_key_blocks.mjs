// Writes key_block_node.json: key blocks made with node:crypto alone, by a second reading of X9.143.
//   node vectors/make_key_blocks.mjs > vectors/key_block_node.json
// Every byte comes from SHA-256 of a label, so the output is the same each time.
import { createCipheriv, createHash } from 'node:crypto';

const bytes = (label, size) => {
  let out = Buffer.alloc(0);
  for (let i = 0; out.length < size; ++i) out = Buffer.concat([out, createHash('sha256').update(`${label} ${i}`).digest()]);
  return out.subarray(0, size);
};

const names = { T16: 'des-ede', T24: 'des-ede3', A16: 'aes-128', A24: 'aes-192', A32: 'aes-256' };
const cipher = (kind, mode, key, iv, data) => {
  const base = names[kind + key.length];
  const name = mode === 'ecb' ? (kind === 'T' ? base : `${base}-ecb`) : `${base}-cbc`;
  const c = createCipheriv(name, key, iv);
  c.setAutoPadding(false);
  return Buffer.concat([c.update(data), c.final()]);
};

const doubled = (block) => {
  const out = Buffer.alloc(block.length);
  for (let i = 0; i < block.length; ++i) out[i] = ((block[i] << 1) | (i + 1 < block.length ? block[i + 1] >> 7 : 0)) & 0xff;
  if (block[0] & 0x80) out[out.length - 1] ^= block.length === 16 ? 0x87 : 0x1b;
  return out;
};

// SP 800-38B, step by step.
const cmac = (kind, key, message) => {
  const size = kind === 'T' ? 8 : 16;
  const k1 = doubled(cipher(kind, 'ecb', key, null, Buffer.alloc(size)));
  const whole = message.length > 0 && message.length % size === 0;
  const padded = whole ? Buffer.from(message)
    : Buffer.concat([message, Buffer.from([0x80]), Buffer.alloc((2 * size - 1 - (message.length % size)) % size)]);
  const last = whole ? k1 : doubled(k1);
  for (let i = 0; i < size; ++i) padded[padded.length - size + i] ^= last[i];
  return cipher(kind, 'cbc', key, Buffer.alloc(size), padded).subarray(-size);
};

const derived = (kind, kbpk, usage) => {
  const algorithm = kind === 'T' ? kbpk.length / 8 - 2 : kbpk.length / 8;
  let out = Buffer.alloc(0);
  for (let counter = 1; out.length < kbpk.length; ++counter) {
    const input = Buffer.from([counter, 0, usage, 0, 0, algorithm, (kbpk.length * 8) >> 8, (kbpk.length * 8) & 0xff]);
    out = Buffer.concat([out, cmac(kind, kbpk, input)]);
  }
  return out.subarray(0, kbpk.length);
};

const hexField = (value, width) => value.toString(16).toUpperCase().padStart(width, '0');
const optionText = (id, data) =>
  data.length + 4 < 256 ? id + hexField(data.length + 4, 2) + data : `${id}0004${hexField(data.length + 10, 4)}${data}`;

const block = ({ version, head, kbpk, key, options = [], padTo }) => {
  const kind = version === 'D' ? 'A' : 'T';
  const size = kind === 'A' ? 16 : 8;
  const padding = bytes(`padding ${head} ${key.length}`, 4096);
  const payloadSize = Math.ceil((2 + Math.max(key.length, padTo)) / size) * size;
  const payload = Buffer.concat([Buffer.from([(key.length * 8) >> 8, (key.length * 8) & 0xff]), key,
    padding.subarray(0, payloadSize - 2 - key.length)]);
  let optional = options.map(([id, data]) => optionText(id, data)).join('');
  let count = options.length;
  if (optional.length % size) {
    let pad = 0;
    while ((optional.length + 4 + pad) % size) ++pad;
    optional += optionText('PB', '0'.repeat(pad));
    ++count;
  }
  const length = 16 + optional.length + 2 * (payloadSize + size);
  const header = version + String(length).padStart(4, '0') + head + String(count).padStart(2, '0') + '00' + optional;
  const mac = cmac(kind, derived(kind, kbpk, 1), Buffer.concat([Buffer.from(header), payload]));
  return header + Buffer.concat([cipher(kind, 'cbc', derived(kind, kbpk, 0), mac, payload), mac]).toString('hex').toUpperCase();
};

const longest = { A: 32, T: 24, D: 8 };
const blocks = [];
const add = (version, head, kbpkSize, keySize, options) => {
  const label = `${version}${kbpkSize} ${head} ${keySize}`;
  const kbpk = bytes(`kbpk ${label}`, kbpkSize);
  const key = bytes(`key ${label}`, keySize);
  blocks.push({ id: `node-${blocks.length + 1}`, origin: 'make_key_blocks.mjs', kbpk: kbpk.toString('hex').toUpperCase(),
    key: key.toString('hex').toUpperCase(),
    block: block({ version, head, kbpk, key, options, padTo: longest[head[2]] ?? keySize }) });
};

for (const kbpkSize of [16, 24]) for (const keySize of [16, 24]) add('B', 'K0TN00N', kbpkSize, keySize);
for (const kbpkSize of [16, 24, 32]) {
  for (const keySize of [16, 24]) add('D', 'P0TB00E', kbpkSize, keySize);
  for (const keySize of [16, 24, 32]) add('D', 'K1AB00N', kbpkSize, keySize);
}
add('B', 'P0TE00E', 16, 16, [['KS', '00604B120F9292800000']]);
add('B', 'B0TX12S', 16, 16, [['KS', '00604B120F929280']]);
add('D', 'B0AXc2S', 32, 32, [['KC', '0112345678AB'], ['TS', '20261101120000Z']]);
add('D', 'D0AB00N', 32, 16, [['LB', 'A label for people'], ['10', '']]);
add('D', 'M7HC00N', 32, 20);
add('D', 'M7HC00N', 32, 77, [['HM', '21']]);
add('D', 'D0DB00N', 16, 8);
add('D', '50AB00N', 24, 24, [['CT', 'x'.repeat(251)]]);
add('D', '51AB00N', 24, 24, [['CT', 'y'.repeat(252)]]);
add('D', 'S0RS00N', 32, 1192, [['CT', 'z'.repeat(4000)], ['PK', '01']]);

const lines = blocks.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
console.log(`{\n  "about": "Key blocks made by make_key_blocks.mjs with node:crypto.",\n  "blocks": [\n${lines}\n  ]\n}`);
