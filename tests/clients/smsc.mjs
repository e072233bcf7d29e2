// A message centre made of the stock smpp library, for the tests of our SMPP sender: node smsc.mjs PORT
// What it does with a message follows from the last two digits of its number; see behaviour below. Every event is a line
// of JSON on standard output.
import smpp from 'smpp';

const say = (event) => process.stdout.write(JSON.stringify(event) + '\n');
const seen = new Map();
const times = (number) => seen.set(number, (seen.get(number) ?? 0) + 1).get(number);
let ids = 0;

const receipt = (session, pdu, id, more) => {
  const text = `id:${id} sub:001 dlvrd:001 submit date:2611010101 done date:2611010102 stat:DELIVRD err:000 text:stat:REJECTD`;
  session.deliver_sm(
    { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4, short_message: text, ...more },
    (answer) => say({ event: 'deliver_sm_resp', status: answer.command_status }),
  );
};

// What the phone's card says to it: a response packet, as an acknowledgement of delivery.
const fromCard = (session, pdu) =>
  session.deliver_sm(
    { source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 0x48, protocol_id: 0x7f, data_coding: 0xf6,
      short_message: { udh: Buffer.from('027100', 'hex'), message: Buffer.from('000b0a53484400000000000009', 'hex') } },
    (answer) => say({ event: 'deliver_sm_resp', status: answer.command_status }),
  );

const behaviour = {
  58: (session, pdu) => (times('58') <= 2 ? { command_status: smpp.ESME_RTHROTTLED } : {}),
  11: () => ({ command_status: smpp.ESME_RINVDSTADR }),
  99: (session) => (times('99') === 1 ? (session.destroy(), null) : {}),
  33: () => (times('33') === 1 ? null : {}),
  77: (session) => (setTimeout(() => session.unbind(() => session.close()), 20), {}),
};

const server = smpp.createServer((session) => {
  session.on('error', () => {});
  const beat = setInterval(() => session.enquire_link((answer) => say({ event: 'enquire_link_resp', status: answer.command_status })), 200);
  session.on('close', () => clearInterval(beat));
  session.on('bind_transceiver', (pdu) => {
    const right = pdu.system_id === 'ferry' && pdu.password === 'secret08';
    say({ event: 'bind', right, version: pdu.interface_version, type: pdu.system_type });
    session.send(pdu.response(right ? { system_id: 'smsc' } : { command_status: smpp.ESME_RINVPASWD }));
  });
  session.on('enquire_link', (pdu) => {
    say({ event: 'enquire_link' });
    session.send(pdu.response());
  });
  session.on('unbind', (pdu) => {
    say({ event: 'unbind' });
    session.send(pdu.response());
    session.close();
  });
  session.on('submit_sm', (pdu) => {
    const body = pdu.message_payload ?? pdu.short_message;
    say({
      event: 'submit', to: pdu.destination_addr, from: pdu.source_addr, source: [pdu.source_addr_ton, pdu.source_addr_npi],
      destination: [pdu.dest_addr_ton, pdu.dest_addr_npi], coding: pdu.data_coding, receipts: pdu.registered_delivery,
      payload: pdu.message_payload !== undefined, text: body.message, udh: (body.udh ?? []).map((each) => each.toString('hex')).join(),
      protocol: pdu.protocol_id, esm: pdu.esm_class, octets: Buffer.isBuffer(body.message) ? body.message.toString('hex') : undefined,
    });
    const last = pdu.destination_addr.slice(-2);
    const answer = behaviour[last] ? behaviour[last](session, pdu) : {};
    if (answer === null) return;
    const id = `m-${++ids}`;
    if (last === '44') receipt(session, pdu, id);
    if (last === '70') fromCard(session, pdu);
    session.send(pdu.response({ message_id: id, ...answer }));
    if (answer.command_status || !pdu.registered_delivery || last === '44') return;
    if (last === '20') receipt(session, pdu, 'elsewhere', { receipted_message_id: id, message_state: 5 });
    else receipt(session, pdu, id);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => say({ event: 'listening' }));
