// Who the browser is by its TLS client certificate (keys 9A and 9E of the card), and what waits for the card over the air.
import { facts, start, status } from '/cardsign/static/page.js';
import { call, session } from '/cardsign/static/session.js';
import { dateText, text } from '/cardsign/static/texts.js';

let account = null;

const rows = () => [
  [text('user'), account.user],
  [text('serial'), account.serial],
  [text('certificate'), text('expires') + ' ' + dateText(account.ends)],
  ...account.instruments.map((each) => [text('instrument'), each.masked]),
];

start('account', async (reader, say) => {
  const done = await session('update', { serial: account ? account.serial : '' }, reader, say);
  status('ready', 'good');
  facts([...(account ? rows() : []), [text('updated'), String(done.updated)]]);
});

try {
  account = JSON.parse(await call('GET', 'account'));
  document.body.dataset.user = account.user;
  facts(rows());
} catch (error) {
  document.body.dataset.reason = error.reason;
  status(error.reason === 'offline' ? 'offline' : 'unknown_person', 'bad');
  document.getElementById('go').disabled = true;
}
