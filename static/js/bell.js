// The bell counts what is unread. Its line is open while the page is seen, so that many tabs do not keep many lines.

const bell = document.querySelector('[data-bell]');
let source;

/** The event says the number, then the words of the bell. */
function show(text) {
  const count = Number.parseInt(text, 10);
  const badge = bell.querySelector('.count');
  const rose = count > Number(badge.textContent);
  badge.textContent = count;
  badge.hidden = count === 0;
  const words = text.slice(String(count).length + 1);
  bell.setAttribute('aria-label', words);
  if (rose) document.querySelector('[data-announce]').textContent = words;
}

function close() {
  source?.close();
  source = undefined;
}

function follow() {
  if (document.hidden) return close();
  if (source) return;
  source = new EventSource(bell.dataset.bell);
  source.addEventListener('count', (event) => show(event.data));
  source.addEventListener('ended', close);
}

if (bell && window.EventSource) {
  document.addEventListener('visibilitychange', follow);
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', follow);
  follow();
}
