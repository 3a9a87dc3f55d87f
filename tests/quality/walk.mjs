// Walks through a running demo as an office and as one of our own people, and keeps every page it is shown.
import fs from "node:fs";
import path from "node:path";
import { Visitor, links } from "./visitor.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const hex = /[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{26}/g;

/** The credential of a sample as it is typed into the form. */
function typed(input) {
  const values = Object.fromEntries(
    [...input.matchAll(/^(\w+) = (?:"(.*)"|'(.*)')$/gm)].map(([, name, one, two]) => [name, (one ?? two).replaceAll("\\\\", "\\")]),
  );
  const [year, month, day] = values.secret_expires_on.split("-").map((part) => String(Number(part)));
  return {
    tenant: values.tenant_id,
    client_id: values.client_id,
    client_secret: values.client_secret,
    ends_year: year,
    ends_month: month,
    ends_day: day,
    test_mailbox: values.test_mailbox,
  };
}

/** Every page that was shown, by a name. */
export class Album {
  pages = [];

  keeps(site, name, page) {
    if (!page.type.startsWith("text/html")) return page;
    const file = `${site}-${name}`.replace(/[^\w.-]+/g, "-");
    if (!this.pages.some((one) => one.file === file)) this.pages.push({ file, site, ...page });
    return page;
  }
}

/** Follows every link from here, each kind of address once. */
async function crawls(album, site, visitor, from, round) {
  const seen = new Set();
  const todo = [from];
  while (todo.length > 0) {
    const at = new URL(todo.shift(), visitor.origin);
    const kind = decodeURIComponent(at.pathname + at.search).replace(hex, "ID");
    if (at.origin !== visitor.origin || seen.has(kind) || seen.size > 400 || at.pathname.endsWith("/events")) continue;
    seen.add(kind);
    const page = album.keeps(site, `${round}${kind}`, await visitor.opens(at.pathname + at.search));
    if (page.status >= 500) throw new Error(`${site} ${kind}: ${page.status}`);
    if (page.type.startsWith("text/html")) todo.push(...links(page.html));
  }
}

/** The code of the newest mail to an address. */
async function code(ready, address) {
  for (let turn = 0; turn < 600; turn += 1) {
    for (const file of fs.readdirSync(ready.mail_dir).sort().reverse()) {
      if (!file.endsWith(".eml")) continue;
      const mail = fs.readFileSync(path.join(ready.mail_dir, file), "utf8");
      const found = mail.includes(address) && mail.match(/^([0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4})\r?$/m);
      if (found) return found[1];
    }
    await pause(100);
  }
  throw new Error(`no code for ${address}`);
}

/** An office from the first page to the end of its check; gives its visitor and what it passed. */
async function office(album, ready, name) {
  const sample = ready.samples.find((one) => one.name === name);
  const visitor = new Visitor(ready.portal_url);
  const keep = (title, page) => album.keeps("portal", `${name}-${title}`, page);
  let page = keep("sign-in", await visitor.opens("/sign-in"));
  keep("sign-in-refused", await visitor.presses(page, "E-mail me a code", { email: "nobody" }));
  page = keep("code", await visitor.presses(page, "E-mail me a code", { email: sample.admin_email }));
  keep("code-refused", await visitor.presses(page, "Sign in", { code: "00000000" }));
  page = keep("start", await visitor.presses(page, "Sign in", { code: await code(ready, sample.admin_email) }));
  keep("start-refused", await visitor.presses(page, "Begin"));
  keep("overview-empty", await visitor.presses(page, "Begin", { company: sample.company, contact: sample.person }));
  page = keep("new-connection", await visitor.opens("/connections/new"));
  keep("new-connection-refused", await visitor.presses(page, "Continue"));
  page = keep("answers", await visitor.presses(page, "Continue", { name: "Main office", kind: sample.kind }));
  const connection = new URL(page.url).pathname.replace(/\/answers$/, "");
  keep("answers-refused", await visitor.presses(page, "Continue", { tenant: "our tenant", ends_month: "13" }));
  await crawls(album, "portal", visitor, `${connection}/guide`, `${name}-before`);
  page = await visitor.opens(`${connection}/answers`);
  page = keep("review", await visitor.presses(page, "Continue", typed(sample.input)));
  page = keep("status-live", await visitor.presses(page, "Submit credentials"));
  for (let turn = 0; turn < 300 && /data-events=|Queued|Being checked/.test(page.html); turn += 1) {
    await pause(200);
    page = await visitor.opens(connection);
  }
  keep("status", page);
  await crawls(album, "portal", visitor, connection, name);
  return { visitor, connection };
}

/** One of our own people, by the company's sign-in; gives its visitor. */
async function colleague(album, ready, name) {
  const visitor = new Visitor(ready.staff_url);
  const door = album.keeps("staff", "door", await visitor.opens("/"));
  const begin = links(door.html).find((href) => href.includes("sign-in"));
  const away = await visitor.opens(begin);
  const company = new Visitor(new URL(away.location).origin);
  const back = await company.presses(await company.opens(away.location), name);
  await visitor.opens(back.location);
  await crawls(album, "staff", visitor, "/?view=all", name);
  return visitor;
}

/** The address of a page that one of our people was shown: of the first whose path fits. */
function shown(album, fits) {
  const page = album.pages.find((one) => one.site === "staff" && one.status === 200 && fits.test(new URL(one.url).pathname));
  if (!page) throw new Error(`no page of the staff site has an address like ${fits}`);
  return new URL(page.url).pathname;
}

/** Every page of the demo, and the pages whose quality is scored, with the cookies that open them. */
export async function walks(ready) {
  const album = new Album();
  await crawls(album, "portal", new Visitor(ready.portal_url), "/", "public");
  const failed = await office(album, ready, "secret-wrong");
  const healthy = await office(album, ready, "healthy");
  const reviewer = await colleague(album, ready, "Dana Reyes");
  const auditor = await colleague(album, ready, "Ines Falk");
  const again = await failed.visitor.opens(failed.connection);
  await failed.visitor.presses(again, "attempt 2");
  await crawls(album, "portal", failed.visitor, failed.connection, "second");
  const of = (who, title, at) => ({ title, url: ready.portal_url + at, cookie: who?.visitor.cookieLine() });
  const ours = (visitor, title, at) => ({ title, url: ready.staff_url + at, cookie: visitor.cookieLine() });
  return {
    pages: album.pages,
    scored: [
      of(undefined, "landing", "/"),
      of(failed, "guide", `${failed.connection}/guide`),
      of(failed, "form", `${failed.connection}/answers`),
      of(healthy, "status", healthy.connection),
      ours(reviewer, "queue", "/"),
      ours(reviewer, "staff-connection", shown(album, /^\/connections\/[^/]+$/)),
      ours(reviewer, "staff-check", shown(album, /^\/connections\/[^/]+\/checks\/[^/]+$/)),
      ours(reviewer, "figures", "/figures"),
      ours(reviewer, "mails", shown(album, /^\/mails$/)),
      ours(auditor, "audit", shown(album, /^\/audit$/)),
    ],
  };
}
