// What is told while a page is open: the steps of a check, how far all mailboxes are, that a certificate was made, and that a secret goes. Comfort only, as app.js is.
const by = id => document.getElementById(id);
const say = text => dispatchEvent(new CustomEvent('say', { detail: text }));

// The steps of a check as they end. <section data-events="..."> around the list; the server sends `step` with
// {id, title, outcome, time}, and `run`, `decided` or `overtaken` when the page itself has more to show: then it is
// loaded anew. A stream that breaks off is resumed by the browser; one that is refused is asked for again, each time
// later, and the third time the page is loaded instead.
const SIGNS = {
  passed: ['ok', '✓', 'Passed'], warning: ['warn', '!', 'Passed with a warning'], failed: ['bad', '!', 'Failed'],
  running: ['now', '', 'Running'], skipped: ['', '–', 'Not run'],
};
const check = document.querySelector('[data-events]');

function mark(item, outcome) {
  const [kind, sign, word] = SIGNS[outcome], icon = item.querySelector('.ico');
  item.dataset.outcome = outcome;
  icon.className = `ico ${kind}`;
  icon.textContent = sign;
  icon.setAttribute('aria-label', word);
  return word;
}

function show(step) {
  const item = by(`step-${step.id}`);
  if (!item) return;
  say(`${step.title}: ${mark(item, step.outcome)}`);
  if (step.outcome !== 'skipped') item.querySelector('.dur').textContent = step.time;
  const next = check.querySelector('li[data-outcome="waiting"]');
  if (next && !check.querySelector('li[data-outcome="running"]')) mark(next, 'running');
}

function follow(refused) {
  const stream = new EventSource(check.dataset.events);
  const anew = () => { stream.close(); location.reload(); };
  stream.addEventListener('step', event => { refused = 0; show(JSON.parse(event.data)); });
  for (const name of ['run', 'decided', 'overtaken']) stream.addEventListener(name, anew);
  stream.addEventListener('error', () => {
    if (stream.readyState !== EventSource.CLOSED) return;
    setTimeout(() => refused < 2 ? follow(refused + 1) : anew(), 3000 * 2 ** refused);
  });
  addEventListener('pagehide', () => stream.close());
}

if (check) follow(0);

// How far the check of all mailboxes is: <section data-progress="..."> with a bar and a sentence. The server sends
// `progress` with {done, of, words}, and `ended`, after which the page is loaded anew.
const far = document.querySelector('[data-progress]');

function measure(refused) {
  const stream = new EventSource(far.dataset.progress);
  stream.addEventListener('progress', event => {
    const { done, of, words } = JSON.parse(event.data), bar = far.querySelector('progress');
    refused = 0;
    bar.max = of;
    bar.value = done;
    by('progress-words').textContent = words;
  });
  stream.addEventListener('ended', () => { stream.close(); location.reload(); });
  stream.addEventListener('error', () => {
    if (stream.readyState === EventSource.CLOSED && refused < 2) setTimeout(() => measure(refused + 1), 3000 * 2 ** refused);
  });
  addEventListener('pagehide', () => stream.close(), { once: true });
}

if (far) measure(0);

// A certificate that is being made: <form data-certificate="..."> asks for it as JSON until it is there, and then shows it
// beside what was typed. Texts go in as text. Whoever waits for more than two minutes has the button.
const made = document.querySelector('[data-certificate]');

async function arrive(tries) {
  const answer = await fetch(made.dataset.certificate, { headers: { accept: 'application/json' } }).catch(() => null);
  if (answer?.status === 200) {
    const parts = await answer.json();
    for (const name of Object.keys(parts)) by(`certificate-${name}`).textContent = parts[name];
    by('certificate-waits').hidden = true;
    by('certificate-here').hidden = false;
    say('Your certificate is here');
  } else if (tries > 1) setTimeout(() => arrive(tries - 1), 1500);
}

if (made) arrive(80);

// What stands on the page for so many seconds, and not for the way back either. By the clock: a computer that slept
// meanwhile has lost no second.
for (const shown of document.querySelectorAll('[data-goes]')) {
  const ends = Date.now() + Number(shown.dataset.goes) * 1000, left = by('left');
  let warned = false;
  const go = why => {
    clearInterval(beat);
    clearInterval(asks);
    shown.remove();
    left.textContent = `${why}The secret is gone from this page.`;
  };
  // Whether it may still stand here. A server that is away says nothing: then it goes at its time.
  const ask = async () => {
    const answer = await fetch(shown.dataset.while, { redirect: 'manual' }).catch(() => ({}));
    if (!shown.isConnected || ![0, 403, 404].includes(answer.status)) return;
    go('The access was stopped. ');
    say(left.textContent);
  };
  const count = () => {
    const seconds = Math.ceil((ends - Date.now()) / 1000);
    if (seconds <= 0) { go(''); say(left.textContent); return; }
    left.textContent = seconds === 1 ? '1 second left' : `${seconds} seconds left`;
    if (seconds <= 30 && !warned) { warned = true; say('30 seconds left'); }
  };
  const beat = setInterval(count, 1000), asks = setInterval(ask, 2000);
  count();
  addEventListener('visibilitychange', () => { if (shown.isConnected) count(); });
  addEventListener('pagehide', () => go(''));
}
