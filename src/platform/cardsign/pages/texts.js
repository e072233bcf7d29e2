// What the pages say, in English and Chinese. The language is the browser's first of the two (its Accept-Language), or the one chosen here.
const kTexts = {
  en: {
    apply_title: 'Apply for your card’s certificates',
    apply_about: 'Put your card into the reader and enter the enrolment code you were given.',
    apply_go: 'Apply',
    apply_done: 'Your card has its certificates',
    code: 'Enrolment code',
    code_hint: '26 letters A to Z and digits 2 to 7.',
    code_wrong: 'An enrolment code has 26 characters: letters A to Z and digits 2 to 7.',
    pay_title: 'Pay with your card',
    pay_about: 'Your card signs the payment. What you pay is shown in a window of the extension; enter the PIN there and nowhere else.',
    pay_go: 'Show the payment',
    pay_done: 'Result of the payment',
    unblock_go: 'Set a new PIN with the PUK',
    at_unblock: 'Enter the PUK and a new PIN in the window of the extension, and nowhere else.',
    unblocked: 'The new PIN is set. You can pay now.',
    account_title: 'Your card',
    account_about: 'You are known here by your card’s certificate.',
    account_go: 'Take waiting updates',
    account_done: 'Your card',
    reader: 'Card reader',
    slot: 'Certificate for',
    certificate: 'Certificate',
    instrument: 'Pay with',
    expires: 'valid until',
    serial: 'Card',
    user: 'User',
    outcome: 'Result',
    transaction: 'Transaction',
    amount: 'Amount',
    updated: 'Updates taken',
    approved: 'Approved',
    declined: 'Declined',
    pending: 'Pending: the merchant will be told',
    reversed: 'Reversed',
    at_card: 'Talking to the card. Leave it in the reader.',
    at_confirm: 'Read the payment in the window of the extension, and enter the PIN there.',
    at_platform: 'Asking the platform.',
    ready: '',
    language: '中文',
    slot_payment: 'payments',
    slot_authentication: 'logging on, with PIN',
    slot_card: 'logging on, without PIN',
    slot_signature: 'signing documents',
    slot_encryption: 'reading what is encrypted to you',
    slot_hash: 'payments by hash',
    error_no_extension: 'The browser extension is not installed or may not run on this page.',
    error_no_bridge: 'The program between browser and card reader is not installed: run “trustferry bridge install”.',
    error_origin: 'The card may not be used by this site.',
    error_busy: 'Another page is using the card. Finish or close it, then try again.',
    error_no_service: 'The smart card service of this computer is not running.',
    error_no_reader: 'No card reader is connected.',
    error_no_card: 'There is no card in the reader.',
    error_removed: 'The card was taken out. Put it in and begin again.',
    error_reset: 'Another program reset the card. Begin again.',
    error_in_use: 'Another program has the card for itself. Close it and try again.',
    error_denied: 'You may not use card readers on this computer.',
    error_unresponsive: 'The card does not answer. Put it in again, chip first.',
    error_display: 'The payment could not be verified, and nothing was signed. Tell the merchant.',
    error_expired: 'The time of this payment is over.',
    error_cancelled: 'You cancelled. Nothing was signed.',
    error_ended: 'The extension ended. Load the page again.',
    error_offline: 'The platform does not answer. Try again.',
    error_session: 'The session is over. Begin again.',
    error_superseded: 'Another terminal or page took over.',
    error_code: 'The enrolment code is wrong, used or too old.',
    error_card: 'The card is not known here, was withdrawn, or is not yours.',
    error_certificate: 'The card has no certificate that is good for this.',
    error_payment: 'The payment is unknown, too old, somebody else’s, or paid already.',
    error_signature: 'The card’s signature is not that of this payment.',
    error_pin_blocked: 'The PIN is blocked, and nothing was paid. Set a new one with the PUK.',
    error_puk_blocked: 'The PUK is blocked, too: the card is of no use any more. Ask for another.',
    error_instrument: 'You have no such payment card or account.',
    error_unknown_person: 'This browser showed no certificate of a card that is good here. Put the card in, set up the browser as its guide says, and start it again.',
    error_other: 'It was refused. Nothing was paid.',
  },
  zh: {
    apply_title: '申请智能卡证书',
    apply_about: '请将智能卡插入读卡器，并输入您收到的注册码。',
    apply_go: '申请',
    apply_done: '智能卡证书已写入',
    code: '注册码',
    code_hint: '26 位，由字母 A 至 Z 和数字 2 至 7 组成。',
    code_wrong: '注册码为 26 位，由字母 A 至 Z 和数字 2 至 7 组成。',
    pay_title: '用智能卡付款',
    pay_about: '由您的智能卡对付款签名。付款内容显示在扩展程序的窗口中；请只在该窗口输入 PIN 码。',
    pay_go: '显示付款内容',
    pay_done: '付款结果',
    unblock_go: '用 PUK 码设置新的 PIN 码',
    at_unblock: '请在扩展程序的窗口中输入 PUK 码和新的 PIN 码，切勿在别处输入。',
    unblocked: '新的 PIN 码已设置，现在可以付款。',
    account_title: '我的智能卡',
    account_about: '本站通过智能卡证书识别您的身份。',
    account_go: '接收待处理的更新',
    account_done: '我的智能卡',
    reader: '读卡器',
    slot: '证书用途',
    certificate: '证书',
    instrument: '支付方式',
    expires: '有效期至',
    serial: '卡号',
    user: '用户',
    outcome: '结果',
    transaction: '交易号',
    amount: '金额',
    updated: '已接收的更新',
    approved: '已批准',
    declined: '已拒绝',
    pending: '处理中：结果将通知商户',
    reversed: '已冲正',
    at_card: '正在与智能卡通信，请勿拔卡。',
    at_confirm: '请在扩展程序的窗口中核对付款内容，并在该窗口输入 PIN 码。',
    at_platform: '正在联系平台。',
    ready: '',
    language: 'English',
    slot_payment: '付款',
    slot_authentication: '登录（需要 PIN 码）',
    slot_card: '登录（无需 PIN 码）',
    slot_signature: '文件签名',
    slot_encryption: '解密发给您的内容',
    slot_hash: '按摘要付款',
    error_no_extension: '浏览器扩展程序未安装，或不允许在本页面运行。',
    error_no_bridge: '浏览器与读卡器之间的程序未安装：请运行 “trustferry bridge install”。',
    error_origin: '本网站不允许使用智能卡。',
    error_busy: '另一个页面正在使用智能卡。请完成或关闭该页面后重试。',
    error_no_service: '本机的智能卡服务未运行。',
    error_no_reader: '未连接读卡器。',
    error_no_card: '读卡器中没有智能卡。',
    error_removed: '智能卡已被拔出。请插入后重新开始。',
    error_reset: '另一个程序重置了智能卡。请重新开始。',
    error_in_use: '另一个程序独占了智能卡。请关闭该程序后重试。',
    error_denied: '您无权使用本机的读卡器。',
    error_unresponsive: '智能卡没有响应。请芯片朝前重新插入。',
    error_display: '付款内容无法核实，未进行任何签名。请告知商户。',
    error_expired: '该付款已过期。',
    error_cancelled: '您已取消，未进行任何签名。',
    error_ended: '扩展程序已停止。请重新加载页面。',
    error_offline: '平台没有响应，请重试。',
    error_session: '会话已结束，请重新开始。',
    error_superseded: '另一个终端或页面已接管会话。',
    error_code: '注册码错误、已使用或已过期。',
    error_card: '该智能卡未登记、已注销，或不属于您。',
    error_certificate: '智能卡上没有可用的证书。',
    error_payment: '该付款不存在、已过期、属于他人，或已支付。',
    error_signature: '智能卡的签名与该付款不符。',
    error_pin_blocked: 'PIN 码已锁定，未付款。请用 PUK 码设置新的 PIN 码。',
    error_puk_blocked: 'PUK 码也已锁定，该智能卡无法再使用。请申请新卡。',
    error_instrument: '您没有该支付卡或账户。',
    error_unknown_person: '本浏览器未出示在此有效的智能卡证书。请插入智能卡，按指南设置浏览器，然后重新启动浏览器。',
    error_other: '请求被拒绝，未付款。',
  },
};

const kChosen = 'trustferry-language';

function first() {
  const asked = new URLSearchParams(window.location.search).get('lang') || sessionStorage.getItem(kChosen);
  if (asked === 'en' || asked === 'zh') return asked;
  for (const each of navigator.languages) {
    if (each.startsWith('zh')) return 'zh';
    if (each.startsWith('en')) return 'en';
  }
  return 'en';
}

let language = first();

export const text = (name) => kTexts[language][name] ?? kTexts.en[name] ?? name;
export const errorText = (reason) => text(Object.hasOwn(kTexts.en, 'error_' + reason) ? 'error_' + reason : 'error_other');
export const dateText = (ms) => new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'long' }).format(new Date(ms));

// Writes the language into the page; again with the switch. onChange: for what a page wrote itself.
export function speak(page, onChange = () => {}) {
  const write = () => {
    document.documentElement.lang = language;
    document.title = text(page + '_title');
    for (const each of document.querySelectorAll('[data-text]')) each.textContent = text(each.dataset.text);
    const other = document.getElementById('language');
    other.textContent = text('language');
    other.lang = language === 'zh' ? 'en' : 'zh';
  };
  document.getElementById('language').addEventListener('click', () => {
    language = language === 'zh' ? 'en' : 'zh';
    sessionStorage.setItem(kChosen, language);
    write();
    onChange();
  });
  write();
}
