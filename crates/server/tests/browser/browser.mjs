// Debian's Chromium, driven by playwright-core; what every page must hold: axe-core finds nothing, the console
// stays silent, nothing comes from elsewhere, and it fits a small phone.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";
import { ROOT, TOOLS, callbackServer, load, onEachDatabase } from "../clients/harness.mjs";

const { chromium } = (await load("playwright-core")).default;
const AXE = readFileSync(createRequire(join(TOOLS, "node/package.json")).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const CONTRAST = { type: "rule", values: ["color-contrast", "link-in-text-block"] };
export const SHOTS = join(ROOT, "target/screenshots");
mkdirSync(SHOTS, { recursive: true });

/** A phone: the narrowest that WCAG 1.4.10 asks for. */
export const PHONE = { viewport: { width: 320, height: 640 } };

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", // root has none; every page is our own
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Runs a suite on each database with Chromium and an app that admits any guest: `{ vestibule, browser, app, notes }`. */
export function inBrowser(title, suite, options = {}) {
  onEachDatabase(title, (vestibule) => {
    const world = { vestibule };
    before(async () => {
      world.browser = await launch();
      world.app = await callbackServer();
      world.notes = await vestibule.addApp("Acme Notes", { redirectUri: world.app.redirectUri, access: "any-guest" });
    });
    after(async () => {
      await world.browser?.close();
      await world.app?.close();
    });
    suite(world);
  }, options);
}

/** A page in a browser of its own: what the console says about our pages is collected in `page.complaints`. */
export async function visitor(browser, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.complaints = [];
  page.requests = [];
  page.on("console", (message) => {
    // Chromium reports every answer of 400 and above as an error; statuses are asserted where they matter.
    const status = message.text().startsWith("Failed to load resource: the server responded with a status");
    if (["error", "warning"].includes(message.type()) && !status) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("request", (request) => page.requests.push(request.url()));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    if (!reason.includes("ERR_ABORTED")) page.complaints.push(`${request.url()}: ${reason}`);
  });
  return page;
}

/** Where axe-core has seen a state: the page looks the same at a server on the other database. */
const seenByAxe = new Map();

/** What must hold for a page in every state, in light and in dark. Takes a screenshot of each unless told not to. */
export async function inspect(page, name, { takesShots = true } = {}) {
  const seen = await page.evaluate(look);
  assert.ok(seen.title, `${name} has a title`);
  assert.ok(seen.lang, `${name} has a language`);
  assert.ok(seen.dir, `${name} has a direction`);
  assert.equal(seen.headings, 1, `${name} has one h1`);
  assert.ok(seen.overflow <= 0, `${name} scrolls sideways by ${seen.overflow} px`);
  assert.ok(seen.spaced <= 0, `${name} scrolls sideways by ${seen.spaced} px with the text spacing of WCAG 1.4.12`);
  assert.deepEqual(seen.small, [], `${name}: too small to touch`);
  assert.deepEqual(seen.inline, [], `${name}: inline styles or scripts`);
  const { origin } = new URL(page.url());
  if (!seenByAxe.has(name)) seenByAxe.set(name, origin);
  if (seenByAxe.get(name) === origin) {
    await page.evaluate(AXE);
    // What is dark differs in its colours alone.
    for (const [colorScheme, rules] of [["light", WCAG], ["dark", CONTRAST]]) {
      await page.emulateMedia({ colorScheme });
      if (takesShots) await page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}.png`), fullPage: true });
      assert.deepEqual(await axe(page, rules), [], `axe at ${name}, ${colorScheme}`);
    }
    await page.emulateMedia({ colorScheme: null });
  }
  assert.deepEqual(page.complaints, [], `${name}: the console is silent`);
  return seen;
}

/** Runs in the page. */
function look() {
  const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const spacing = new CSSStyleSheet();
  spacing.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }");
  const plain = overflow();
  document.adoptedStyleSheets = [spacing];
  const spaced = overflow();
  document.adoptedStyleSheets = [];
  return {
    title: document.title,
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    headings: document.querySelectorAll("h1").length,
    overflow: plain,
    spaced,
    // WCAG 2.5.5 asks for 44 px; links in sentences are left out.
    small: [...document.querySelectorAll("button, input:not([type=hidden]):not([type=checkbox]):not([type=radio])")]
      .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 43.5)
      .map((element) => element.outerHTML),
    inline: [...document.querySelectorAll("[style], style, script:not([src])")].map((element) => element.outerHTML),
  };
}

/** What axe-core finds. It comes in by the debugger, so the page's own policy stays as it is. */
async function axe(page, rules) {
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), rules);
  return violations.map(({ id, help, nodes }) => ({
    [`${id}: ${help}`]: nodes.map(({ html, failureSummary }) => `${html} – ${failureSummary}`),
  }));
}
