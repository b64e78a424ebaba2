// @ts-check
/** The photos of a record: one at a time with a film strip, over the whole page when wanted, and a moment to look at
 * before a key may approve. Without this file the photos stand one below the other. */

const LOOK = 700; // ms; a photo that was on the screen for less cannot have been looked at
const PAUSE = 1500; // ms between two looks for a preview that is being made
const TRIES = 40; // a minute; by then it will not come, or the server is busy with hundreds
const figures = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-photo]')]);
const film = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll('[data-film]')]);
let shown = 0;

if (figures.length > 1) showOnly(0);
film.forEach((link, at) => link.addEventListener('click', (event) => { event.preventDefault(); showOnly(at); }));
document.addEventListener('click', onClick);
document.addEventListener('keydown', onKey);
for (const empty of document.querySelectorAll('[data-awaited]')) void comeIn(/** @type {HTMLElement} */ (empty));
void look();

/** @param {number} at */
function showOnly(at) {
  shown = (at + figures.length) % figures.length;
  figures.forEach((figure, index) => { figure.hidden = index !== shown; });
  film.forEach((link, index) => {
    if (index === shown) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  });
}

/** @param {MouseEvent} event */
function onClick(event) {
  const link = event.target instanceof Element ? event.target.closest('[data-uncover]') : null;
  if (link instanceof HTMLAnchorElement) return switchTo(event, link);
  const stage = event.target instanceof Element ? event.target.closest('[data-stage]') : null;
  if (!(stage instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  enlarge(stage);
}

/** The camera's own file in the place of the copy, and back. Each look at it is written down by the server.
 * @param {MouseEvent} event @param {HTMLAnchorElement} link */
function switchTo(event, link) {
  const stage = link.closest('[data-photo]')?.querySelector('[data-stage]');
  const image = stage?.querySelector('img');
  if (!(stage instanceof HTMLAnchorElement) || !image) return;
  event.preventDefault();
  const [words, address] = [link.textContent ?? '', link.getAttribute('href') ?? ''];
  link.textContent = link.dataset.uncover ?? '';
  link.dataset.uncover = words;
  link.href = stage.getAttribute('href') ?? '';
  stage.href = address;
  image.src = address;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (document.body.dataset.keys !== 'on' || event.ctrlKey || event.metaKey || event.altKey) return;
  const open = document.querySelector('dialog[open]');
  const target = event.target;
  if (!open && target instanceof HTMLElement && target.matches('input, textarea, select, [tabindex="0"]')) return;
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    if (figures.length < 2 || open?.classList.contains('is-full')) return;
    showOnly(shown + (event.key === 'ArrowRight' ? 1 : -1));
    if (open) { close(); enlargeShown(); }
    event.preventDefault();
  } else if (event.key.toLowerCase() === 'z' && !event.repeat) {
    if (open) open.classList.toggle('is-full');
    else enlargeShown();
    event.preventDefault();
  }
}

function enlargeShown() {
  const stage = figures[shown]?.querySelector('[data-stage]');
  if (stage instanceof HTMLAnchorElement) enlarge(stage);
}

/** The photo over the whole page; a second press shows it in full size. @param {HTMLAnchorElement} stage */
function enlarge(stage) {
  const dialog = document.createElement('dialog');
  dialog.className = 'lightbox';
  const image = document.createElement('img');
  const source = stage.querySelector('img');
  image.src = stage.href;
  image.alt = source?.alt ?? '';
  dialog.setAttribute('aria-label', image.alt);
  image.addEventListener('click', () => dialog.classList.toggle('is-full'));
  const bar = document.createElement('div');
  bar.className = 'lightbox-bar';
  bar.append(
    button('Full size or fit', () => dialog.classList.toggle('is-full')),
    button('Close', () => dialog.close()),
  );
  dialog.append(bar, image);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function close() {
  const dialog = document.querySelector('dialog[open]');
  if (dialog instanceof HTMLDialogElement) dialog.close();
}

/** A record opened seconds after it arrived: its preview takes the place that is kept for it. @param {HTMLElement} empty */
async function comeIn(empty) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
    const image = new Image();
    image.src = empty.dataset.awaited ?? '';
    image.alt = empty.dataset.name ?? '';
    if (await isDrawn(image)) {
      const stage = document.createElement('a');
      stage.className = 'stage';
      stage.href = image.src;
      stage.dataset.stage = '';
      stage.append(image);
      empty.replaceWith(stage);
      void look();
      return;
    }
  }
}

/** @param {string} words @param {() => void} act */
function button(words, act) {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = 'button';
  made.textContent = words;
  made.addEventListener('click', act);
  return made;
}

/** The key that approves sleeps until the first photo has been on the screen for a moment; the button never does. */
async function look() {
  const first = document.querySelector('[data-awaited], [data-stage] img');
  const isThere = first === null || (first instanceof HTMLImageElement && (await isDrawn(first)));
  if (isThere) setTimeout(() => { document.body.dataset.looked = 'yes'; }, LOOK);
  fetchNext();
}

/** Whether the picture came and can be shown. @param {HTMLImageElement} image */
function isDrawn(image) {
  return image.decode().then(() => true, () => false);
}

/** The next record's photo comes while this one is looked at. Only the picture: opening the record is what is logged. */
function fetchNext() {
  const place = document.querySelector('[data-next]');
  if (place instanceof HTMLElement && place.dataset.next) new Image().src = place.dataset.next;
}
