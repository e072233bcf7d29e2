// A merchant of an e-wallet and of a card network's HTTPS gateway, with nothing but Node: signs requests, verifies answers.
//   node ewallet.mjs PORT SIMULATOR_FOLDER APP_KEY TRANSACTION pay|query
// One JSON object on standard output.
import { createHash, createPublicKey, createSign, createVerify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';

const [port, folder, keyFile, transaction, what] = process.argv.slice(2);
const key = readFileSync(keyFile);
const root = readFileSync(`${folder}/root.crt`);
const sign = (text) => createSign('RSA-SHA256').update(text, 'utf8').sign(key, 'base64');
const verifies = (publicKey, text, signature) => createVerify('RSA-SHA256').update(text, 'utf8').verify(publicKey, signature, 'base64');
const sorted = (fields, without) => Object.keys(fields).sort().filter((k) => !without.includes(k) && fields[k] !== '').map((k) => `${k}=${fields[k]}`).join('&');
const need = (ok, why) => { if (!ok) throw new Error(why); };

const post = (path, fields) => new Promise((resolve, reject) => {
  const body = Object.entries(fields).map(([k, v]) => `${k}=${encodeURIComponent(v)}`).join('&');
  const call = request({ host: '127.0.0.1', port, path, method: 'POST', ca: root,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', 'content-length': Buffer.byteLength(body) } }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => resolve(text));
  });
  call.on('error', reject).end(body);
});

const ewallet = async (method, biz) => {
  const fields = { app_id: 'app-1', method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', timestamp: '2026-11-21 17:30:00', version: '1.0',
    biz_content: JSON.stringify(biz) };
  const text = await post('/gateway.do', { ...fields, sign: sign(sorted(fields, [])) });
  const whole = JSON.parse(text);
  const name = `${method.replaceAll('.', '_')}_response`;
  const node = text.slice(text.indexOf(':') + 1, text.lastIndexOf(',"sign"'));
  need(verifies(createPublicKey(readFileSync(`${folder}/ewallet.pub`)), node, whole.sign), 'the e-wallet\'s signature');
  return whole[name];
};

const acp = async (route, own) => {
  const fields = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', certId: '17', accessType: '0', merId: 'M1', orderId: transaction,
    txnTime: '20261121173000', txnAmt: '1234', currencyCode: '156', ...own };
  const digest = (of) => createHash('sha256').update(sorted(of, ['signature']), 'utf8').digest('hex');
  const text = await post(`/gateway/api/${route}`, { ...fields, signature: sign(digest(fields)) });
  const answer = Object.fromEntries(text.split('&').map((field) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]));
  const certificate = new X509Certificate(answer.signPubKeyCert);
  const authority = new X509Certificate(readFileSync(`${folder}/ca.crt`));
  need(certificate.verify(authority.publicKey) && authority.verify(new X509Certificate(root).publicKey), 'the network\'s certificate');
  need(verifies(certificate.publicKey, digest(answer), answer.signature), 'the network\'s signature');
  return answer;
};

const wallet = what === 'pay'
  ? await ewallet('alipay.trade.pay', { out_trade_no: transaction, total_amount: '12.34', subject: 'tea 茶', agreement_params: { agreement_no: 'A1' } })
  : await ewallet('alipay.trade.query', { out_trade_no: transaction });
const network = what === 'pay'
  ? await acp('backTransReq.do', { txnType: '01', txnSubType: '01', bizType: '000902', tokenPayData: '{token=62&trId=9}' })
  : await acp('queryTrans.do', { txnType: '00', txnSubType: '00', bizType: '000000' });
console.log(JSON.stringify({ code: wallet.code, status: wallet.trade_status ?? '', amount: wallet.total_amount, respCode: network.respCode,
  origRespCode: network.origRespCode ?? '' }));
