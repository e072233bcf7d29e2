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

// What a page may ask. PIN and PUK are not among it.
const operations = {
  readers: (of) => ask(of, { op: 'readers' }),
  begin: (of, message) => ask(of, { op: 'begin', ...pickReader(message) }),
  transmit: (of, message) => ask(of, { op: 'transmit', commands: message.commands }),
  confirm: async (of, message) => {
    if (of.confirmation) return failure('busy');
    const shown = await ask(of, { op: 'display', reply: message.reply, keys: message.keys });
    return shown.error ? shown : inWindow(of, 'confirm.html', 600, { shown }, (entered, pad) => takePin(of, entered, pad));
  },
  // A page may ask for the window; what is entered there goes to the card, and the page hears whether it was done.
  unblock: async (of, message) => {
    if (of.confirmation) return failure('busy');
    const container = Number.isInteger(message.container) ? message.container : 0;
    const state = await ask(of, { op: 'pin_state', container });
    if (state.error) return state;
    if (state.puk_tries === 0) return failure('puk_blocked');
    return inWindow(of, 'unblock.html', 800, { state, container }, (entered, pad) => takePuk(of, container, entered, pad));
  },
  end: async (of) => {
    const answer = await ask(of, { op: 'end' });
    close(of);
    return answer;
  },
};

// A PIN that cannot be one is asked for again in the window.
async function takePin(of, entered, pad) {
  if (typeof entered.pin !== 'string') return;
  const answer = await ask(of, { op: 'pin', pin: entered.pin });
  if (answer.error && answer.error.reason === 'pin') return pad.say({ wrong: 'pin' });
  pad.finish(answer.error ? answer : { pin_envelope: answer.pin_envelope });
}

// So is a wrong PUK, as long as the card has tries left.
async function takePuk(of, container, entered, pad) {
  if (typeof entered.puk !== 'string' || typeof entered.pin !== 'string') return;
  const answer = await ask(of, { op: 'unblock', container, puk: entered.puk, pin: entered.pin });
  if (answer.error && answer.error.reason === 'pin') return pad.say({ wrong: 'pin' });
  if (answer.error) return pad.finish(failure(answer.error.reason));
  if (!answer.unblocked) return pad.say({ wrong: 'puk', tries: answer.tries });
  pad.finish({});
}

// A window of the extension's own: told what is in first, it gives take(entered, pad) what the person enters, until pad.finish(answer), which this resolves with.
function inWindow(of, file, height, first, take) {
  return new Promise((resolve) => {
    const key = crypto.randomUUID();
    const url = chrome.runtime.getURL(file) + '#' + key;
    const confirmation = { url, first, take, port: null, window: null };
    confirmation.finish = (answer) => {
      if (of.confirmation !== confirmation) return;
      of.confirmation = null;
      if (confirmation.window !== null) chrome.windows.remove(confirmation.window).catch(() => {});
      resolve(answer);
    };
    confirmation.say = (message) => confirmation.port.postMessage(message);
    of.confirmation = confirmation;
    chrome.windows
      .create({ url, type: 'popup', width: 460, height, focused: true })
      .then((made) => {
        confirmation.window = made.id;
        if (of.confirmation !== confirmation) chrome.windows.remove(made.id).catch(() => {});
      })
      .catch((error) => confirmation.finish(failure('failed', String(error && error.message))));
  });
}

function connectWindow(port) {
  const confirmation = session && session.confirmation;
  if (!confirmation || confirmation.port || (port.sender && port.sender.url) !== confirmation.url) return port.disconnect();
  const of = session;
  confirmation.port = port;
  port.postMessage({ ...confirmation.first, origin: of.origin });
  port.onMessage.addListener((message) => {
    if (of.confirmation !== confirmation) return;
    if (message.cancel) return confirmation.finish(failure('cancelled'));
    confirmation.take(message, confirmation);
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
  if (port.name === 'window') return connectWindow(port);
  if (port.name === 'page') return connectPage(port);
  port.disconnect();
});
