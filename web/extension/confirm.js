// The display and the PIN pad: what the bridge believed, as text, and a field for the PIN. Closing the window is saying no.
import { at, open, text } from './window.js';

const port = open('confirm_title');

const busy = (yes) => {
  document.querySelector('main').setAttribute('aria-busy', String(yes));
  for (const each of [at('pin'), at('pay')]) each.disabled = yes;
};

function show({ shown, origin }) {
  at('origin').textContent = text('asked_by', origin, shown.platform);
  at('amount').textContent = shown.amount + ' ' + shown.currency;
  for (const name of ['payee', 'order', 'subject', 'user', 'serial']) at(name).textContent = shown[name];
  at('blind').hidden = shown.seen_by_card;
  if (shown.tries !== undefined) at('message').textContent = text('wrong_pin', String(shown.tries));
  busy(false);
  at('pin').focus();
}

port.onMessage.addListener((message) => {
  if (message.shown) return show(message);
  if (message.wrong === 'pin') {
    at('message').textContent = text('no_pin');
    busy(false);
    at('pin').focus();
  }
});
port.onDisconnect.addListener(() => window.close());

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const pin = at('pin').value;
  if (pin.length < 4) {
    at('message').textContent = text('no_pin');
    return at('pin').focus();
  }
  at('pin').value = '';
  at('message').textContent = '';
  busy(true);
  port.postMessage({ pin });
});
busy(true);
