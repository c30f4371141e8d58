// Forms that keep what is typed: sent every few seconds while they change, so that a closed window or an ended session costs
// nothing. The form works without it; a post that meets an ended session is kept by the server all the same.

const SAVE_AFTER = 3_000;

for (const form of document.querySelectorAll('form[data-draft]')) keepDraftsOf(form);

function keepDraftsOf(form) {
  const place = form.querySelector('[data-draft-state]');
  let timer;
  let request;
  let isSent = false;

  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER);
  }

  async function save() {
    clearTimeout(timer);
    timer = undefined;
    if (isSent) return;
    request = new AbortController();
    try {
      const response = await fetch('/drafts', {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(new FormData(form)),
        signal: request.signal,
      });
      if (!place) return;
      if (response.ok) {
        const clock = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hour12: false });
        place.textContent = `${place.dataset.saved} ${clock}`;
      } else if (response.status === 401) {
        place.textContent = place.dataset.ended;
      }
    } catch {
      // Offline or sent meanwhile: the next change tries again.
    }
  }

  form.addEventListener('input', later);
  form.addEventListener('change', later);
  // A draft that arrives after its form was saved would come back as something unsaved.
  form.addEventListener('submit', () => {
    isSent = true;
    clearTimeout(timer);
    request?.abort();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden' && timer) save();
  });
  // Back from the page that the form led to: it may be typed on.
  window.addEventListener('pageshow', () => {
    isSent = false;
  });
}
