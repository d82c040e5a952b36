// Every page in every state and language, as the pages' own tests write them down: what is rare in a flow is looked at as well.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ROOT, Vestibule } from "../clients/harness.mjs";
import { PHONE, inspect, launch, visitor } from "./browser.mjs";

/** `[{ name, language, html }]`, written by the tests of `passcode-login`. */
const GALLERY = join(ROOT, "target/gallery.json");

describe("the gallery", () => {
  const pages = JSON.parse(readFileSync(GALLERY, "utf8"));
  const languages = [...new Set(pages.map(({ language }) => language))];
  // Its style sheet and its scripts come from a server; the pages hold no data, so one database is enough.
  const vestibule = new Vestibule("sqlite", "gallery");
  let browser;
  before(async () => {
    await vestibule.start();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await vestibule.stop();
  });

  test("has every language", () => {
    const counted = languages.map((language) => pages.filter((page) => page.language === language).length);
    assert.ok(languages.length >= 2 && counted.every((count) => count === counted[0] && count > 50), `${counted}`);
  });

  for (const language of languages) {
    test(`in ${language}`, async (t) => {
      const page = await visitor(browser, { ...PHONE, locale: language });
      t.after(() => page.context().close());
      const { headers } = await fetch(vestibule.issuer);
      const policy = headers.get("content-security-policy");
      assert.ok(policy, "the pages are under the policy that they have");
      const shown = pages.filter((one) => one.language === language);
      await page.route(`${vestibule.issuer}/gallery/*`, (route) => {
        const { html } = shown[Number(route.request().url().split("/").at(-1))];
        return route.fulfill({ contentType: "text/html; charset=utf-8", headers: { "content-security-policy": policy }, body: html });
      });
      // As without scripts: one page leaves by its own, others show what only a browser with a passkey needs.
      await page.route("**/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
      for (const [place, { name }] of shown.entries()) {
        await page.goto(`${vestibule.issuer}/gallery/${place}`);
        const seen = await inspect(page, `${name}, ${place}`, { takesShots: false });
        assert.equal(seen.lang, language, name);
      }
    });
  }
});
