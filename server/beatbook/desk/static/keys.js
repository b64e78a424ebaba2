// @ts-check
/** Keys for people who review eighty records before lunch. A key presses what carries its name in `data-key`, so that
 * nothing can be done by a key that cannot be seen and pressed. Everything works without this file. */

const COOKIE = 'beatbook_keys';
const A_YEAR = 365 * 24 * 60 * 60; // seconds
const body = document.body;

body.classList.add('scripted');
document.addEventListener('keydown', onKey);
prepareHelp();
prepareCopying();
focusWrong();

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === 'Escape') closePanels();
  if (body.dataset.keys !== 'on' || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open]')) return;
  const key = event.key.toLowerCase();
  if (step(key) || help(key) || press(key)) event.preventDefault();
}

/** J and K walk the rows of a list. @param {string} key */
function step(key) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-row]')]);
  if (rows.length === 0 || (key !== 'j' && key !== 'k')) return false;
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at < 0 ? 0 : Math.min(Math.max(at + (key === 'j' ? 1 : -1), 0), rows.length - 1);
  rows[next].focus();
  rows[next].closest('tr')?.scrollIntoView({ block: 'nearest' });
  return true;
}

/** @param {string} key */
function press(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(isShown)[0];
  if (!(found instanceof HTMLElement)) return false;
  if (found.dataset.needsLook !== undefined && body.dataset.looked !== 'yes') {
    announce('Look first: the photo is only just here.');
    return true;
  }
  found.click();
  if (found instanceof HTMLInputElement) found.focus();
  if (found.tagName === 'SUMMARY') openPanel(found);
  return true;
}

/** A panel that was opened by its key is ready for the number of a reason. @param {HTMLElement} summary */
function openPanel(summary) {
  const first = summary.parentElement?.querySelector('input[type=radio]');
  const before = document.activeElement;
  requestAnimationFrame(() => {
    // Who has gone on to the note meanwhile stays there.
    if (first instanceof HTMLElement && document.activeElement === before) first.focus({ preventScroll: true });
  });
}

function closePanels() {
  for (const panel of document.querySelectorAll('details.decide[open]')) {
    panel.removeAttribute('open');
    panel.querySelector('summary')?.focus();
  }
}

/** @param {string} key */
function help(key) {
  const panel = document.querySelector('[data-keys-help]');
  if (key !== '?' || !(panel instanceof HTMLDetailsElement)) return false;
  panel.open = true;
  panel.scrollIntoView({ block: 'end' });
  panel.querySelector('summary')?.focus();
  return true;
}

/** Single keys get in the way of some who speak to their computer, so they can be switched off, and stay off. */
function prepareHelp() {
  const panel = document.querySelector('[data-keys-help]');
  const button = panel?.querySelector('[data-keys-switch]');
  const word = panel?.querySelector('[data-keys-word]');
  if (!(panel instanceof HTMLElement) || !(button instanceof HTMLElement) || !word) return;
  panel.hidden = false;
  button.addEventListener('click', () => {
    body.dataset.keys = body.dataset.keys === 'on' ? 'off' : 'on';
    const on = body.dataset.keys === 'on';
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `${COOKIE}=${on ? 'on' : 'off'}; Path=/desk; Max-Age=${A_YEAR}; SameSite=Strict${secure}`;
    word.textContent = on ? 'on' : 'off';
    button.textContent = on ? 'Turn shortcuts off' : 'Turn shortcuts on';
  });
}

/** After a refused form the summary is read out first. */
function focusWrong() {
  const summary = document.querySelector('.wrong');
  if (summary instanceof HTMLElement) summary.focus({ preventScroll: true });
}

function prepareCopying() {
  const button = document.querySelector('[data-copy]');
  const source = document.querySelector('[data-copy-from]');
  if (!(button instanceof HTMLButtonElement) || !source || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const lines = [...source.querySelectorAll('div')].map(
      (line) => `${line.querySelector('dt')?.textContent}: ${line.querySelector('dd')?.textContent}`,
    );
    try {
      await navigator.clipboard.writeText(lines.join('\n'));
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not copied: select it and copy it by hand';
    }
  });
}

/** @param {string} words */
function announce(words) {
  const place = document.querySelector('[data-announce]');
  if (!place) return;
  place.textContent = words;
  setTimeout(() => { place.textContent = ''; }, 2500);
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (target instanceof HTMLInputElement) return target.type !== 'radio' && target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/** @param {Element} element */
function isShown(element) {
  return element instanceof HTMLElement && element.checkVisibility();
}
