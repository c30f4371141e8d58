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

/** Says the phase to a screen reader when it changes; outside the body, which is replaced each second. */
function announce() {
  const now = document.querySelector('[data-phase-now]')?.textContent.trim().replace(/\s+/g, ' ') ?? '';
  if (status.textContent !== now) status.textContent = now;
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
    announce();
  } catch {
    // The network is away for a moment: look again.
  }
  setTimeout(look, 1000);
}

const status = document.createElement('p');

if (document.querySelector('[data-import-busy]')) {
  status.className = 'vh';
  status.setAttribute('role', 'status');
  document.body.append(status);
  setTimeout(look, 1000);
}
