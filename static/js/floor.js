// The board renews itself: the server sends it as it would print it, and it takes the place of the one shown.

const board = document.querySelector('[data-live]');
const on = document.querySelector('[data-live-on]');
const lost = document.querySelector('[data-live-lost]');

/** Puts the board in, and the focus back where it was. */
function show(html) {
  const focused = board.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const page = new DOMParser().parseFromString(html, 'text/html');
  board.replaceChildren(...page.body.childNodes);
  if (focused) board.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

/** The figures stand still: says so, and offers the page anew. */
function stop(source) {
  source.close();
  on.hidden = true;
  lost.hidden = false;
}

if (board && window.EventSource) {
  const source = new EventSource(board.dataset.live);
  source.addEventListener('board', (event) => {
    on.hidden = false;
    show(event.data);
  });
  source.addEventListener('ended', () => stop(source));
  // A line that is merely cut is opened again by the browser; one that is refused is not.
  source.addEventListener('error', () => {
    on.hidden = true;
    if (source.readyState === EventSource.CLOSED) stop(source);
  });
  window.addEventListener('pagehide', () => source.close());
  window.addEventListener('pageshow', (event) => event.persisted && location.reload());
}
