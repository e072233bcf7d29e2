// A phone written from docs/protocols/wallet.md: registers with a key of its own, activates with the code of the SMS, makes its
// certificate file, logs in, enrols a card and an account, pays an ordinary and a critical order by card, one from the account and one at the network's own gateway, asks,
// gives back. Suite modern.
//   node wallet.mjs '{"url", "root", "platform", "spool", "number", "imei", "iccid", "password", "card", "pin", "account", "file", "gateway", "gateway_url", "gateway_root"}'
// root, gateway_root: PEM files; spool: where the platform writes its SMS; file: where the certificate file goes. Prints what came of each order;
// on a refusal {"refused": reason} and exit status 2.
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { request } from 'node:https';
import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes, scryptSync, webcrypto, X509Certificate } from 'node:crypto';
import { base64url, CompactEncrypt, CompactSign, compactDecrypt, compactVerify, decodeProtectedHeader } from 'jose';
import { CertificationRequest, CryptoEngine, setEngine } from 'pkijs';
import { makeCertificateFile } from './wallet_file.mjs';

const phone = JSON.parse(process.argv[2]);
const { subtle } = webcrypto;
setEngine('node', new CryptoEngine({ name: 'node', crypto: webcrypto }));
const b64 = (bytes) => base64url.encode(bytes);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const hmac = (key, bytes) => createHmac('sha256', key).update(bytes).digest();
const derive = (key, salt, label, context = Buffer.alloc(0)) => Buffer.from(hkdfSync('sha256', key, salt, Buffer.concat([Buffer.from(label), context]), 32));
const slow = (secret, salt) => scryptSync(secret, salt, 32, { N: 16384, r: 8, p: 5, maxmem: 64 << 20 });

function call(method, route, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${phone.url}/wallet/v1/${route}`, { method, ca: readFileSync(phone.root), headers: body ? { 'content-type': 'application/json' } : {} }, (response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => {
        const answer = JSON.parse(text);
        if (response.statusCode === 200) return resolve(answer);
        console.log(JSON.stringify({ refused: answer.reason ?? answer.code ?? response.statusCode, route }));
        process.exit(2);
      });
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}
const post = (route, body) => call('POST', route, body);
const challenge = async (purpose) => (await post('challenge', { purpose })).nonce;

// Length-prefixed fields: text, bytes.
function fields(...values) {
  return Buffer.concat(values.flatMap((value) => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  }));
}

function check(fits, what) {
  if (!fits) throw new Error(what);
}

// The platform's keys, each chain validated up to the pinned root.
async function platformKeys() {
  const root = new X509Certificate(readFileSync(phone.root));
  const published = await call('GET', 'keys');
  check(published.platform === phone.platform, 'another platform');
  const believe = ({ kid, x5c }) => {
    const chain = x5c.map((certificate) => new X509Certificate(Buffer.from(certificate, 'base64')));
    const now = Date.now();
    for (const [i, certificate] of chain.entries()) {
      const issuer = chain[i + 1] ?? root;
      check(certificate.verify(issuer.publicKey) && certificate.checkIssued(issuer) && (i === 0 || certificate.ca), 'a broken chain');
      check(Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo), 'a certificate that is not valid now');
    }
    check(chain[0].subject.split('\n').includes(`CN=${phone.platform}`), 'a certificate of another platform');
    return { kid, key: chain[0].publicKey };
  };
  const encryption = published.encryption.map(believe).find(({ key }) => key.asymmetricKeyType === 'ec');
  return { encryption, results: published.results.map(believe) };
}
const platform = await platformKeys();

const sealToPlatform = (typ, content) =>
  new CompactEncrypt(Buffer.from(JSON.stringify(content)))
    .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ, kid: platform.encryption.kid })
    .encrypt(platform.encryption.key);
const seal = (key, typ, content) =>
  new CompactEncrypt(Buffer.from(JSON.stringify(content))).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ }).encrypt(key);
async function open(key, typ, jwe) {
  check(decodeProtectedHeader(jwe).typ === typ, `a JWE that is no ${typ}`);
  return JSON.parse(Buffer.from((await compactDecrypt(jwe, key)).plaintext).toString());
}

// S02–S04
const user = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
const sign = (typ, payload) => new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ alg: 'ES256', typ }).sign(user.privateKey);
async function certificateRequest() {
  const csr = new CertificationRequest();
  await csr.subjectPublicKeyInfo.importKey(user.publicKey);
  await csr.sign(user.privateKey, 'SHA-256');
  return Buffer.from(csr.toSchema(true).toBER());
}
const password = Buffer.from(phone.password);
const salt = randomBytes(16);
const responseKey = randomBytes(32);
const nonce = await challenge('register');
const registering = await post('register', {
  jwe: await sealToPlatform('trustferry-wallet-register', {
    label: 'wallet register', platform: phone.platform, suite: 'modern', key: 'phone', number: phone.number, imei: phone.imei, iccid: phone.iccid,
    name: 'Núria Node', id_number: 'B7654321', nonce_p: nonce, response_key: b64(responseKey), salt: b64(salt), verifier: b64(slow(password, salt)),
    csr: b64(await certificateRequest()),
  }),
});
const registered = await open(responseKey, 'trustferry-wallet-registered', registering.sealed);
check(registered.label === 'wallet registered' && registered.nonce_p === nonce, 'an answer to another registration');
const { registration } = registered;

// S05: the SMS
async function confirmationCode() {
  for (let tries = 0; tries < 200; ++tries) {
    const lines = existsSync(phone.spool) ? readFileSync(phone.spool, 'utf8').split('\n').filter(Boolean) : [];
    const sms = lines.map((line) => JSON.parse(line)).find(({ to, text }) => to === phone.number && text.includes(registration));
    if (sms) return sms.text.match(/\d{8}/)[0];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('no SMS came');
}

// S07–S08
const codes = slow(fields(registered.code, await confirmationCode()), fields('wallet codes', phone.platform, registration));
const spki = Buffer.from(await subtle.exportKey('spki', user.publicKey));
const activateNonce = await challenge('activate');
const activating = (label, answer) => fields(label, phone.platform, registration, phone.number, sha256(spki), activateNonce, answer);
const asked = activating('wallet activate request', '');
const activated = await post('activate', {
  jwe: await sealToPlatform('trustferry-wallet-activate', {
    label: 'wallet activate', platform: phone.platform, registration, nonce_p: activateNonce,
    mac: b64(hmac(derive(codes, registration, 'wallet activate request'), asked)),
    proof: await sign('trustferry-wallet-proof', { digest: b64(sha256(asked)) }),
  }),
});
const certificate = Buffer.from(activated.certificate, 'base64url');
const answerMac = hmac(derive(codes, registration, 'wallet activate answer'), activating('wallet activate answer', certificate));
check(activated.result === 'ok' && b64(answerMac) === activated.mac, 'the answer was not made by the platform');

// The certificate file
const info3 = sha256(fields('wallet info3', phone.number, phone.imei, phone.iccid, phone.password));
const filePassword = (label) => derive(info3, phone.number, label).toString('hex');
writeFileSync(phone.file, await makeCertificateFile(user.privateKey, certificate, filePassword('wallet file encryption'), filePassword('wallet file mac own')));

// S34–S39
const thumbprint = sha256(certificate);
const ephemeral = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
const phonePoint = Buffer.from(await subtle.exportKey('raw', ephemeral.publicKey));
const r = randomBytes(32);
const loginNonce = await challenge('login');
const claim = await sign('trustferry-wallet-login-claim', {
  label: 'wallet login', platform: phone.platform, certificate: b64(thumbprint), number: phone.number, nonce_p: loginNonce, r: b64(r), ephemeral: b64(phonePoint), time: Date.now(),
});
const login = await post('login', { suite: 'modern', jwe: await sealToPlatform('trustferry-wallet-login', { jws: claim, password: b64(password) }) });
const platformPoint = Buffer.from(login.ephemeral, 'base64url');
const theirs = await subtle.importKey('raw', platformPoint, { name: 'ECDH', namedCurve: 'P-256' }, false, []);
const z = Buffer.from(await subtle.deriveBits({ name: 'ECDH', public: theirs }, ephemeral.privateKey, 256));
const c = fields(phone.platform, phone.number, thumbprint, phonePoint, platformPoint);
const sessionSeal = derive(Buffer.concat([r, z]), loginNonce, Buffer.concat([Buffer.from('wallet session'), c]));
const session = await open(sessionSeal, 'trustferry-wallet-session', login.sealed);
const messageKey = Buffer.from(session.message_key, 'base64url');
const pinKey = Buffer.from(session.pin_key, 'base64url');
const digest = hmac(r, Buffer.concat([fields('wallet session digest', c, loginNonce, session.session), messageKey, pinKey]));
check(b64(digest) === session.digest, 'the session is not the one we asked for');

// Whose a request is, the signature tells; of which login, this.
const macOf = (label, jws) => b64(hmac(derive(messageKey, session.session, label), jws));

const binding = async (label, purpose) => ({
  label, platform: phone.platform, certificate: b64(thumbprint), session: session.session, nonce_p: await challenge(purpose), nonce_t: b64(randomBytes(16)),
});

// Cards and accounts
async function enrol(wallet, number, expiry) {
  const sealed = await seal(derive(messageKey, session.session, 'wallet instrument seal'), 'trustferry-wallet-instrument',
                            { label: 'wallet instrument', wallet, number: b64(Buffer.from(number)), expiry });
  const jws = await sign('trustferry-wallet-instrument-claim',
                         { ...(await binding('wallet instruments', 'instruments')), act: 'enrol', token: '', sealed_hash: b64(sha256(sealed)) });
  const answer = await post('instruments', { session: session.session, jws, mac: macOf('wallet instruments mac', jws), sealed });
  const shown = await open(derive(messageKey, session.session, 'wallet instrument answer'), 'trustferry-wallet-instruments', answer.sealed);
  check(shown.label === 'wallet instruments answer' && shown.request === b64(sha256(jws)), 'an answer to another request');
  return shown.instruments.find((each) => each.wallet === wallet).token;
}
const card = await enrol('', phone.card, '3012');
const account = await enrol('alipay', phone.account, '');

// ISO 9564-1 format 4
function pinBlock() {
  const encrypt = (block) => {
    const aes = createCipheriv('aes-256-ecb', pinKey, null).setAutoPadding(false);
    return Buffer.concat([aes.update(block), aes.final()]);
  };
  const pinField = Buffer.concat([Buffer.from(`4${phone.pin.length.toString(16)}${phone.pin}`.padEnd(16, 'a'), 'hex'), randomBytes(8)]);
  const panField = Buffer.from((Math.max(phone.card.length - 12, 0).toString(16) + phone.card.padStart(12, '0')).padEnd(32, '0'), 'hex');
  return encrypt(encrypt(pinField).map((byte, i) => byte ^ panField[i]));
}

async function believeResult(jws, sent, { order, refund, amount }) {
  const { kid, typ } = decodeProtectedHeader(jws);
  const known = platform.results.find((each) => each.kid === kid);
  check(known && typ === 'trustferry-wallet-result', 'a result of somebody else');
  const result = JSON.parse(Buffer.from((await compactVerify(jws, known.key, { algorithms: ['ES256'] })).payload).toString());
  check(result.label === 'wallet result' && result.platform === phone.platform && result.request === b64(sha256(sent)), 'a result of another request');
  check(result.order === order && result.refund === refund && (amount === undefined || result.amount === amount), 'a result of another order');
  return { order, result: result.result, amount: result.amount, refunded: result.refunded, ...(result.tn ? { tn: result.tn } : {}) };
}

// S44–S46
async function pay(order, amount, instrument, critical, gateway) {
  const content = `order ${order}: café`;
  const block = instrument === card ? pinBlock() : undefined;
  const jws = await sign('trustferry-wallet-pay', {
    ...(await binding('wallet pay', 'pay')), order, payee: 'SHOP01', amount, currency: 'CNY', ...(gateway ? { gateway } : { instrument }), content_hash: b64(sha256(content)),
    ...(block ? { pin_hash: b64(sha256(block)) } : {}), expires: Date.now() + 600_000,
  });
  const inside = { content, ...(block ? { pin_block: b64(block) } : {}) };
  const body = { suite: 'modern', session: session.session, jws };
  if (critical) body.sealed = await seal(derive(messageKey, session.session, 'wallet pay seal', sha256(jws)), 'trustferry-wallet-pay-content', inside);
  else Object.assign(body, inside, { mac: macOf('wallet pay mac', jws) });
  const answer = await believeResult((await post('pay', body)).result, jws, { order, amount });
  const again = await believeResult((await post('pay', body)).result, jws, { order, amount });  // as after a lost answer
  check(again.result === answer.result, 'the same request, another answer');
  return answer;
}

async function query(order, returned) {
  const jws = await sign('trustferry-wallet-query', { ...(await binding('wallet query', 'query')), order });
  return believeResult((await post('query', { suite: 'modern', session: session.session, ...(returned ? { returned } : {}), jws, mac: macOf('wallet query mac', jws) })).result, jws, { order });
}

async function giveBack(order, refund, amount) {
  const jws = await sign('trustferry-wallet-refund', { ...(await binding('wallet refund', 'refund')), order, refund, amount });
  return believeResult((await post('refund', { suite: 'modern', session: session.session, jws, mac: macOf('wallet refund mac', jws) })).result, jws, { order, refund, amount });
}

// The direct path: the platform makes the order, the phone pays it at the network's own gateway and brings back what it was given.
function atGateway(path, form) {
  return new Promise((resolve, reject) => {
    const sent = request(`${phone.gateway_url}${path}`, { method: 'POST', ca: readFileSync(phone.gateway_root), headers: { 'content-type': 'application/x-www-form-urlencoded' } }, (response) => {
      let body = '';
      response.on('data', (part) => (body += part)).on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(`${path}: ${response.statusCode}`))));
    });
    sent.on('error', reject).end(new URLSearchParams(form).toString());
  });
}
async function payDirectly(order, amount) {
  const { result, tn } = await pay(order, amount, undefined, false, phone.gateway);
  check(result === 'pending' && tn, 'no order at the gateway');
  const shown = JSON.parse(await atGateway('/phone/order', { tn }));
  check(shown.amount === amount && shown.currency === 'CNY', 'an order of another amount at the gateway');
  return query(order, await atGateway('/phone/pay', { tn, account: '6226388000000095' }));
}

const prefix = `N${phone.number}`;
const results = [await pay(`${prefix}-1`, 1250, card, false), await pay(`${prefix}-2`, 200000, card, true), await pay(`${prefix}-3`, 900, account, false)];
results.push(await giveBack(`${prefix}-1`, `${prefix}-1R`, 250), await query(`${prefix}-1`), await query(`${prefix}-none`), await payDirectly(`${prefix}-4`, 1750));
console.log(JSON.stringify({ registration, results }));
