// A guest's browser without a screen and without scripts: cookies, redirects, forms. What it can do, anyone can.

import assert from "node:assert/strict";
import http from "node:http";
import { load } from "./harness.mjs";

const { parse } = await load("node-html-parser");

export class Guest {
  /** By host name: cookies ignore the port (RFC 6265 §8.5). */
  #jar = new Map();

  constructor(headers = {}) {
    this.headers = { accept: "text/html", ...headers };
  }

  open(url) {
    return this.#follow(new URL(url), { method: "GET" });
  }

  /** Submits a form, as its first button would. */
  submit(page, form, values = {}) {
    const fields = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(values)) fields.set(name, value);
    if (form.method === "POST") {
      const type = "application/x-www-form-urlencoded";
      return this.#follow(form.action, { method: "POST", body: fields.toString(), headers: { "content-type": type } });
    }
    const url = new URL(form.action);
    url.search = fields.toString();
    return this.#follow(url, { method: "GET" });
  }

  /** Walks through whatever the provider asks, until the browser is back at an app. */
  async signIn(page, vestibule, address) {
    for (let step = 0; page.url.origin === vestibule.issuer; step += 1) {
      assert(step < 8, `signing in does not end, now at ${page.url}`);
      page = await this.#step(page, vestibule, address);
    }
    return page;
  }

  async #step(page, vestibule, address) {
    assert.equal(page.status, 200, `${page.url} says ${page.status}: ${page.text}`);
    const [form] = page.forms;
    if (!form) return this.open(page.button());
    const email = form.input((input) => input.getAttribute("type") === "email");
    if (email) return this.submit(page, form, { [email]: address });
    const code = form.input((input) => input.getAttribute("autocomplete") === "one-time-code");
    if (code) return this.submit(page, form, { [code]: await vestibule.code(address) });
    return this.submit(page, form);
  }

  async #follow(url, { method, body, headers = {} }) {
    const hops = [];
    for (let hop = 0; hop < 20; hop += 1) {
      const all = { ...this.headers, ...headers, cookie: this.#cookies(url) };
      const answer = await request(url, method, all, body);
      this.#remember(url, answer.headers["set-cookie"] ?? []);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || !location) return new Page(url, answer);
      hops.push(url);
      url = new URL(location, url);
      // After 307 and 308 the request is repeated as it was; after 302 and 303 browsers get (Fetch §4.4).
      if (![307, 308].includes(answer.status)) [method, body, headers] = ["GET", undefined, {}];
    }
    throw new Error(`too many redirects: ${hops.join(" → ")}`);
  }

  #cookies(url) {
    const cookies = this.#jar.get(url.hostname) ?? new Map();
    return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  #remember(url, lines) {
    const cookies = this.#jar.get(url.hostname) ?? new Map();
    for (const line of lines) {
      const [pair, ...attributes] = line.split(";");
      const name = pair.slice(0, pair.indexOf("=")).trim();
      const gone = attributes.some((a) => /^\s*max-age=(0|-.*)\s*$/i.test(a) || /expires=.*1970/i.test(a));
      if (gone) cookies.delete(name);
      else cookies.set(name, pair.slice(pair.indexOf("=") + 1));
    }
    this.#jar.set(url.hostname, cookies);
  }
}

/** One request. Not by `fetch`, which says that it is no navigation: some apps answer that with a plain 401. */
function request(url, method, headers, body = "") {
  return new Promise((resolve, reject) => {
    const length = method === "POST" ? { "content-length": Buffer.byteLength(body) } : {};
    const sent = http.request(url, { method, headers: { ...headers, ...length } }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What a browser shows. */
export class Page {
  constructor(url, { status, headers, body }) {
    Object.assign(this, { url, status, headers, body });
    this.html = parse(body);
  }

  get text() {
    const main = this.html.querySelector("main") ?? this.html;
    return main.structuredText.replace(/\s+/g, " ").trim().slice(0, 2_000);
  }

  json() {
    return JSON.parse(this.body);
  }

  /** The forms of the page's main part; a language choice in the footer is none of them. */
  get forms() {
    const main = this.html.querySelector("main") ?? this.html;
    return main.querySelectorAll("form").map((form) => new Form(form, this.url));
  }

  /** Where a link that looks like a button leads. */
  button() {
    const link = this.html.querySelector("main a.button");
    assert(link, `a dead end at ${this.url}: ${this.text}`);
    return new URL(link.getAttribute("href"), this.url);
  }
}

class Form {
  constructor(element, base) {
    this.method = (element.getAttribute("method") ?? "get").toUpperCase();
    this.action = new URL(element.getAttribute("action") ?? "", base);
    this.inputs = element.querySelectorAll("input, textarea, select");
    const buttons = element.querySelectorAll("button, input[type=submit]");
    this.fields = this.inputs
      .concat(buttons.slice(0, 1))
      .filter((input) => input.getAttribute("name"))
      .filter((input) => input.getAttribute("type") !== "checkbox" || input.hasAttribute("checked"))
      .map((input) => [input.getAttribute("name"), input.getAttribute("value") ?? ""]);
  }

  /** The name of the first input that answers to `test`. */
  input(test) {
    return this.inputs.find(test)?.getAttribute("name");
  }
}
