// A session with the platform (docs/protocols/cardsign.md, The relay): commands to the card as they come, answers back as they are.
import { card, CardError } from '/cardsign/static/card.js';

const kTries = 3;
const kRounds = 200;

export class Refusal extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// An answer that was lost is asked for again with the same message.
export async function call(method, route, body) {
  for (let attempt = 1; ; ++attempt) {
    let response = null;
    let text = '';
    try {
      response = await fetch('/cardsign/v1/' + route, {
        method,
        body,
        headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
        cache: 'no-store',
        redirect: 'error',
      });
      text = await response.text();
    } catch {
      response = null;
    }
    if (response && response.ok) return text;
    const again = !response || response.status === 429 || response.status >= 500;
    if (!again || attempt === kTries) {
      let reason = response ? 'refused' : 'offline';
      if (response && response.status === 403) {
        try {
          reason = JSON.parse(text).reason;
        } catch {
          // not a document of the platform
        }
      }
      throw new Refusal(reason);
    }
    await pause(1000 * attempt);
  }
}

const post = (route, message) => call('POST', route, JSON.stringify(message));

async function next(text, reply) {
  const message = { session: reply.session, step: reply.step, answers: [] };
  if (reply.commands) message.answers = await card.transmit(reply.commands);
  else if (reply.display) message.pin_envelope = await card.confirm(text, await call('GET', 'keys'));
  else throw new Refusal('refused');
  return message;
}

// begin: the message of route; reader: its name, or nothing. say: told 'card', 'confirm' or 'platform' before each. Gives `done`.
export async function session(route, begin, reader, say) {
  await card.begin(reader);
  try {
    say('platform');
    let text = await post(route, begin);
    for (let round = 0; round < kRounds; ++round) {
      const reply = JSON.parse(text);
      if (reply.done) return reply.done;
      say(reply.display ? 'confirm' : 'card');
      let message;
      try {
        message = await next(text, reply);
      } catch (error) {
        // The platform need not wait for a card that is gone, or a person who said no.
        if (error instanceof CardError) await post('relay', { session: reply.session, step: reply.step, answers: [], removed: true }).catch(() => {});
        throw error;
      }
      say('platform');
      text = await post('relay', message);
    }
    throw new Refusal('refused');
  } finally {
    await card.end();
  }
}
