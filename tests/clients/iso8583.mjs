// Decodes an ISO 8583 message with the stock package iso_8583: node iso8583.mjs HEX. HEX is the message without the line's
// length. Standard output: one JSON object, field number → text (binary fields as hex).
import { createRequire } from 'node:module';

const Iso8583 = createRequire(import.meta.url)('iso_8583');
// The package's own table gives the MACs 4 octets; ISO 8583 gives them 8.
const formats = {
  64: { ContentType: 'b', Label: 'MAC', LenType: 'fixed', MaxLen: 16 },
  128: { ContentType: 'b', Label: 'MAC', LenType: 'fixed', MaxLen: 16 },
};
const decoded = new Iso8583(undefined, formats).getIsoJSON(Buffer.from(process.argv[2], 'hex'), { lenHeader: false });
process.stdout.write(JSON.stringify(decoded) + '\n');
process.exitCode = decoded.error ? 1 : 0;
