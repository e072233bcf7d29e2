// A terminal written from docs/protocols/access.md: initialises through the gateway and authenticates.
//   node access.mjs URL LOCAL_ADDRESS SERVICE DID MSISDN KEYS_FILE CODE [RSA]
// SUITE=classic in the environment takes the source's own flow; the default is modern. Prints {"key_id", "ticket"}; on a refusal {"refused": reason} and exit status 2.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { webcrypto } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, importJWK, base64url, decodeProtectedHeader } from 'jose';

const [url, localAddress, service, did, msisdn, keysFile, code, kind] = process.argv.slice(2);
const subtle = webcrypto.subtle;
const utf8 = (text) => new TextEncoder().encode(text);
const b64 = (bytes) => base64url.encode(bytes);

function post(route, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...(process.env.SPOOF ? { 'x-msisdn': process.env.SPOOF } : {}) };
    const sent = request(`${url}/access/v1/${route}`, { method: 'POST', localAddress, headers }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => {
        const answer = JSON.parse(text);
        if (response.statusCode === 200) return resolve(answer);
        console.log(JSON.stringify({ refused: answer.reason ?? answer.code }));
        process.exit(2);
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}

// Length-prefixed fields: text, bytes, or numbers of 8 bytes.
function fields(...values) {
  const parts = values.map((value) => {
    let bytes = value;
    if (typeof value === 'string') bytes = utf8(value);
    if (typeof value === 'number') {
      bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    }
    const prefixed = new Uint8Array(4 + bytes.length);
    new DataView(prefixed.buffer).setUint32(0, bytes.length);
    prefixed.set(bytes, 4);
    return prefixed;
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

async function derive(dkey, keyId, label) {
  const ikm = await subtle.importKey('raw', dkey, 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: utf8(keyId), info: utf8(label) }, ikm, 256));
}

async function mac(key, message) {
  const hmac = await subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', hmac, message));
}

function expectSame(ours, theirs) {
  if (b64(ours) !== theirs) throw new Error('the answer was not made by the platform');
}

const platform = JSON.parse(readFileSync(keysFile)).keys.filter((key) => key.kty === (kind === 'RSA' ? 'RSA' : 'EC')).at(-1);
const suite = process.env.SUITE ?? 'modern';
const modern = suite === 'modern';
const label = (name) => `access ${name}`;
const random = (size) => webcrypto.getRandomValues(new Uint8Array(size));
const challenge = async (purpose) => (modern ? (await post('challenge', { purpose })).nonce : '');

async function sealToPlatform(typ, content) {
  return new CompactEncrypt(utf8(JSON.stringify(content)))
    .setProtectedHeader({ alg: platform.alg, enc: 'A256GCM', typ, kid: platform.kid })
    .encrypt(await importJWK(platform, platform.alg));
}

// S202–S204
const dkey = random(modern ? 32 : 16);
const proof = code ? { code } : {};
let asked, first, second;  // the request, and what makes it new
if (modern) {
  [first, second] = [await challenge('initialise'), random(16)];
  const content = { service, did, dkey: b64(dkey), msisdn, nonce_p: first, nonce_t: b64(second), info: 'node', ...proof };
  asked = { suite, service, jwe: await sealToPlatform('trustferry-access-initialise', content) };
} else {
  first = await sealToPlatform('trustferry-access-edkey', { did, dkey: b64(dkey), ...proof });
  second = new Uint8Array();
  asked = { suite, service, info: 'node', edkey: first };
}
const bound = await post('initialise', asked);
expectSame(await mac(await derive(dkey, bound.key_id, label('initialise answer')),
                     fields(label('initialise answer'), suite, service, did, bound.msisdn, bound.key_id, bound.key_time, bound.private_apn ?? '', first, second)),
           bound.mac);
if (bound.msisdn !== msisdn) throw new Error('bound to another number');

// S211–S213
const claim = { did, info: 'node, again', msisdn, key_time: bound.key_time };
const time = Date.now();
const freshness = modern ? await challenge('authenticate') : String(time);
const nonceT = random(16);
const requestMac = await mac(await derive(dkey, bound.key_id, label('authenticate request')),
                             fields(label('authenticate request'), suite, service, did, msisdn, bound.key_time, claim.info, freshness, nonceT));
const common = { suite, service, nonce_t: b64(nonceT), mac: b64(requestMac) };
if (modern) {
  const sealed = await new CompactEncrypt(utf8(JSON.stringify(claim)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'trustferry-access-authenticate' })
    .encrypt(await derive(dkey, bound.key_id, label('authenticate seal')));
  asked = { ...common, key_id: bound.key_id, nonce_p: freshness, sealed };
} else {
  asked = { ...common, ...claim, time };
}
const answer = await post('authenticate', asked);
const hash = new Uint8Array(await subtle.digest('SHA-256', utf8(answer.ticket)));
expectSame(await mac(await derive(dkey, bound.key_id, label('authenticate answer')),
                     fields(label('authenticate answer'), suite, 'ok', service, did, msisdn, answer.private_apn ?? '', freshness, nonceT, hash)), answer.mac);
if (decodeProtectedHeader(answer.ticket).typ !== 'trustferry-access-ticket') throw new Error('another JWE than a ticket');
const { plaintext } = await compactDecrypt(answer.ticket, await derive(dkey, bound.key_id, label('ticket')));
console.log(JSON.stringify({ key_id: bound.key_id, ticket: new TextDecoder().decode(plaintext) }));
