// The PUK and a new PIN, for the card alone: they go to the bridge, which seals them to the card. Closing the window is saying no.
import { at, open, text } from './window.js';

const fields = ['puk', 'pin', 'again'];

const port = open('unblock_title');

const busy = (yes) => {
  document.querySelector('main').setAttribute('aria-busy', String(yes));
  for (const id of [...fields, 'set']) at(id).disabled = yes;
};

// What is wrong, and where the person goes on.
function complain(id, message) {
  busy(false);
  at('message').textContent = message;
  for (const each of fields) at(each).setAttribute('aria-invalid', String(each === id));
  at(id).focus();
}

function show({ state, container, origin }) {
  at('origin').textContent = text('asked_by_page', origin);
  at('about').textContent = state.pin_tries === 0 ? text('pin_is_blocked') : text('pin_is_not_blocked');
  at('serial').textContent = state.serial;
  at('container').textContent = String(container);
  at('person').hidden = container === 0;
  at('puk_hint').textContent = text('puk_hint', String(state.puk_tries));
  busy(false);
  at('puk').focus();
}

port.onMessage.addListener((message) => {
  if (message.state) return show(message);
  if (message.wrong === 'pin') return complain('pin', text('no_new_pin'));
  if (message.wrong !== 'puk') return;
  at('puk_hint').textContent = text('puk_hint', String(message.tries));
  complain('puk', text('wrong_puk', String(message.tries)));
});
port.onDisconnect.addListener(() => window.close());

at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const [puk, pin, again] = fields.map((id) => at(id).value);
  if (puk.length < 6) return complain('puk', text('no_puk'));
  if (!/^[0-9]{6,8}$/.test(pin)) return complain('pin', text('no_new_pin'));
  if (pin !== again) return complain('again', text('pins_differ'));
  for (const id of fields) at(id).value = '';
  at('message').textContent = '';
  busy(true);
  port.postMessage({ puk, pin });
});
busy(true);
