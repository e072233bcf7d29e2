// What the pages have in common: the status line, the choice of a reader, the result.
import { card, CardError } from '/cardsign/static/card.js';
import { errorText, speak, text } from '/cardsign/static/texts.js';

const at = (id) => document.getElementById(id);
let said = null; // { name, kind }, to be said again in the other language

export function status(name, kind = '') {
  said = { name, kind };
  at('status').dataset.kind = kind;
  at('status').textContent = kind === 'bad' ? errorText(name) : text(name);
}

// The message alone, when it is no error of the table.
export function complain(name) {
  said = null;
  at('status').dataset.kind = 'bad';
  at('status').textContent = text(name);
}

export function facts(rows) {
  const list = at('facts');
  list.replaceChildren();
  for (const [name, value] of rows) {
    const term = document.createElement('dt');
    const content = document.createElement('dd');
    term.textContent = name;
    content.textContent = value;
    list.append(term, content);
  }
  at('result').hidden = false;
  at('result').focus();
}

// Readers with a card; a choice is shown only where there is one.
async function readers() {
  const withCard = (await card.readers()).filter((each) => each.card);
  const chosen = at('reader').value;
  at('reader').replaceChildren(...withCard.map((each) => new Option(each.name, each.name, false, each.name === chosen)));
  at('choose').hidden = withCard.length < 2;
  return at('reader').value || undefined;
}

const buttons = () => [...at('form').querySelectorAll('button')];

async function perform(work) {
  for (const each of buttons()) each.disabled = true;
  at('result').hidden = true;
  document.body.dataset.state = 'working';
  try {
    await card.hello();
    await work(await readers(), (what) => status('at_' + what));
    document.body.dataset.state = 'done';
  } catch (error) {
    document.body.dataset.reason = error.reason || 'other';
    if (error.reason !== 'shown') status(error.reason || 'other', 'bad');
    document.body.dataset.state = 'failed';
  }
  for (const each of buttons()) each.disabled = false;
}

// work(reader, say): what a press of the button does; it ends with facts().
export function start(page, work) {
  speak(page, () => said && status(said.name, said.kind));
  at('form').addEventListener('submit', (event) => {
    event.preventDefault();
    perform(work);
  });
}

// The same of another button of the form, hidden until it is offered. Once its work is done the form's own is next.
export function beside(id, work) {
  at(id).addEventListener('click', async () => {
    await perform(work);
    if (document.body.dataset.state !== 'done') return at(id).focus();
    offer(id, false);
    at('go').focus();
  });
}
export const offer = (id, yes) => (at(id).hidden = !yes);

export const invalid = (name) => {
  complain(name);
  return new CardError('shown');
};
