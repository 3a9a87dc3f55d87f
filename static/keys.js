// The queue and a connection by keyboard, for those who want it: single letters, which everybody can switch off on their own page. What a
// key does a link or a button of the page does, too. Nothing is caught while somebody types or holds another key.
const rows = [...document.querySelectorAll('[data-row]')];
const help = document.getElementById('keys');
// Where somebody was when a press loaded the page anew: at the same row, or before the one that stands in its place.
let last = -1;
const was = JSON.parse(sessionStorage.getItem('row') ?? 'null');
sessionStorage.removeItem('row');
if (was && rows.length) {
  const same = rows.findIndex(row => row.id === was.id);
  last = same < 0 ? Math.min(was.at, rows.length) - 1 : same;
  if (same >= 0 && !document.querySelector('.errors')) rows[same].querySelector('a').focus({ preventScroll: true });
}
const here = () => {
  const at = rows.findIndex(row => row.contains(document.activeElement));
  if (at >= 0) last = at;
  return at;
};
const step = by => rows[Math.min(Math.max((here(), last) + by, 0), rows.length - 1)]?.querySelector('a').focus();
const open = (key, place) => {
  const link = rows[here()]?.querySelector('a');
  if (link && help.dataset.opens.includes(key)) location.assign(link.href + place);
};
const press = name => {
  const at = here(), button = rows[at]?.querySelector(`button[name=${name}]`);
  if (!button) return;
  sessionStorage.setItem('row', JSON.stringify({ at, id: rows[at].id }));
  button.click();
};
const view = word => location.assign(`/?view=${word}`);
const note = () => {
  const part = document.getElementById('note');
  if (part) part.open = true;
  part?.querySelector('textarea').focus();
};
const write = () => { if (help.dataset.write) location.assign(help.dataset.write); };
const KEYS = {
  j: () => step(1), k: () => step(here() < 0 && last < 0 ? 1 : -1), 1: () => press('take'),
  2: () => open('2', '/messages'), 3: () => open('3', '#close_reason'), h: () => press('snooze'),
  x: () => rows[here()]?.querySelector('input')?.click(),
  n: note, e: write,
  '/': () => document.getElementById('q')?.select(),
  '?': () => { help.open = true; help.firstElementChild.focus(); },
  gq: () => view('needs'), gm: () => view('mine'),
};
let before = '', forget;

addEventListener('keydown', event => {
  const { key, target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || target.closest('input:not(.pick), select, textarea')) return;
  const does = KEYS[before + key];
  before = key === 'g' ? 'g' : '';
  clearTimeout(forget);
  forget = setTimeout(() => { before = ''; }, 1500);
  if (!does) return;
  event.preventDefault();
  does();
});
