// A person at a real Chromium, headless, or on a display where windows of the browser's own are to be seen: opens the platform's pages, presses their buttons, reads what the extension's window shows, enters the
// PIN. One scenario a run: `node browser.mjs SCENARIO`, settings as JSON on standard input, what was seen as one
// JSON object in the file `out`.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// puppeteer-core is among the stock clients' packages (./dev installs them).
const require = createRequire(new URL('../clients/package.json', import.meta.url));
const puppeteer = require('puppeteer-core');

const kWait = 60_000;
const kPolled = { timeout: kWait, polling: 100 }; // a tab in the background draws no frames

const read = async () => {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// { profile, extension, id, base, page, pin, out, … }
const settings = await read();

async function launch() {
  // The languages a page hears of (Accept-Language) are the person's own setting, apart from the browser's.
  mkdirSync(settings.profile + '/Default', { recursive: true });
  const languages = settings.language === 'zh-CN' ? 'zh-CN,zh' : 'en-GB,en';
  writeFileSync(settings.profile + '/Default/Preferences', JSON.stringify({ intl: { accept_languages: languages, selected_languages: languages } }));
  return puppeteer.launch({
    executablePath: settings.chromium || '/usr/bin/chromium',
    headless: !settings.display,
    pipe: true,
    userDataDir: settings.profile,
    ignoreDefaultArgs: ['--disable-extensions'],
    args: [
      '--no-sandbox', // the test is root of its own namespace
      '--no-first-run',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-features=DisableLoadExtensionCommandLineSwitch',
      '--lang=' + (settings.language || 'en-GB'),
      ...(settings.extension ? ['--load-extension=' + settings.extension, '--disable-extensions-except=' + settings.extension] : []),
    ],
    env: { ...process.env, ...(settings.display ? { DISPLAY: settings.display } : {}), LANGUAGE: settings.language === 'zh-CN' ? 'zh_CN' : 'en_GB' },
  });
}

async function open(browser, path, base = settings.base) {
  const page = await browser.newPage();
  page.setDefaultTimeout(kWait);
  const failures = [];
  page.on('pageerror', (error) => failures.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  page.failures = failures;
  await page.goto(base + path, { waitUntil: 'load' });
  return page;
}

// The extension's window, when it comes and shows something.
async function confirmation(browser) {
  const target = await browser.waitForTarget((each) => each.url().startsWith(`chrome-extension://${settings.id}/confirm.html`), { timeout: kWait });
  const page = await target.page();
  await page.waitForFunction(() => document.querySelector('main').getAttribute('aria-busy') === 'false', kPolled);
  return page;
}

const shownIn = (page) =>
  page.evaluate(() => {
    const at = (id) => document.getElementById(id).textContent;
    return {
      amount: at('amount'), payee: at('payee'), order: at('order'), subject: at('subject'), user: at('user'), serial: at('serial'), origin: at('origin'),
      message: at('message'), title: document.title, language: document.documentElement.lang,
      labelled: document.querySelector('label[for="pin"]').textContent !== '' && document.activeElement.id === 'pin',
    };
  });

// The window for the PUK, with what it says and whether each field has its label.
async function unblocking(browser) {
  const target = await browser.waitForTarget((each) => each.url().startsWith(`chrome-extension://${settings.id}/unblock.html`), { timeout: kWait });
  const page = await target.page();
  await page.waitForFunction(() => document.querySelector('main').getAttribute('aria-busy') === 'false', kPolled);
  return page;
}
const saidIn = (page) =>
  page.evaluate(() => {
    const at = (id) => document.getElementById(id);
    return {
      title: document.title, language: document.documentElement.lang, serial: at('serial').textContent, about: at('about').textContent, hint: at('puk_hint').textContent,
      message: at('message').textContent, focus: document.activeElement.id,
      labelled: ['puk', 'pin', 'again'].every((id) => document.querySelector(`label[for="${id}"]`).textContent !== ''),
    };
  });
// Fills the window's fields by the keyboard alone; what it says then, unless it is gone.
async function give(page, puk, pin, again) {
  const values = [puk, pin, again];
  await page.evaluate(() => {
    for (const id of ['puk', 'pin', 'again']) document.getElementById(id).value = '';
    document.getElementById('message').textContent = '';
    document.getElementById('puk').focus();
  });
  for (const [i, value] of values.entries()) {
    await page.keyboard.type(value);
    if (i < 2) await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter').catch(() => {}); // it may close under it
}
const complaint = async (page) => {
  await page.waitForFunction(() => document.getElementById('message').textContent !== '' && document.querySelector('main').getAttribute('aria-busy') === 'false', kPolled);
  return saidIn(page);
};
const nothing = () => ['done', 'failed'].includes(document.body.dataset.state);

async function enter(page, pin) {
  await page.type('#pin', pin);
  await page.click('#pay').catch(() => {}); // it may close under the click
}

const press = async (page) => {
  await page.waitForSelector('#go:not([disabled])');
  // Of several readers with a card, which; the page offers them after the first look.
  if (settings.reader) await page.evaluate((name) => document.getElementById('reader').replaceChildren(new Option(name, name, true, true)), settings.reader);
  await page.click('#go');
};

// What became of it: { state, reason, result, status, facts }
async function outcome(page) {
  await page.waitForFunction(() => ['done', 'failed'].includes(document.body.dataset.state), kPolled);
  return page.evaluate(() => ({
    state: document.body.dataset.state,
    reason: document.body.dataset.reason || '',
    result: document.body.dataset.result || '',
    status: document.getElementById('status').textContent,
    facts: [...document.querySelectorAll('#facts dd')].map((each) => each.textContent),
    language: document.documentElement.lang,
    title: document.title,
  }));
}

const pathOf = () => settings.page;

// The windows of the display, and keys for them: no page and no debugger reaches the browser's own ones.
const xdotool = (...words) =>
  new Promise((resolve) => execFile('xdotool', words, { env: { ...process.env, DISPLAY: settings.display } }, (error, out) => resolve(error ? '' : out.trim())));
const pinWindow = async () => (await xdotool('search', '--onlyvisible', '--name', '^Unlock Security Device$')).split('\n')[0];

// Answers each PIN window in turn with one of these, "Escape" by that key; how many came.
async function unlock(answers) {
  let asked = 0;
  for (const answer of answers) {
    let window = '';
    for (let left = kWait; left > 0 && !(window = await pinWindow()); left -= 200) await pause(200);
    if (!window) return asked;
    asked += 1;
    await xdotool('windowfocus', '--sync', window);
    if (answer === 'Escape') await xdotool('key', 'Escape');
    else {
      await xdotool('type', '--delay', '40', answer);
      await xdotool('key', 'Return');
    }
    for (let left = kWait; left > 0 && (await pinWindow()) === window; left -= 200) await pause(200);
  }
  return asked;
}

const scenarios = {
  async apply(browser) {
    const page = await open(browser, '/cardsign/apply');
    await page.type('#code', settings.code);
    await press(page);
    return outcome(page);
  },
  async pay(browser) {
    const page = await open(browser, pathOf());
    await press(page);
    const window = await confirmation(browser);
    const shown = await shownIn(window);
    await enter(window, settings.pin);
    return { shown, ...(await outcome(page)) };
  },
  // A wrong PIN, then the right one, in a window that says how many tries are left.
  async wrong_pin(browser) {
    const page = await open(browser, pathOf());
    await press(page);
    const first = await confirmation(browser);
    const gone = new Promise((resolve) => first.once('close', resolve));
    await enter(first, settings.wrong_pin);
    await gone;
    const second = await confirmation(browser);
    const shown = await shownIn(second);
    await enter(second, settings.pin);
    return { shown, ...(await outcome(page)) };
  },
  // Wrong PINs until none is left; then the PUK: no, wrong ones, the right one; then the payment. What the page heard in the meantime is kept.
  async unblock(browser) {
    const page = await open(browser, pathOf());
    await page.evaluate(() => {
      window.heard = [];
      window.addEventListener('message', (event) => window.heard.push(JSON.stringify(event.data)));
    });
    await press(page);
    for (let left = 3; left > 0; --left) {
      const window = await confirmation(browser);
      const gone = new Promise((resolve) => window.once('close', resolve));
      await enter(window, settings.wrong_pin);
      await gone;
    }
    const blocked = await outcome(page);
    const begin = async () => {
      await page.evaluate(() => delete document.body.dataset.state);
      await page.waitForSelector('#unblock:not([disabled])', { visible: true });
      await page.click('#unblock');
      return unblocking(browser);
    };
    const refused = await begin();
    const shown = await saidIn(refused);
    await refused.keyboard.press('Escape').catch(() => {});
    const cancelled = await outcome(page);
    const pad = await begin();
    await give(pad, settings.puk, '13579x', '13579x');
    const no_pin = await complaint(pad);
    await give(pad, settings.puk, settings.pin, '135790');
    const differs = await complaint(pad);
    await give(pad, settings.wrong_puk, settings.pin, settings.pin);
    const wrong = await complaint(pad);
    await give(pad, settings.puk, settings.pin, settings.pin);
    await page.waitForFunction(nothing, kPolled);
    const unblocked = await outcome(page);
    const offered = await page.evaluate(() => !document.getElementById('unblock').hidden);
    await page.evaluate(() => delete document.body.dataset.state);
    await press(page);
    const last = await confirmation(browser);
    await enter(last, settings.pin);
    const paid = await outcome(page);
    const heard = (await page.evaluate(() => window.heard)).join('\n');
    return { blocked, shown, cancelled, no_pin, differs, wrong, unblocked, offered, heard: { messages: heard.split('\n').length, puk: heard.includes(settings.puk), wrong_puk: heard.includes(settings.wrong_puk) }, ...paid };
  },
  async cancel(browser) {
    const page = await open(browser, pathOf());
    await press(page);
    const window = await confirmation(browser);
    if (settings.close) await window.close();
    else await window.click('#cancel').catch(() => {}); // it closes under the click
    return outcome(page);
  },
  // The second page while the first one's window is open; then the first goes on.
  async two_pages(browser) {
    const page = await open(browser, pathOf());
    await press(page);
    const window = await confirmation(browser);
    const other = await open(browser, pathOf());
    await press(other);
    const second = await outcome(other);
    await enter(window, settings.pin);
    return { second, ...(await outcome(page)) };
  },
  // The caller pulls the card once the file `shown` is there, and writes the file `pulled` then.
  async pulled(browser) {
    const page = await open(browser, pathOf());
    await press(page);
    const window = await confirmation(browser);
    writeFileSync(settings.shown, '');
    while (!existsSync(settings.pulled)) await pause(100);
    await enter(window, settings.pin);
    return outcome(page);
  },
  // A page of ours at an origin that the bridge does not know.
  async other_origin(browser) {
    const page = await open(browser, pathOf(), settings.other);
    await press(page);
    return outcome(page);
  },
  async without_extension(browser) {
    const page = await open(browser, pathOf());
    await press(page);
    return outcome(page);
  },
  // Who TLS says the person is, by the card's certificate.
  async account(browser) {
    const page = await open(browser, '/cardsign/account');
    await page.waitForFunction(() => document.body.dataset.user || document.body.dataset.reason, kPolled);
    return page.evaluate(() => ({
      user: document.body.dataset.user || '',
      reason: document.body.dataset.reason || '',
      facts: [...document.querySelectorAll('#facts dd')].map((each) => each.textContent),
    }));
  },
  // The same with a key that wants a PIN: the page waits for the browser's own window.
  async account_pin(browser) {
    const asked = unlock(settings.answers.split(' '));
    try {
      const seen = await scenarios.account(browser);
      return { ...seen, asked: await asked };
    } catch (error) {
      // A browser that ended (scene.cpp says why) did not tell what the person would have seen.
      if (!browser.connected || /detached|closed/i.test(String(error))) throw error;
      return { user: '', reason: String(error), facts: [], asked: await asked };
    }
  },
  // A page that tries what only the extension's window may, and commands of its own before anything was begun.
  async rogue(browser) {
    const page = await open(browser, pathOf());
    return page.evaluate(async () => {
      const ask = (message) =>
        new Promise((resolve) => {
          const id = Math.floor(Math.random() * 1e9);
          const heard = (event) => {
            if (!event.data || event.data.to !== 'page' || event.data.id !== id) return;
            window.removeEventListener('message', heard);
            resolve(event.data);
          };
          window.addEventListener('message', heard);
          window.postMessage({ ...message, id, tag: 'trustferry-cardsign', to: 'extension' }, window.location.origin);
        });
      const reason = async (message) => ((await ask(message)).error || {}).reason || 'none';
      const out = {
        pin: await reason({ op: 'pin', pin: '123456' }),
        puk: await reason({ op: 'pin_state' }),
        unbegun: await reason({ op: 'unblock', puk: '12345678', pin: '135790' }),
        display: await reason({ op: 'display', reply: '{}', keys: '{}' }),
        transmit: await reason({ op: 'transmit', commands: ['AKQEAA'] }),
        prototype: await reason({ op: 'constructor' }),
      };
      await ask({ op: 'begin' });
      out.forged = await reason({ op: 'confirm', reply: '{"session":"x"}', keys: '{}' });
      await ask({ op: 'end' });
      return out;
    });
  },
};

const browser = await launch();
let result;
try {
  result = await scenarios[process.argv[2]](browser);
} catch (error) {
  const pages = await browser.pages().catch(() => []);
  const texts = await Promise.all(pages.map((page) => page.evaluate(() => location.href + ': ' + document.body.innerText).catch(() => '')));
  result = { error: String(error), pages: texts, failures: pages.flatMap((page) => page.failures || []) };
}
await browser.close().catch(() => {});
writeFileSync(settings.out, JSON.stringify(result) + '\n');
process.exit(0); // whoever still waits for a window waits for nothing
