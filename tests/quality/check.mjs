// Says how good the pages are: check.mjs READY_FILE SAMPLES_FOLDER REPORT_FOLDER. Ends with 1 when something is wrong.
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { createRequire } from "node:module";
import lighthouse, { desktopConfig } from "lighthouse";
import * as chrome from "chrome-launcher";
import puppeteer from "puppeteer-core";
import { Visitor } from "./visitor.mjs";
import { walks } from "./walk.mjs";

const HEAVIEST = 14336;
// A list of connections, mails or audit lines has the weight of its rows and filters besides, and the page of a connection that
// of what happened; up to fifty rows or entries stand on it.
const HEAVIEST_LIST = 20480;
const [readyFile, samples, out] = process.argv.slice(2);
const ready = JSON.parse(fs.readFileSync(readyFile, "utf8"));
const wrong = [];
const blame = (line) => {
  wrong.push(line);
  console.log(`  WRONG  ${line}`);
};

const walked = await walks(ready);
const served = path.join(out, "pages");
fs.rmSync(served, { recursive: true, force: true });
fs.mkdirSync(served, { recursive: true });
for (const page of walked.pages) fs.writeFileSync(path.join(served, `${page.file}.html`), page.html);

const sampleFiles = fs.readdirSync(samples).filter((file) => file.endsWith(".html")).sort();
if (sampleFiles.length < 50) blame(`only ${sampleFiles.length} samples were rendered`);
if (walked.pages.length < 40) blame(`only ${walked.pages.length} pages were served`);

console.log(`\nHTML by the W3C's checker: ${sampleFiles.length} samples, ${walked.pages.length} pages as served`);
const jar = String(createRequire(import.meta.url)("vnu-jar"));
const vnu = spawnSync("java", ["-jar", jar, "--format", "json", "--exit-zero-always", "--stdout", samples, served], { encoding: "utf8", maxBuffer: 1 << 28 });
if (vnu.status !== 0) throw new Error(`the checker did not run: ${vnu.stderr || vnu.error}`);
// A list without its signs is no list to VoiceOver unless it says so: the checker's advice would cost its users the list.
const kept = /^The “list” role is unnecessary for element “[ou]l”\.$/;
// Mail programs read no style sheets: a mail is laid out by tables with widths, as none of our pages is.
const ofMails = /presentational|obsolete|“supported-color-schemes”|attribute on the “(?:table|td|img|tr)” element/;
const isMail = (url) => path.basename(new URL(url).pathname).startsWith("mail-");
const told = new Map();
for (const one of JSON.parse(vnu.stdout).messages) {
  if ((one.type === "info" && one.subType !== "warning") || kept.test(one.message)) continue;
  if (isMail(one.url) && ofMails.test(one.message)) continue;
  const place = `${path.basename(new URL(one.url).pathname)}: ${(one.extract ?? "").replace(/\s+/g, " ")}`;
  told.set(one.message, [...(told.get(one.message) ?? []), place]);
}
for (const [message, places] of told) blame(`${message} (${places.length} times, first in ${places[0]})`);

console.log(`\nWeight, compressed, with style and script: at most ${HEAVIEST} bytes, a list at most ${HEAVIEST_LIST}`);
const assets = new Map();
async function assetBytes(html, origin) {
  let sum = 0;
  for (const [, url] of html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:css|js))"/g)) {
    if (!assets.has(url)) {
      const asset = await new Visitor(origin).opens(url);
      if (asset.status !== 200) blame(`${url}: ${asset.status}`);
      assets.set(url, asset.sent);
    }
    sum += assets.get(url);
  }
  return sum;
}
const weights = [];
for (const page of walked.pages) {
  const bytes = page.sent + (await assetBytes(page.html, ready[`${page.site}_url`]));
  weights.push([page.file, bytes]);
  const [rows, days] = [page.html.split("<tr").length, page.html.split('class="timeline"').length];
  const isList = page.site === "staff" && (rows > 2 || days > 1);
  if (bytes > (isList ? HEAVIEST_LIST : HEAVIEST)) blame(`${page.file}: ${bytes} bytes`);
}
// Samples are filled with names that nobody has, so their weight is told and not judged.
const ofSamples = [];
for (const file of sampleFiles) {
  const html = fs.readFileSync(path.join(samples, file), "utf8");
  ofSamples.push([file, gzipSync(html).length + (await assetBytes(html, ready.portal_url))]);
}
for (const [what, list] of [["page", weights], ["sample", ofSamples]]) {
  list.sort(([, a], [, b]) => b - a);
  for (const [name, bytes] of list.slice(0, 3)) console.log(`  heaviest ${what}: ${name}, ${bytes} bytes`);
}

console.log("\nLighthouse: performance (reported), accessibility and best practices (100 each)");
const chromePath = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
const flags = ["--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];
if (process.getuid() === 0) flags.push("--no-sandbox");
/** What is wrong with one page at one screen. */
async function scores(window, page, screen, config, isAgain = false) {
  const tab = await window.newPage();
  const line = await tab.createCDPSession();
  await line.send("Network.clearBrowserCache");
  await line.send("Network.clearBrowserCookies");
  for (const pair of page.cookie?.split("; ") ?? []) {
    const [name, value] = pair.split(/=(.*)/s);
    await line.send("Network.setCookie", { name, value, url: new URL(page.url).origin, path: "/", secure: true, httpOnly: true });
  }
  const onlyCategories = ["performance", "accessibility", "best-practices"];
  const run = await lighthouse(page.url, { disableStorageReset: true, onlyCategories, logLevel: "error" }, config, tab);
  await tab.close();
  const { categories, audits, finalDisplayedUrl, runtimeError } = run.lhr;
  fs.writeFileSync(path.join(out, `lighthouse-${page.title}-${screen}.json`), JSON.stringify(run.lhr));
  // The recorder of the browser misses a page now and then: that says nothing of the page, so it is measured anew, once.
  if (runtimeError?.code === "NO_NAVSTART" && !isAgain) return scores(window, page, screen, config, true);
  if (runtimeError) blame(`${page.title}, ${screen}: ${runtimeError.message}`);
  if (new URL(finalDisplayedUrl).pathname !== new URL(page.url).pathname) blame(`${page.title}: it leads to ${finalDisplayedUrl}`);
  const score = (id) => Math.round(100 * (categories[id].score ?? 0));
  console.log(`  ${page.title}, ${screen}: ${onlyCategories.map(score).join(" / ")}`);
  for (const id of onlyCategories.slice(1)) {
    if (score(id) === 100) continue;
    const lost = categories[id].auditRefs.filter((one) => one.weight > 0 && audits[one.id].score !== null && audits[one.id].score < 1);
    blame(`${page.title}, ${screen}, ${id} ${score(id)}: ${lost.map((one) => audits[one.id].title).join("; ")}`);
  }
}
const browser = await chrome.launch({ chromePath, chromeFlags: flags, logLevel: "silent" });
try {
  const window = await puppeteer.connect({ browserURL: `http://127.0.0.1:${browser.port}`, defaultViewport: null });
  for (const page of walked.scored) {
    await scores(window, page, "mobile", undefined);
    await scores(window, page, "desktop", desktopConfig);
  }
  await window.disconnect();
} finally {
  browser.kill();
}

console.log(wrong.length === 0 ? "\nEverything is as it should be." : `\n${wrong.length} things are wrong.`);
process.exit(wrong.length === 0 ? 0 : 1);
