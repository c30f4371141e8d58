// Files of a case: dropped on the field or pasted anywhere on the page, and named before they are sent. The form works
// without it: its field opens the browser's own window.

const LIMIT = 20;

for (const form of document.querySelectorAll('form[data-attach]')) attach(form);

function attach(form) {
  const field = form.querySelector('input[type=file]');
  const drop = field.closest('.drop');
  const chosen = form.querySelector('[data-chosen]');
  // The field forgets what it had when something is chosen again; what was chosen before stays.
  let files = [];

  function show() {
    const list = new DataTransfer();
    for (const file of files) list.items.add(file);
    field.files = list.files;
    chosen.replaceChildren(
      ...files.map((file) => {
        const row = document.createElement('li');
        row.textContent = `${file.name} · ${(file.size / 1_048_576).toFixed(1)} MB`;
        return row;
      }),
    );
  }

  function add(more) {
    const isKnown = (file) => files.some((known) => known.name === file.name && known.size === file.size);
    files = [...files, ...[...more].filter((file) => !isKnown(file))].slice(0, LIMIT);
    show();
    // On the page of a case nothing else is to be filled in.
    if (form.dataset.attach === 'send' && files.length > 0) form.requestSubmit();
  }

  field.addEventListener('change', () => add(field.files));
  for (const name of ['dragenter', 'dragover']) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.dataset.over = '';
    });
  }
  drop.addEventListener('dragleave', () => delete drop.dataset.over);
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    delete drop.dataset.over;
    add(event.dataTransfer.files);
  });
  document.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.files ?? [];
    if (pasted.length === 0) return;
    event.preventDefault();
    add(pasted);
  });
}
