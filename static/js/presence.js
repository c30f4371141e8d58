// Says every few seconds that this call is open here, and shows who else has it open.

const place = document.querySelector('[data-presence]');
const EVERY = 10_000;

async function beat() {
  if (document.hidden) return;
  try {
    const response = await fetch(place.dataset.presence, { method: 'POST', headers: { accept: 'text/html' } });
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      place.replaceChildren(...page.body.childNodes);
    }
  } catch {
    // The network is away: the next beat tries again.
  }
}

if (place) {
  setInterval(beat, EVERY);
  document.addEventListener('visibilitychange', beat);
}
