// Paper: the button asks the browser to print. Ctrl P does the same.

for (const button of document.querySelectorAll('[data-print]')) {
  button.addEventListener('click', () => window.print());
}
