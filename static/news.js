// News for a page of our people: that there is more than it shows, and that it hears nothing any more. Comfort only, as app.js is.
const say = text => dispatchEvent(new CustomEvent('say', { detail: text }));

// A page of our people: <p data-news="..."> is told once that there is more, and shows the first of what it holds back; with
// data-anew the page follows the link there by itself while nobody types. The second one says since when nothing is heard; a
// stream that the server ended in order is back before that.
const news = document.querySelector('[data-news]');
let unheard, stream, typed = false;
const types = () => typed || document.activeElement?.matches('input:not([type="hidden"]), textarea, select');

function miss() {
  if (unheard) return;
  const since = unheard = new Date(), lost = news.children[1];
  setTimeout(() => {
    if (unheard !== since) return;
    const time = document.createElement('time');
    lost.querySelector('b').replaceChildren(time);
    time.dateTime = since.toISOString();
    time.textContent = `${time.dateTime.slice(11, 16)} UTC`;
    dispatchEvent(new CustomEvent('times', { detail: time }));
    lost.hidden = false;
    say('This page is not live any more');
  }, 8000);
}

// A browser opens six connections to a site, so six tabs that listen would leave none for the next page: only a tab that
// somebody sees listens. The stream says at once what came since the page was written.
function watch(refused) {
  stream?.close();
  if (document.hidden || !news.firstElementChild.hidden) { unheard = null; return; }
  stream = new EventSource(news.dataset.news);
  stream.addEventListener('open', () => { refused = 0; unheard = null; news.children[1].hidden = true; });
  stream.addEventListener('changed', () => {
    stream.close();
    const told = news.firstElementChild;
    if ('anew' in news.dataset && !types()) { location.replace(told.querySelector('a').href); return; }
    told.hidden = false;
    say(told.firstChild.textContent.trim());
  });
  stream.addEventListener('error', () => {
    miss();
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => watch(refused + 1), Math.min(3000 * 2 ** refused, 60000));
  });
}

if (news) {
  watch(0);
  addEventListener('input', () => { typed = true; });
  addEventListener('pagehide', () => stream?.close());
  addEventListener('pageshow', event => { if (event.persisted) watch(0); });
  document.addEventListener('visibilitychange', () => watch(0));
}
