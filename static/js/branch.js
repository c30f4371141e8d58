// Questions and steps that hang on an earlier answer: they show and hide with it. Without a script all of them show, each
// with its condition in words; the server leaves out what was not asked.

const LOW = '[data-low]:checked';

/** Fields of a name that count: one that is hidden itself was not asked. */
function fields(name) {
  return [...document.getElementsByName(name)].filter((field) => field.type !== 'hidden' && !field.closest('[hidden]'));
}

function answers(name) {
  const given = fields(name).filter((field) => !['radio', 'checkbox'].includes(field.type) || field.checked);
  return given.map((field) => field.value.trim()).filter((value) => value !== '');
}

function holds(part) {
  const names = part.dataset.when.split(' ').filter(Boolean);
  const { test, value } = part.dataset;
  return names.some((name) => {
    const given = answers(name);
    switch (test) {
      case 'is': return given.includes(value);
      case 'is_not': return given.length > 0 && !given.includes(value);
      case 'at_most': return given.some((points) => Number(points) <= Number(value));
      case 'at_least': return given.some((points) => Number(points) >= Number(value));
      case 'dissatisfied': return fields(name).some((field) => field.matches(LOW));
      default: return true;
    }
  });
}

/** Keeps the parts of the page in step with what is answered. */
export function branch() {
  const parts = [...document.querySelectorAll('[data-when]')];
  if (parts.length === 0) return;
  // A step may stand above the question that it hangs on, a question hangs on one that may itself go: twice is enough.
  const update = () => {
    for (let round = 0; round < 2; round += 1) for (const part of parts) part.hidden = !holds(part);
  };
  document.documentElement.classList.add('branches');
  document.addEventListener('input', update);
  document.addEventListener('change', update);
  update();
}
