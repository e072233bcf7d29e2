// What the extension's windows have in common: their texts, in the browser's language, the way to the worker, and how one says no.
export const text = (name, ...values) => chrome.i18n.getMessage(name, values);
export const at = (id) => document.getElementById(id);

export function open(title) {
  document.documentElement.lang = chrome.i18n.getUILanguage().startsWith('zh') ? 'zh' : 'en';
  document.title = text(title);
  for (const each of document.querySelectorAll('[data-text]')) each.textContent = text(each.dataset.text);
  const port = chrome.runtime.connect({ name: 'window' });
  const cancel = () => port.postMessage({ cancel: true });
  at('cancel').addEventListener('click', cancel);
  document.addEventListener('keydown', (event) => event.key === 'Escape' && cancel());
  return port;
}
