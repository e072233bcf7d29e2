// Payment (601–608). The payment's id is at the end of this page's address.
import { card } from '/cardsign/static/card.js';
import { beside, facts, offer, start, status } from '/cardsign/static/page.js';
import { call, session } from '/cardsign/static/session.js';
import { text } from '/cardsign/static/texts.js';

const query = new URLSearchParams(window.location.search);
const payment = query.get('payment') || window.location.pathname.split('/').pop();

// What the platform signed; this page is the platform's own, the extension verified what was shown.
const payloadOf = (jws) => {
  const bytes = Uint8Array.from(atob(jws.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')), (each) => each.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
};

start('pay', async (reader, say) => {
  const begin = { payment };
  const instrument = query.get('instrument') || document.getElementById('instrument').value;
  if (instrument) begin.instrument = instrument;
  if (query.get('container')) begin.container = Number(query.get('container'));
  if (query.get('suite')) begin.suite = query.get('suite');
  const done = await session('pay', begin, reader, say).catch((error) => {
    if (error.reason === 'pin_blocked') offer('unblock', true);
    throw error;
  });
  const result = payloadOf(done.result);
  document.body.dataset.result = result.result;
  status(result.result, result.result === 'approved' ? 'good' : '');
  facts([
    [text('outcome'), text(result.result)],
    [text('transaction'), result.transaction],
    [text('serial'), result.serial],
    [text('user'), result.user],
  ]);
});

// In the extension's window; a further person on a card sets the first PIN so, too.
beside('unblock', async (reader) => {
  await card.begin(reader);
  try {
    status('at_unblock');
    await card.unblock(Number(query.get('container')));
  } finally {
    await card.end();
  }
  status('unblocked', 'good');
});
offer('unblock', Boolean(query.get('container')));

// Whom TLS knows by the card's certificate may choose; anybody else pays with his only card or account.
try {
  const { instruments } = JSON.parse(await call('GET', 'account'));
  document.getElementById('instrument').replaceChildren(...instruments.map((each) => new Option(each.masked, each.token)));
  document.getElementById('instruments').hidden = instruments.length < 2;
} catch {
  // not known by a certificate
}
document.body.dataset.ready = 'yes';
