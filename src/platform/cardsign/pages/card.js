// The card, through the browser's extension (docs/browser.md). Messages go to this page's own window; the extension's content script takes them.
const kTag = 'trustferry-cardsign';
const kHelloMs = 1500;

export class CardError extends Error {
  constructor(reason, detail) {
    super(detail || reason);
    this.reason = reason;
  }
}

let last = 0;
const waiting = new Map();

window.addEventListener('message', (event) => {
  const message = event.data;
  if (event.source !== window || event.origin !== window.location.origin || !message || message.tag !== kTag || message.to !== 'page') return;
  if (message.event === 'ended') {
    for (const each of waiting.values()) each.reject(new CardError('ended'));
    return waiting.clear();
  }
  const each = waiting.get(message.id);
  waiting.delete(message.id);
  if (!each) return;
  if (message.error) each.reject(new CardError(message.error.reason, message.error.detail));
  else each.resolve(message);
});

function ask(message) {
  return new Promise((resolve, reject) => {
    const id = ++last;
    waiting.set(id, { resolve, reject });
    window.postMessage({ ...message, id, tag: kTag, to: 'extension' }, window.location.origin);
    if (message.op !== 'hello') return;
    setTimeout(() => {
      if (waiting.delete(id)) reject(new CardError('no_extension'));
    }, kHelloMs);
  });
}

export const card = {
  hello: () => ask({ op: 'hello' }),
  readers: async () => (await ask({ op: 'readers' })).readers,
  begin: (reader) => ask({ op: 'begin', reader }),
  transmit: async (commands) => (await ask({ op: 'transmit', commands })).answers,
  // reply: the platform's message word for word; keys: its answer to GET keys. Gives the envelope.
  confirm: async (reply, keys) => (await ask({ op: 'confirm', reply, keys })).pin_envelope,
  // The extension's window asks for PUK and new PIN; this page hears that the PIN is set, and neither of them.
  unblock: (container) => ask({ op: 'unblock', container }),
  end: () => ask({ op: 'end' }).catch(() => {}),
};
