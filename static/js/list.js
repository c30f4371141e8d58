// Ticking all rows of a page, and letting go of them with Escape. The bar of changes itself is CSS.

const all = document.querySelector('[data-check-all]');
const rows = () => [...document.querySelectorAll('.row-check')];

/** The head's box says what the rows' boxes say. */
function reflect() {
  const ticked = rows().filter((row) => row.checked).length;
  all.checked = ticked > 0 && ticked === rows().length;
  all.indeterminate = ticked > 0 && !all.checked;
}

function tick(value) {
  for (const row of rows()) row.checked = value;
  reflect();
}

if (all) {
  all.addEventListener('change', () => tick(all.checked));
  document.addEventListener('change', (event) => event.target.matches('.row-check') && reflect());
  document.addEventListener('keydown', (event) => {
    const isFree = !event.target.closest('input:not(.row-check), select, textarea, [popover]:popover-open');
    if (event.key === 'Escape' && isFree) tick(false);
    if (event.key === 'x' && isFree && !event.ctrlKey && !event.metaKey) {
      document.querySelector('tr[aria-current] .row-check')?.click();
    }
  });
}

// A download leaves the page as it is: its form may be sent again.
for (const form of document.querySelectorAll('form[data-download]')) {
  form.addEventListener('submit', () =>
    setTimeout(() => {
      delete form.dataset.sent;
      form.querySelector('[aria-busy]')?.removeAttribute('aria-busy');
      form.hidePopover();
    }, 1500),
  );
}
