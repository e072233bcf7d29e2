// The extension's worker: one session at a time, between a page, the bridge on this machine (native messages) and the window in which the
// person reads the payment and enters the PIN. The PIN goes from that window to the bridge, and never to the page.
const kHost = 'com.trustferry.cardsign';

let session = null; // { page, native, next, waiting: Map, confirmation }

const failure = (reason, detail = '') => ({ error: { reason, detail } });

// One question to the bridge; its answer, or an error of the same form.
function ask(of, message) {
  return new Promise((resolve) => {
    const id = ++of.next;
    of.waiting.set(id, resolve);
    try {
      of.native.postMessage({ ...message, id, origin: of.origin });
    } catch (error) {
      of.waiting.delete(id);
      resolve(failure('no_bridge', String(error && error.message)));
    }
  });
}

function open(page, origin) {
  const made = { page, origin, native: chrome.runtime.connectNative(kHost), next: 0, waiting: new Map(), confirmation: null, begun: false };
  made.native.onMessage.addListener((answer) => {
    const resolve = made.waiting.get(answer.id);
    made.waiting.delete(answer.id);
    if (resolve) resolve(answer);
  });
  made.native.onDisconnect.addListener(() => {
    const why = chrome.runtime.lastError ? chrome.runtime.lastError.message : '';
    for (const resolve of made.waiting.values()) resolve(failure('no_bridge', why));
    made.waiting.clear();
    close(made);
  });
  return made;
}

function close(of) {
  if (session === of) session = null;
  if (of.confirmation) of.confirmation.finish(failure('cancelled'));
  try {
    of.native.disconnect();
  } catch {
    // gone already
  }
}

const pickReader = (message) => (typeof message.reader === 'string' && message.reader !== '' ? { reader: message.reader } : {});

// What a page may ask. The PIN is not among it.
const operations = {
  readers: (of) => ask(of, { op: 'readers' }),
  begin: (of, message) => ask(of, { op: 'begin', ...pickReader(message) }),
  transmit: (of, message) => ask(of, { op: 'transmit', commands: message.commands }),
  confirm: async (of, message) => {
    if (of.confirmation) return failure('busy');
    const shown = await ask(of, { op: 'display', reply: message.reply, keys: message.keys });
    return shown.error ? shown : confirm(of, shown);
  },
  end: async (of) => {
    const answer = await ask(of, { op: 'end' });
    close(of);
    return answer;
  },
};

// The window; resolves with { pin_envelope } or an error. A PIN that cannot be one is asked for again there.
function confirm(of, shown) {
  return new Promise((resolve) => {
    const key = crypto.randomUUID();
    const confirmation = { key, shown, port: null, window: null };
    confirmation.finish = (answer) => {
      if (of.confirmation !== confirmation) return;
      of.confirmation = null;
      if (confirmation.window !== null) chrome.windows.remove(confirmation.window).catch(() => {});
      resolve(answer);
    };
    of.confirmation = confirmation;
    chrome.windows
      .create({ url: chrome.runtime.getURL('confirm.html') + '#' + key, type: 'popup', width: 460, height: 600, focused: true })
      .then((made) => {
        confirmation.window = made.id;
        if (of.confirmation !== confirmation) chrome.windows.remove(made.id).catch(() => {});
      })
      .catch((error) => confirmation.finish(failure('failed', String(error && error.message))));
  });
}

function connectConfirmation(port) {
  const confirmation = session && session.confirmation;
  const url = port.sender && port.sender.url;
  if (!confirmation || confirmation.port || url !== chrome.runtime.getURL('confirm.html') + '#' + confirmation.key) return port.disconnect();
  const of = session;
  confirmation.port = port;
  port.postMessage({ shown: confirmation.shown, origin: of.origin });
  port.onMessage.addListener(async (message) => {
    if (of.confirmation !== confirmation) return;
    if (message.cancel) return confirmation.finish(failure('cancelled'));
    if (typeof message.pin !== 'string') return;
    const answer = await ask(of, { op: 'pin', pin: message.pin });
    if (answer.error && answer.error.reason === 'pin') return port.postMessage({ wrong: 'pin' });
    confirmation.finish(answer.error ? answer : { pin_envelope: answer.pin_envelope });
  });
  port.onDisconnect.addListener(() => confirmation.finish(failure('cancelled')));
}

function connectPage(port) {
  // What the browser says of the page; never what the page says of itself.
  const origin = port.sender && port.sender.origin;
  let own = null;
  port.onMessage.addListener(async (message) => {
    const operation = Object.hasOwn(operations, message.op) ? operations[message.op] : null;
    const answer = (content) => {
      try {
        port.postMessage({ ...content, id: message.id });
      } catch {
        // the page has gone
      }
    };
    if (!operation || typeof origin !== 'string') return answer(failure('message'));
    if (session && session !== own) return answer(failure('busy'));
    if (!session) {
      if (message.op === 'end') return answer({});
      own = session = open(port, origin);
    }
    const content = await operation(own, message);
    answer(content);
    if (message.op === 'begin') own.begun = !content.error;
    // Who has not begun, or may not, keeps nobody else from the card.
    if (!own.begun || (content.error && content.error.reason === 'origin')) close(own);
  });
  port.onDisconnect.addListener(() => {
    if (own) close(own);
  });
}

chrome.runtime.onConnect.addListener((port) => {
  if (port.sender && port.sender.id !== chrome.runtime.id) return port.disconnect();
  if (port.name === 'confirm') return connectConfirmation(port);
  if (port.name === 'page') return connectPage(port);
  port.disconnect();
});
