// A browser without scripts: it keeps cookies, follows redirects and knows the forms of the page it is on.
import http from "node:http";
import { gunzipSync } from "node:zlib";

const entities = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Text with its entities read. */
function decoded(text) {
  return text.replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name) => {
    if (name.startsWith("#x")) return String.fromCodePoint(parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return entities[name] ?? whole;
  });
}

/** The attributes of a tag, by name. */
function attributes(tag) {
  const found = {};
  for (const [, name, value] of tag.matchAll(/\s([a-z-]+)(?:="([^"]*)")?/g)) found[name] = decoded(value ?? "");
  return found;
}

/** What a piece of HTML says. */
export const words = (html) => decoded(html.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();

/** The forms of a page: what each would send as it stands, and its buttons. */
export function forms(html) {
  return [...html.matchAll(/<form([^>]*)>(.*?)<\/form>/gs)].map(([, head, body]) => {
    const form = { method: "get", action: "", ...attributes(head), fields: new URLSearchParams(), buttons: [] };
    for (const [, tag, rest] of body.matchAll(/<(input|textarea|button)((?:\s[^>]*)?)>/g)) {
      const { name, value = "", type = "text", checked } = attributes(rest);
      if (tag === "button" || !name) continue;
      if (["radio", "checkbox"].includes(type) && checked === undefined) continue;
      form.fields.append(name, value);
    }
    for (const [, rest, inside] of body.matchAll(/<button((?:\s[^>]*)?)>(.*?)<\/button>/gs)) {
      form.buttons.push({ ...attributes(rest), says: words(inside) });
    }
    return form;
  });
}

/** The addresses that a page leads to. */
export const links = (html) => [...html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)].map(([, href]) => decoded(href));

export class Visitor {
  constructor(origin) {
    this.origin = origin;
    this.cookies = new Map();
  }

  /** What a browser sends as `Cookie`. */
  cookieLine() {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** One request, redirects within the site followed: status, address, type, text and its bytes on the line. */
  async asks(method, url, body) {
    for (let turn = 0; turn < 10; turn += 1) {
      const answer = await this.once(method, url, body);
      if (!answer.location) return answer;
      const to = new URL(answer.location, answer.url);
      if (to.origin !== this.origin) return answer;
      [method, url, body] = ["GET", to.href, undefined];
    }
    throw new Error(`redirects without end at ${url}`);
  }

  opens(path) {
    return this.asks("GET", path);
  }

  once(method, path, body) {
    const url = new URL(path, this.origin);
    const headers = { "accept-encoding": "gzip", cookie: this.cookieLine(), "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate" };
    if (body !== undefined) Object.assign(headers, { origin: this.origin, "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) });
    return new Promise((resolve, reject) => {
      const request = http.request(url, { method, headers, agent: false }, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          for (const line of response.headers["set-cookie"] ?? []) this.keeps(line);
          const raw = Buffer.concat(parts);
          const plain = response.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
          const { location, "content-type": type = "" } = response.headers;
          resolve({ status: response.statusCode, url: url.href, location, type, html: plain.toString("utf8"), sent: raw.length });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  keeps(line) {
    const [pair, ...rest] = line.split(";");
    const [name, value] = pair.split(/=(.*)/s);
    if (value === "" || rest.some((part) => /max-age=0/i.test(part))) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }

  /** Fills in the page's form that has a button with these words, and presses it. */
  async presses(page, button, typed = {}) {
    const form = forms(page.html).find((one) => one.buttons.some(({ says }) => says.includes(button)));
    if (!form) throw new Error(`${page.url} (${page.status}) has no button "${button}": ${words(page.html).slice(0, 400)}`);
    const fields = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(typed)) fields.set(name, value);
    const pressed = form.buttons.find(({ says }) => says.includes(button));
    if (pressed.name) fields.set(pressed.name, pressed.value ?? "");
    const to = new URL(form.action || page.url, page.url).href;
    if (form.method === "get") return this.opens(`${to.split("?")[0]}?${fields}`);
    return this.asks("POST", to, fields.toString());
  }
}
