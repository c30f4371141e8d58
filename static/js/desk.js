// The frame's behaviour: keys, countdowns, submit once. Every page works without it.

/** Buttons, links and fields name their key with data-key; single keys work outside fields only. */
function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest('input, textarea, select, [contenteditable]')) return;
  const target = [...document.querySelectorAll('[data-key]')].find(
    (el) => el.dataset.key.toLowerCase() === event.key.toLowerCase() && el.offsetParent !== null,
  );
  if (target) {
    event.preventDefault();
    target.matches('input, textarea, select') ? target.focus() : target.click();
  } else if (event.key === 'j' || event.key === 'k') {
    moveRow(event.key === 'j' ? 1 : -1);
  } else if (event.key === 'Enter') {
    document.querySelector('tr[aria-current] a[href]')?.click();
  }
}

/** J and K move the current row of the page's table. */
function moveRow(step) {
  const rows = [...document.querySelectorAll('main .table tbody tr')];
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.hasAttribute('aria-current'));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  rows[at]?.removeAttribute('aria-current');
  next.setAttribute('aria-current', 'true');
  next.scrollIntoView({ block: 'nearest' });
}

const HOUR = 3_600_000;
/** How the page's language words a deadline; % stands for hours and minutes. */
const { timeLeft, timeOver } = document.body.dataset;

/** Deadlines of today count down each half minute; the crossings of 60 and 10 minutes and of zero are announced. */
function countDown() {
  const now = Date.now();
  for (const chip of document.querySelectorAll('time[data-sla]:not(.sla--met, .sla--missed)')) {
    const left = Date.parse(chip.dateTime) - now;
    const text = chip.querySelector('span');
    // Only chips that count hours and minutes; those that name a day stay.
    const shape = text?.textContent.replace(/\d+:\d\d/, '%');
    if ((shape !== timeLeft && shape !== timeOver) || left < -24 * HOUR) continue;
    const minutes = Math.floor(Math.abs(left) / 60_000);
    const span = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
    const words = (left < 0 ? timeOver : timeLeft).replace('%', span);
    if (words === text.textContent) continue;
    text.textContent = words;
    const tone = left < 0 ? 'bad' : left <= HOUR ? 'soon' : 'ok';
    if (!chip.classList.contains(`sla--${tone}`)) {
      chip.classList.remove('sla--ok', 'sla--soon', 'sla--bad');
      chip.classList.add(`sla--${tone}`);
      announce(words);
    } else if (left > 0 && minutes === 10) {
      announce(words);
    }
  }
}

/** Says it once to a screen reader. */
function announce(words) {
  const region = document.querySelector('[data-announce]');
  if (region) region.textContent = words;
}

/** A form is sent once: its button shows that it is busy and keeps its width. */
function onSubmit(event) {
  const form = event.target;
  if (form.dataset.sent && form.method === 'post') {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'true';
  event.submitter?.setAttribute('aria-busy', 'true');
}

/** A page that comes back from the browser's memory may be sent again. */
function onShow(event) {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
}

/** Two minutes before an idle session ends, asks whether to go on; any request keeps it alive. */
function watchIdle(dialog) {
  if (!dialog) return;
  let timer;
  const restart = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dialog.showModal(), Number(dialog.dataset.idleAfter) * 1000);
  };
  dialog.querySelector('button').addEventListener('click', async () => {
    dialog.close();
    const answer = await fetch('/', { method: 'HEAD' }).catch(() => null);
    if (answer && !answer.redirected) restart();
  });
  restart();
}

document.addEventListener('keydown', onKey);
document.addEventListener('submit', onSubmit);
window.addEventListener('pageshow', onShow);
setInterval(countDown, 30_000);
watchIdle(document.querySelector('dialog[data-idle-after]'));
