// Copies the text of the field that data-copy names. Without it the text can be selected by hand.

for (const button of document.querySelectorAll('button[data-copy]')) {
  const field = document.getElementById(button.dataset.copy);
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value);
    button.querySelector('span').textContent = button.dataset.copied;
    const region = document.querySelector('[data-announce]');
    if (region) region.textContent = button.dataset.copied;
  });
}
