// Imports: a file can be dropped, its name is shown, and a busy import is asked for again until it waits for a person.

const drop = document.querySelector('[data-drop]');

if (drop) {
  const input = drop.querySelector('input[type=file]');
  const name = drop.querySelector('[data-drop-name]');
  const show = () => {
    if (input.files.length > 0) name.textContent = input.files[0].name;
  };
  const over = (isOver) => (event) => {
    event.preventDefault();
    drop.toggleAttribute('data-over', isOver);
  };
  drop.addEventListener('dragover', over(true));
  drop.addEventListener('dragleave', over(false));
  drop.addEventListener('drop', (event) => {
    over(false)(event);
    if (event.dataTransfer.files.length === 0) return;
    input.files = event.dataTransfer.files;
    show();
  });
  input.addEventListener('change', show);
  show();
}

/** Takes the page's body over while the import is busy; a page for a person is loaded whole. */
async function look() {
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!answer.ok || !page.querySelector('[data-import-busy]')) {
      location.reload();
      return;
    }
    document.querySelector('#main').replaceChildren(...page.querySelector('#main').childNodes);
  } catch {
    // The network is away for a moment: look again.
  }
  setTimeout(look, 1000);
}

if (document.querySelector('[data-import-busy]')) setTimeout(look, 1000);
