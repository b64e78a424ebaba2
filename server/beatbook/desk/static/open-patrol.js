// @ts-check
/** Of all schools' spots only those of the chosen school are on the page. Without this file all are, and the others do not count. */

const school = /** @type {HTMLSelectElement} */ (document.getElementById('school'));

function show() {
  for (const spots of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-school]'))) {
    spots.hidden = spots.dataset.school !== school.value;
  }
}

school.addEventListener('change', show);
show();
