// The form of a new complaint while it is filled in: customers are found as they are typed, and what follows from the rest
// (second level, severity, department, open cases) comes from the server. Without this the form's buttons do the same.

const WAIT = 150;
/** What changes a part of the form. */
const TURNS = ['vehicle_id', 'class', 'minor', 'demand_kind', 'sign', 'channel', 'amount', 'demand', 'department', 'severity'];

const form = document.querySelector('[data-intake]');
if (form) attach(form);

function attach(form) {
  const who = form.querySelector('#who');
  const words = form.querySelector('#words');
  let timer;
  let request;

  /** One request at a time: an answer to a form that has changed since is of no use. */
  async function ask(more = {}) {
    clearTimeout(timer);
    request?.abort();
    const own = new AbortController();
    request = own;
    const typed = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') typed.append(name, value);
    // The words of the customer change nothing around them.
    typed.delete('words');
    for (const [name, value] of Object.entries(more)) typed.set(name, value);
    try {
      const answer = await fetch(form.dataset.intake, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: typed,
        signal: own.signal,
      });
      if (!answer.ok) return;
      const html = await answer.text();
      if (!own.signal.aborted) fill(html);
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  }

  /** Exchanges the parts that differ; the field that has the focus keeps it. */
  function fill(html) {
    const next = new DOMParser().parseFromString(html, 'text/html');
    const { name, value } = document.activeElement;
    for (const part of next.querySelectorAll('[data-part]')) {
      const old = form.querySelector(`[data-part="${part.dataset.part}"]`);
      if (!old || old.innerHTML === part.innerHTML) continue;
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(part);
      if (!hadFocus) continue;
      const same = [...part.querySelectorAll('input, select, button')].find((field) => field.name === name && field.value === value);
      same?.focus();
    }
    // Whoever was looked for is there: on with what they say.
    if (isTurning && chosen()) words.focus();
    else if (isTurning) who.focus();
    isTurning = false;
  }

  let isTurning = false;
  const chosen = () => form.querySelector('[data-part="people"] [data-caller]');
  const candidates = () => [...form.querySelectorAll('.candidates button')];

  function turn(button) {
    isTurning = true;
    if (button.value === 'clear') who.value = '';
    ask({ [button.name]: button.value });
  }

  function soon() {
    clearTimeout(timer);
    request?.abort();
    timer = setTimeout(ask, WAIT);
  }

  who.addEventListener('input', (event) => {
    // What an input method still composes is not typed yet.
    if (!event.isComposing) soon();
  });
  who.addEventListener('compositionend', soon);
  form.addEventListener('change', (event) => {
    if (TURNS.includes(event.target.name)) ask();
  });
  form.addEventListener('click', (event) => {
    const button = event.target.closest('[data-turn], [data-find]');
    if (!button) return;
    event.preventDefault();
    if (button.matches('[data-find]')) ask({ find: '1' });
    else turn(button);
  });

  form.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.querySelector('[data-accept]').click();
      return;
    }
    const found = candidates();
    const at = found.indexOf(document.activeElement);
    if (event.target === who && event.key === 'Enter') {
      event.preventDefault();
      if (found.length > 0) turn(found[0]);
      else ask({ find: '1' });
    } else if (event.target === who && event.key === 'ArrowDown' && found.length > 0) {
      event.preventDefault();
      found[0].focus();
    } else if (at >= 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      const next = event.key === 'ArrowDown' ? found[at + 1] : found[at - 1];
      (next ?? (event.key === 'ArrowUp' ? who : found[at])).focus();
    } else if (event.key === 'Enter' && event.target.matches('input:not([type=submit], [type=file])')) {
      // Half a form is not sent by a key that was meant for one field.
      event.preventDefault();
    }
  });
}
