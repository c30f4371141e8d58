// Copies the value of a field: <button hidden data-copy="id of the field" data-copied="what it says then">.
// Without a clipboard (plain HTTP on the local network) the button stays away and the field can be selected.

for (const button of document.querySelectorAll('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy);
  field?.addEventListener('focus', () => field.select());
  if (!field || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(field.value);
    const said = button.querySelector('span');
    said.textContent = button.dataset.copied;
    document.querySelector('[data-announce]').textContent = button.dataset.copied;
  });
}
