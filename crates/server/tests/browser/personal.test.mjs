// A guest with a personal account, at npm's oidc-provider: the choice, and the code that confirms an address once.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { signInThere, startProvider, withoutFonts } from "../clients/provider.mjs";
import { PHONE, inBrowser, inspect, visitor } from "./browser.mjs";
import { authorizeUrl, button, codeField, emailField } from "./steps.mjs";

const SECTION = `
[resolution]
codes_beside_personal_accounts = true

[[provider]]
name = "postbox"
display_name = "Postbox"
domains = ["postbox.test"]
addresses = ["boss@northwind.test"]
`;

const providers = new Map();
const settings = async (vestibule) => {
  const provider = await startProvider(`${vestibule.issuer}/personal-account/postbox/callback`, { section: SECTION });
  providers.set(vestibule, provider);
  return provider.settings;
};

// The clock stays where it is: the provider has one of its own, and its answers would be stale.
inBrowser("personal accounts", (world) => {
  const { vestibule } = world;
  after(() => providers.get(vestibule)?.close());

  const inside = (page) => page.waitForURL(`${world.app.origin}/callback**`);

  /** A phone at the page that follows the address. */
  async function phone(t, address, options = {}) {
    const page = await visitor(world.browser, { ...PHONE, ...options });
    t.after(() => page.context().close());
    await withoutFonts(page);
    await page.goto(authorizeUrl(vestibule, world.notes));
    await emailField(page).fill(address);
    await button(page, /^(Continue|Weiter)$/).click();
    return page;
  }

  test("the choice is made once, and the account proves an address of its provider's", async (t) => {
    const anna = "anna@postbox.test";
    const page = await phone(t, anna);
    await page.waitForURL("**/choose");
    await inspect(page, "choose");
    await button(page, "Continue with Postbox").click();
    await signInThere(page, anna);
    await inside(page);
    assert.equal((await vestibule.cli("guest", "show", anna)).method, "personal_account");
    assert.equal(await vestibule.mail(anna), undefined, "no code was mailed");

    const again = await phone(t, anna, { locale: "de-DE" });
    await again.waitForURL(`${providers.get(vestibule).issuer}/**`);
  });

  test("who chooses codes is not asked again either", async (t) => {
    const bert = "bert@postbox.test";
    const page = await phone(t, bert, { locale: "de-DE" });
    await page.waitForURL("**/choose");
    const seen = await inspect(page, "choose-de");
    assert.equal(seen.lang, "de");
    await button(page, "Anmeldecode per E-Mail senden").click();
    await codeField(page).fill(await vestibule.code(bert));
    await button(page, "Weiter").click();
    await inside(page);
    assert.equal((await vestibule.cli("guest", "show", bert)).method, "passcode");

    const again = await phone(t, bert);
    await again.waitForURL("**/code");
  });

  test("an address that is not the provider's is confirmed by one code, and then the account is the key", async (t) => {
    const boss = "boss@northwind.test";
    const page = await phone(t, boss);
    await page.waitForURL("**/choose");
    await button(page, "Continue with Postbox").click();
    await signInThere(page, "boss.at.home@postbox.test");
    await page.waitForURL("**/send");
    const said = await page.locator("main").innerText();
    assert.match(said, /You have signed in with Postbox/);
    assert.match(said, /boss\.at\.home@postbox\.test/);
    await inspect(page, "confirm");
    await page.locator("main form button").first().click();
    await codeField(page).fill(await vestibule.code(boss));
    await button(page, "Continue").click();
    await inside(page);

    const again = await phone(t, boss);
    await signInThere(again, "boss.at.home@postbox.test");
    await inside(again);
    const events = await vestibule.cli("audit", "search", "--action", "guest.account.linked", "--guest", boss);
    assert.equal(events.length, 1, "the same account");
  });

  test("somebody else's account is not theirs, and no code makes it so", async (t) => {
    const page = await phone(t, "boss@northwind.test");
    await signInThere(page, "eve@postbox.test");
    await page.waitForURL("**/callback**");
    assert.match(await page.locator("main").innerText(), /different account/);
    await inspect(page, "personal-somebody-else");
    await page.getByRole("link", { name: "Try again" }).click();
    await signInThere(page, "boss.at.home@postbox.test");
    await inside(page);
  });
}, { settings });
