// Between a page of cardsign and the extension. It carries messages and judges none: which origins may is the bridge's to say, by the origin that
// the browser itself tells the worker. It takes messages of this very page alone, and no frame is served.
(() => {
  'use strict';
  if (window !== window.top) return;
  const kTag = 'trustferry-cardsign';
  const kOperations = ['readers', 'begin', 'transmit', 'confirm', 'unblock', 'end'];
  let port = null;

  const tell = (message) => window.postMessage({ ...message, tag: kTag, to: 'page' }, window.location.origin);

  const connected = () => {
    if (port) return port;
    port = chrome.runtime.connect({ name: 'page' });
    port.onMessage.addListener(tell);
    port.onDisconnect.addListener(() => {
      port = null;
      tell({ event: 'ended' });
    });
    return port;
  };

  window.addEventListener('message', (event) => {
    const message = event.data;
    if (event.source !== window || event.origin !== window.location.origin) return;
    if (!message || message.tag !== kTag || message.to !== 'extension' || !Number.isSafeInteger(message.id)) return;
    if (message.op === 'hello') return tell({ id: message.id, version: chrome.runtime.getManifest().version });
    if (!kOperations.includes(message.op)) return tell({ id: message.id, error: { reason: 'message', detail: 'no such operation' } });
    try {
      connected().postMessage({ id: message.id, op: message.op, reader: message.reader, commands: message.commands, reply: message.reply, keys: message.keys, container: message.container });
    } catch {
      tell({ id: message.id, error: { reason: 'failed', detail: 'the extension was updated; load the page anew' } });
    }
  });
})();
