// Reveals a masked number in place and masks it again after half a minute. Without this the form opens the customer's page.

const SHOWN_FOR = 30_000;

async function reveal(event) {
  const form = event.target;
  if (!form.matches('form[data-reveal]')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.classList.contains('is-open')) {
    mask(form);
    return;
  }
  if (form.dataset.busy) return;
  form.dataset.busy = 'true';
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!response.ok) throw new Error(response.statusText);
    show(form, (await response.json()).number);
  } catch {
    form.submit();
  } finally {
    delete form.dataset.busy;
  }
}

function show(form, number) {
  const text = form.querySelector('.phone__n');
  form.dataset.masked = text.textContent;
  text.textContent = number;
  form.classList.add('is-open');
  form.querySelector('use')?.setAttribute('href', icon(form, 'eye-off'));
  form.dataset.timer = setTimeout(() => mask(form), SHOWN_FOR);
}

function mask(form) {
  clearTimeout(Number(form.dataset.timer));
  form.querySelector('.phone__n').textContent = form.dataset.masked;
  form.classList.remove('is-open');
  form.querySelector('use')?.setAttribute('href', icon(form, 'eye'));
}

/** The same sprite with another symbol. */
function icon(form, name) {
  const href = form.querySelector('use')?.getAttribute('href') ?? '';
  return href.replace(/#.*$/, `#i-${name}`);
}

document.addEventListener('submit', reveal, { capture: true });
