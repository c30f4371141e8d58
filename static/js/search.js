// The search box as a combobox: suggestions while somebody types. Without this the box is a form that is sent.

const WAIT = 120;
const form = document.querySelector('[data-omni]');

if (form) attach(form.querySelector('input[type=search]'), form.querySelector('[role=listbox]'));

function attach(input, list) {
  let active = -1;
  let request;
  let timer;
  let before;

  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-haspopup', 'listbox');
  input.setAttribute('aria-controls', list.id);
  input.setAttribute('aria-expanded', 'false');

  const options = () => [...list.querySelectorAll('[role=option]')];
  const isOpen = () => !list.hidden;

  function show() {
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
  }

  /** The text stays: whoever comes back goes on with it. */
  function hide() {
    clearTimeout(timer);
    request?.abort();
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    choose(-1);
  }

  function choose(index) {
    const all = options();
    all[active]?.setAttribute('aria-selected', 'false');
    active = index;
    const option = all[index];
    if (!option) {
      input.removeAttribute('aria-activedescendant');
      return;
    }
    option.setAttribute('aria-selected', 'true');
    input.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  }

  function fill(html) {
    list.innerHTML = html;
    active = -1;
    input.removeAttribute('aria-activedescendant');
    options().forEach((option, index) => { option.id = `omni-${index}`; });
    // An empty box suggests whom one dealt with last, if anybody.
    if (input.value.trim() === '' && options().length === 0) {
      hide();
      return;
    }
    announce(list.querySelector('[data-status]')?.textContent ?? '');
    show();
  }

  function note(words) {
    const text = document.createElement('p');
    text.className = 'combo__note';
    text.setAttribute('role', 'presentation');
    text.textContent = words;
    list.replaceChildren(text);
    choose(-1);
    show();
    announce(words);
  }

  /** One request at a time: an answer to a text that has changed since is of no use. */
  async function ask() {
    request?.abort();
    const own = new AbortController();
    request = own;
    try {
      const answer = await fetch(form.dataset.omni, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ q: input.value }),
        signal: own.signal,
      });
      const html = await answer.text();
      if (own.signal.aborted) return;
      if (answer.ok || answer.status === 429) fill(html);
      else note(answer.status === 401 ? form.dataset.ended : form.dataset.away);
    } catch (error) {
      if (error.name !== 'AbortError') note(form.dataset.away);
    }
  }

  function soon() {
    clearTimeout(timer);
    request?.abort();
    timer = setTimeout(ask, WAIT);
  }

  function open() {
    if (document.activeElement !== input) before = document.activeElement;
    // Where the bar has no room for the box, it takes the whole screen.
    if (input.offsetParent === null) form.classList.add('is-open');
    input.focus();
    input.select();
  }

  function close() {
    hide();
    form.classList.remove('is-open');
  }

  input.addEventListener('input', (event) => {
    // What an input method still composes is not typed yet.
    if (!event.isComposing) soon();
  });
  input.addEventListener('compositionstart', () => {
    clearTimeout(timer);
    request?.abort();
  });
  input.addEventListener('compositionend', soon);
  input.addEventListener('focus', () => {
    if (!isOpen()) soon();
  });

  input.addEventListener('keydown', (event) => {
    if (event.isComposing || event.keyCode === 229) {
      // Enter takes the candidate of the input method; it must not send the form.
      if (event.key === 'Enter') event.stopPropagation();
      return;
    }
    const last = options().length - 1;
    const moves = { ArrowDown: active >= last ? 0 : active + 1, ArrowUp: active <= 0 ? last : active - 1 };
    if (active >= 0) Object.assign(moves, { Home: 0, End: last });
    if (event.key in moves) {
      if (!isOpen() || last < 0) {
        if (event.key === 'ArrowDown') soon();
        return;
      }
      event.preventDefault();
      choose(moves[event.key]);
    } else if (event.key === 'Enter' && isOpen() && active >= 0) {
      event.preventDefault();
      options()[active].click();
    } else if (event.key === 'Escape') {
      // The browser would empty the field.
      event.preventDefault();
      if (isOpen() && !form.classList.contains('is-open')) {
        hide();
      } else {
        close();
        (before?.isConnected ? before : document.body).focus();
        input.blur();
      }
    } else if (event.key === 'Tab') {
      hide();
    }
  });

  // The field keeps the focus while an option is clicked.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  form.addEventListener('focusout', (event) => {
    if (!form.contains(event.relatedTarget)) hide();
  });
  form.querySelector('.omni__close').addEventListener('click', close);
  document.querySelector('[data-omni-open]')?.addEventListener('click', (event) => {
    event.preventDefault();
    open();
  });
  document.addEventListener('keydown', (event) => {
    const isChord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (isChord && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      open();
    }
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) close();
  });
}

/** Says it once to a screen reader. */
function announce(words) {
  const region = document.querySelector('[data-announce]');
  if (region) region.textContent = words;
}
