// Boxes that Ctrl Enter sends. The button beside them does the same.

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  const box = event.target.closest('textarea[data-send]');
  if (!box) return;
  event.preventDefault();
  box.form.requestSubmit();
});
