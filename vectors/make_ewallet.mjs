// Writes ewallet/node.json: requests, responses and notifications of the Alipay kind and of ACP 5.1.0, signed with node:crypto
// alone by a second reading of the rules. A key is new each time.
//   node vectors/make_ewallet.mjs > vectors/ewallet/node.json
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const sign = (text) => createSign('RSA-SHA256').update(text, 'utf8').sign(privateKey, 'base64');
const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const join = (fields, without, keepEmpty) => Object.keys(fields).sort(byBytes)
  .filter((k) => !without.includes(k) && (keepEmpty || fields[k] !== '')).map((k) => `${k}=${fields[k]}`).join('&');

const notification = {
  app_id: '2026112100000001', trade_no: '2026112122001', out_trade_no: '20261121000000000001', trade_status: 'TRADE_SUCCESS',
  total_amount: '12.34', gmt_payment: '2026-11-21 17:30:00', notify_id: 'n+1/=', subject: 'Tea & cakes = 茶', body: '', sign_type: 'RSA2',
  Upper: 'before lower case',
};
const form = (fields) => Object.entries(fields).map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v).replaceAll('%20', '+')}`).join('&');
const withoutType = join(notification, ['sign', 'sign_type'], false);
const withType = join(notification, ['sign'], false);

const node = JSON.stringify({ code: '10000', msg: 'Success', trade_no: '2026112122001', out_trade_no: '20261121000000000001',
  total_amount: '12.34', note: 'a "quoted" } and , "sign":"x' });
const response = (tail) => `{"alipay_trade_pay_response":${node}${tail}}`;

const acp = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', certId: '68759663125', txnType: '01', merId: '777290058110048',
  orderId: '20261121000000000001', txnTime: '20261121173000', txnAmt: '1234', reserved: '', tokenPayData: '{token=62&trId=9}' };
const acpText = join(acp, ['signature'], true);
const digest = createHash('sha256').update(acpText, 'utf8').digest('hex');

console.log(JSON.stringify({
  spki: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  notification_text: withoutType,
  notification_text_with_type: withType,
  notification_body: form({ ...notification, sign: sign(withoutType) }),
  notification_body_with_type: form({ ...notification, sign: sign(withType) }),
  node,
  responses: [response(`,"sign":"${sign(node)}"`), response(`,"alipay_cert_sn":"0123abcd","sign":"${sign(node)}"`),
    `{"sign":"${sign(node)}","alipay_trade_pay_response":${node}}`],
  acp_body: form(acp),
  acp_digest: digest,
  acp_signature: sign(digest),
}, null, 1));
