// The call screen: keys for results, scores and steps, and drafts that save themselves. The page works without it.

import { branch } from './branch.js';

const form = document.getElementById('call');
const allSteps = [...document.querySelectorAll('[data-step]')];
const SAVE_AFTER = 3_000;
const KEEP_ALIVE = 5 * 60_000;
let timer;
let isLost = false;

const ALT = {
  KeyY: () => yesNo('yes'),
  KeyN: () => yesNo('no'),
  KeyG: () => judge('satisfied'),
  KeyK: () => judge('acceptable'),
  KeyB: () => judge('dissatisfied'),
  KeyW: toWords,
  KeyM: () => toField('note'),
};

function isField(target) {
  return target.closest('textarea, select, input:not([type=radio], [type=checkbox])') !== null;
}

function onKey(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    document.querySelector('[data-save-next]').click();
    return;
  }
  if (event.altKey && /^Digit\d$/.test(event.code)) {
    event.preventDefault();
    score(event.code.slice(5));
    return;
  }
  const alt = event.altKey && ALT[event.code];
  if (alt) {
    event.preventDefault();
    alt();
    return;
  }
  if (event.altKey || event.ctrlKey || event.metaKey || isField(event.target)) return;
  if (/^[1-7]$/.test(event.key)) {
    event.preventDefault();
    document.querySelector(`[data-outcome="${event.key}"]`)?.click();
  } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
    if (event.target.closest('input')) return;
    event.preventDefault();
    go(event.key === 'ArrowRight' ? 1 : -1);
  }
}

/** A digit answers the scale that has the focus, else the first one not answered; Alt+0 is ten points after a one. */
function score(digit) {
  const focused = document.activeElement.closest('.scale__row');
  const open = [...document.querySelectorAll('.scale__row')].filter((row) => row.offsetParent !== null);
  const row = focused ?? open.find((scale) => !scale.querySelector(':checked')) ?? open[0];
  const radio = row?.querySelector(`input[value="${digit}"]`);
  if (!radio) return;
  radio.focus();
  radio.click();
}

/** Answers the yes or no that has the focus, else the first one not answered that is asked. */
function yesNo(value) {
  const focused = document.activeElement.closest('.ask')?.querySelector('.segmented');
  const open = [...document.querySelectorAll('.ask .segmented')].filter((row) => row.offsetParent !== null);
  const row = focused ?? open.find((answers) => !answers.querySelector(':checked')) ?? open[0];
  const radio = row?.querySelector(`input[value="${value}"]`);
  radio?.focus();
  radio?.click();
}

/** Answers the verdict on a case that has the focus, else the first one not answered. */
function judge(value) {
  const focused = document.activeElement.closest('[data-verdict]');
  const all = [...document.querySelectorAll('[data-verdict]')];
  const row = focused ?? all.find((verdict) => !verdict.querySelector(':checked')) ?? all[0];
  const radio = row?.querySelector(`input[value="${value}"]`);
  radio?.focus();
  radio?.click();
}

/** The customer's words: about each case in turn, then about the call. */
function toWords() {
  const fields = [...document.querySelectorAll('[data-own-words]'), document.getElementById('words')].filter(Boolean);
  const next = fields[(fields.indexOf(document.activeElement) + 1) % fields.length];
  if (next) toField(next.id);
}

/** Opens the step of a field and puts the cursor there. */
function toField(id) {
  const field = document.getElementById(id);
  const step = field?.closest('details');
  if (step) step.open = true;
  field?.focus();
}

/** The next or the previous step becomes the current one; one that is not asked is passed over. */
function go(by) {
  const steps = allSteps.filter((step) => !step.hidden || step.getAttribute('aria-current') === 'step');
  const at = steps.findIndex((step) => step.getAttribute('aria-current') === 'step');
  const next = steps[Math.min(Math.max(at + by, 0), steps.length - 1)];
  if (!next || next === steps[at]) return;
  if (at >= 0) {
    steps[at].removeAttribute('aria-current');
    steps[at].classList.toggle('is-done', by > 0);
    if (!steps[at].querySelector('input, textarea')) steps[at].querySelector('details').open = false;
  }
  next.setAttribute('aria-current', 'step');
  next.classList.remove('is-done');
  next.querySelector('details').open = true;
  next.scrollIntoView({ block: 'nearest' });
}

function say(words) {
  const place = document.querySelector('[data-draft-state]');
  if (place) place.textContent = words;
}

async function save() {
  clearTimeout(timer);
  if (isLost || form.dataset.sent) return;
  try {
    const response = await fetch(`${form.getAttribute('action')}/draft`, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(new FormData(form)),
    });
    if (response.ok) {
      const clock = new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hour12: false });
      say(`${form.dataset.saved} ${clock}`);
    } else if (response.status === 409) {
      isLost = true;
      say(form.dataset.lost);
    }
  } catch {
    // The network is away: the next change tries again.
  }
}

function onChange(event) {
  if (event.target.form !== form) return;
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_AFTER);
}

/** After a refused save: the first field to mend is in view and has the focus. */
function mend() {
  if (!document.querySelector('[data-errors]')) return;
  const error = document.querySelector('.error');
  for (let box = error?.closest('details'); box; box = box.parentElement.closest('details')) box.open = true;
  const field = error?.closest('.field')?.querySelector('input, textarea, select');
  field?.focus({ preventScroll: true });
  error?.scrollIntoView({ block: 'center' });
}

branch();
mend();
document.addEventListener('keydown', onKey);
document.addEventListener('input', onChange);
setInterval(save, KEEP_ALIVE);
