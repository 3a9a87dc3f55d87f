// The queue by keyboard, for those who want it: single letters, which everybody can switch off on their own page. What a
// key does a link or a button of the page does, too. Nothing is caught while somebody types or holds another key.
const rows = [...document.querySelectorAll('[data-row]')];
const help = document.getElementById('keys');
const here = () => rows.findIndex(row => row.contains(document.activeElement));
const step = by => rows[Math.min(Math.max(here() + by, 0), rows.length - 1)]?.querySelector('a').focus();
const open = (key, place) => {
  const link = rows[here()]?.querySelector('a');
  if (link && help.dataset.opens.includes(key)) location.assign(link.href + place);
};
const press = name => rows[here()]?.querySelector(`button[name=${name}]`)?.click();
const view = word => document.querySelector(`.chips a[href$="view=${word}"]`)?.click();
const KEYS = {
  j: () => step(1), k: () => step(here() < 0 ? 1 : -1), 1: () => press('take'), 
  2: () => open('2', '/messages'), 3: () => open('3', '#close_reason'), h: () => press('snooze'),
  x: () => rows[here()]?.querySelector('input')?.click(),
  '/': () => document.getElementById('q').select(),
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
