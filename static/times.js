// Times as the reader's own clock shows them. Ours stay in the title, and on the page without scripts. What people wrote
// and what servers said is left as it is. Whoever puts a time onto the page later tells it by "times".
const OURS = /(\d{1,2} [A-Z][a-z]+ \d{4}, )?(\d\d:\d\d(:\d\d)?) UTC/;
const NOT_OURS = 'pre, code, textarea, .prose';
function localTimes(root) {
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) if (OURS.test(walk.currentNode.data) && !walk.currentNode.parentElement.closest(NOT_OURS)) found.push(walk.currentNode);
  found.forEach(localTime);
}
function localTime(text) {
  const said = OURS.exec(text.data);
  if (!said) return;
  const [ours, day, clock, seconds] = said, inTime = text.parentElement.closest('time');
  const at = new Date(inTime?.dateTime || `${day ?? new Date().toUTCString().slice(5, 16)} ${clock} UTC`);
  const rest = text.splitText(said.index);
  const after = rest.splitText(ours.length);
  // Where nothing is another there is nothing to tell.
  if (at.getTimezoneOffset()) {
    const time = inTime ?? document.createElement('time');
    time.dateTime ||= at.toISOString();
    time.title = ours;
    if (!inTime) rest.replaceWith(time), time.append(rest);
    rest.data = (day ? `${at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })}, ` : '')
      + at.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', second: seconds && '2-digit', timeZoneName: 'short' });
  }
  localTime(after);
}
localTimes(document.body);
addEventListener('times', event => localTimes(event.detail));
