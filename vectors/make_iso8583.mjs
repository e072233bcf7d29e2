// Messages packed by the npm package iso_8583, their MACs made with Node's crypto module (ISO 9797-1 algorithm 3).
//   ./dev test installs the package;  node vectors/make_iso8583.mjs > vectors/iso8583/messages.json
import { createCipheriv } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../tests/clients/package.json', import.meta.url));
const Iso8583 = require('iso_8583');
// The package's own table gives the MACs 4 octets and takes fields 28 to 31 for variable.
const formats = {
  64: { ContentType: 'b', Label: 'MAC', LenType: 'fixed', MaxLen: 16 },
  128: { ContentType: 'b', Label: 'MAC', LenType: 'fixed', MaxLen: 16 },
};

const zak = Buffer.from('C1D0F8FB4958670DBA40AB1F3752EF0D', 'hex'); // ZAK of the tests only

const tdesCbc = (key, iv, data) => {
  const cipher = createCipheriv('des-ede-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
};
// Single DES on all blocks but the last (two equal halves), both halves on the last.
const retailMac = (data, padding) => {
  const marked = padding === 2 ? Buffer.concat([data, Buffer.from([0x80])]) : data;
  const whole = Buffer.concat([marked, Buffer.alloc((8 - (marked.length % 8)) % 8)]);
  const single = Buffer.concat([zak.subarray(0, 8), zak.subarray(0, 8)]);
  const head = whole.subarray(0, whole.length - 8);
  const chained = head.length === 0 ? Buffer.alloc(8) : tdesCbc(single, Buffer.alloc(8), head).subarray(-8);
  return tdesCbc(zak, chained, whole.subarray(-8));
};

const messages = [
  { 0: '0800', 7: '1121093000', 11: '000001', 32: '00000001', 70: '001' },
  { 0: '0810', 7: '1121093000', 11: '000001', 32: '00000001', 39: '00', 70: '301' },
  { 0: '0200', 2: '6212345678901232', 3: '000000', 4: '000000001234', 7: '1121093000', 11: '000017', 12: '173000', 13: '1121', 14: '4912',
    18: '5999', 22: '101', 25: '59', 32: '00000001', 37: '000000000017', 41: 'T1      ', 42: 'M100           ', 49: '156',
    52: '041277CDDEEFF669', 62: '20261121000000000017' },
  { 0: '0210', 3: '000000', 4: '000000001234', 7: '1121093000', 11: '000017', 12: '173000', 13: '1121', 32: '00000001', 37: '000000000017',
    38: '123456', 39: '00', 41: 'T1      ', 42: 'M100           ', 49: '156', 62: '20261121000000000017' },
  { 0: '0420', 2: '621234567890123', 3: '000000', 4: '000000001234', 7: '1121093000', 11: '000017', 12: '173000', 13: '1121', 14: '4912',
    18: '5999', 22: '102', 25: '59', 32: '00000001', 37: '000000000017', 41: 'T1      ', 42: 'M100           ', 49: '156',
    62: '20261121000000000017', 90: '020000001711210930000000000000100000000000' },
  { 0: '0200', 2: '6212345678901232', 3: '200000', 4: '999999999999', 7: '0229235959', 11: '999999', 35: '6212345678901232=49121010000000000',
    37: 'REF123      ', 41: 'AB-12/*.', 48: 'additional data, private', 49: '978', 102: '1234567890', 103: 'ACCOUNT 2' },
];

// Without the package's own length, and without the secondary bitmap that it also writes where no field needs one.
const pack = (fields) => {
  const buffer = new Iso8583(fields, formats).getBufferMessage();
  if (buffer.error) throw new Error(JSON.stringify(buffer));
  const message = Buffer.from(buffer.subarray(2));
  if (Object.keys(fields).some((number) => Number(number) > 64)) return message;
  if (!message.subarray(12, 20).equals(Buffer.alloc(8))) throw new Error('a secondary bitmap of something');
  message[4] &= 0x7f;
  return Buffer.concat([message.subarray(0, 12), message.subarray(20)]);
};
const listed = (fields) => Object.entries(fields).filter(([number]) => number !== '0').map(([number, value]) => `${number}=${value}`);

const out = messages.map((fields) => ({ mti: fields[0], fields: listed(fields), hex: pack(fields).toString('hex') }));
const maced = [];
for (const fields of messages.slice(2)) {
  for (const padding of [1, 2]) {
    const place = Object.keys(fields).some((number) => Number(number) > 64) ? 128 : 64;
    const blank = pack({ ...fields, [place]: '0000000000000000' });
    const data = blank.subarray(0, blank.length - 8);
    maced.push({ mti: fields[0], fields: listed(fields), padding, hex: Buffer.concat([data, retailMac(data, padding)]).toString('hex') });
  }
}
process.stdout.write(JSON.stringify({ origin: 'npm iso_8583 2.6.7, node:crypto', zak: zak.toString('hex'), messages: out, maced }, null, 1) + '\n');
