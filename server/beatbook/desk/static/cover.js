// @ts-check
/** Covers more of a pupils' photo: black boxes on a canvas, whose picture takes the place of the one before. */

const page = /** @type {HTMLElement} */ (document.querySelector('[data-cover]'));
const canvas = /** @type {HTMLCanvasElement} */ (page.querySelector('canvas'));
const said = /** @type {HTMLElement} */ (page.querySelector('[role=status]'));
const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
const picture = new Image();
/** @type {{x: number, y: number, w: number, h: number}[]} in parts of the picture's width and height */
const boxes = [];
const STEP = 0.02;
const LEAST = 0.04;

/** @type {Record<string, (box: {x: number, y: number, w: number, h: number}) => void>} */
const CHANGES = {
  left: (box) => { box.x -= STEP; },
  right: (box) => { box.x += STEP; },
  up: (box) => { box.y -= STEP; },
  down: (box) => { box.y += STEP; },
  wider: (box) => { box.w += STEP; },
  narrower: (box) => { box.w = Math.max(LEAST, box.w - STEP); },
  taller: (box) => { box.h += STEP; },
  lower: (box) => { box.h = Math.max(LEAST, box.h - STEP); },
};

picture.addEventListener('load', () => {
  canvas.width = picture.naturalWidth;
  canvas.height = picture.naturalHeight;
  draw(true);
});
picture.src = page.dataset.picture ?? '';
canvas.addEventListener('click', (event) => {
  const at = canvas.getBoundingClientRect();
  add((event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height);
});
page.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-do]') : null;
  if (button instanceof HTMLElement) act(button.dataset.do ?? '');
});

/** @param {string} what */
function act(what) {
  const last = boxes.at(-1);
  if (what === 'add') add(0.5, 0.5);
  else if (what === 'undo') boxes.pop();
  else if (what === 'save') void save();
  else if (last) CHANGES[what]?.(last);
  said.textContent = `${boxes.length} ${boxes.length === 1 ? 'box' : 'boxes'}`;
  draw(true);
}

/** @param {number} x @param {number} y */
function add(x, y) {
  boxes.push({ x: x - 0.1, y: y - 0.06, w: 0.2, h: 0.12 });
  draw(true);
}

/** @param {boolean} marked */
function draw(marked) {
  pen.drawImage(picture, 0, 0);
  boxes.forEach(({ x, y, w, h }, at) => {
    pen.fillStyle = '#0b0c0c';
    pen.fillRect(x * canvas.width, y * canvas.height, w * canvas.width, h * canvas.height);
    if (!marked || at !== boxes.length - 1) return;
    pen.strokeStyle = '#ffdd00';
    pen.lineWidth = Math.max(3, canvas.width / 200);
    pen.strokeRect(x * canvas.width, y * canvas.height, w * canvas.width, h * canvas.height);
  });
}

async function save() {
  if (boxes.length === 0) { said.textContent = 'Place a box first.'; return; }
  draw(false);
  const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.85));
  const answer = blob instanceof Blob && await fetch(page.dataset.cover ?? '', { method: 'POST', body: blob, headers: { 'content-type': 'image/jpeg' } });
  if (answer && answer.ok) location.assign((await answer.json()).to);
  else said.textContent = 'It could not be saved. Try again.';
}
