// Application for a certificate (501): an enrolment code, and the platform does the rest with the card.
import { facts, invalid, start, status } from '/cardsign/static/page.js';
import { session } from '/cardsign/static/session.js';
import { text } from '/cardsign/static/texts.js';

start('apply', async (reader, say) => {
  const field = document.getElementById('code');
  const code = field.value.toUpperCase().replaceAll(/[\s-]/g, '');
  field.setAttribute('aria-invalid', String(!/^[A-Z2-7]{26}$/.test(code)));
  if (!/^[A-Z2-7]{26}$/.test(code)) {
    field.focus();
    throw invalid('code_wrong');
  }
  const done = await session('enrol', { code }, reader, say);
  status('ready', 'good');
  facts([[text('serial'), done.serial], ...done.certificates.map((each) => [text('slot'), text('slot_' + each.slot)])]);
});
