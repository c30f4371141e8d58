// Ctrl Enter saves the file and opens the next one, from any field. Without this the button does.

function onKey(event) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  const form = document.querySelector('form[data-review]');
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector('button[value="save"]'));
}

document.addEventListener('keydown', onKey);
