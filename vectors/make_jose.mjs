// Writes jose_node.json: JWS and JWE in compact form made with node:crypto alone, by a second reading of RFC 7515–7518.
//   node vectors/make_jose.mjs > vectors/jose_node.json
// The keys are made anew each time.
import { createCipheriv, createHash, createHmac, diffieHellman, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const b64 = (data) => Buffer.from(data).toString('base64url');
const headerOf = (members) => b64(JSON.stringify(members));
const pkcs8 = (key) => key.export({ format: 'der', type: 'pkcs8' }).toString('hex');
const spki = (key) => key.export({ format: 'der', type: 'spki' }).toString('hex');
const payload = '{"dsn":"TF00000001","note":"made elsewhere"}';
const typ = 'vector+jwt';

const es256 = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const input = `${headerOf({ alg: 'ES256', typ })}.${b64(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return { kind: 'ES256', key: spki(publicKey), payload, compact: `${input}.${b64(signature)}` };
};

const hs256 = () => {
  const key = randomBytes(32);
  const input = `${headerOf({ typ, alg: 'HS256' })}.${b64(payload)}`;
  return { kind: 'HS256', key: key.toString('hex'), payload, compact: `${input}.${b64(createHmac('sha256', key).update(input).digest())}` };
};

const sealed = (contentKey, header, wrapped) => {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', contentKey, nonce);
  cipher.setAAD(Buffer.from(header));
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
  return [header, wrapped, b64(nonce), b64(ciphertext), b64(cipher.getAuthTag())].join('.');
};

const dir = () => {
  const key = randomBytes(32);
  return { kind: 'dir', key: key.toString('hex'), payload, compact: sealed(key, headerOf({ alg: 'dir', enc: 'A256GCM', typ }), '') };
};

const uint32 = (value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((byte) => byte & 0xff));

const ecdh = () => {
  const recipient = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ephemeral = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const z = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient.publicKey });
  const alg = 'ECDH-ES+A256KW';
  const info = Buffer.concat([uint32(alg.length), Buffer.from(alg), uint32(0), uint32(0), uint32(256)]);
  const kek = createHash('sha256').update(Buffer.concat([uint32(1), z, info])).digest();
  const contentKey = randomBytes(32);
  const wrap = createCipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
  const wrapped = Buffer.concat([wrap.update(contentKey), wrap.final()]);
  const { kty, crv, x, y } = ephemeral.publicKey.export({ format: 'jwk' });
  const header = headerOf({ alg, enc: 'A256GCM', typ, epk: { kty, crv, x, y } });
  return { kind: alg, key: pkcs8(recipient.privateKey), payload, compact: sealed(contentKey, header, b64(wrapped)) };
};

const objects = [es256(), hs256(), dir(), ecdh()];
const lines = objects.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
console.log(`{\n  "about": "JOSE objects made by make_jose.mjs with node:crypto; typ is ${typ}.",\n  "objects": [\n${lines}\n  ]\n}`);
