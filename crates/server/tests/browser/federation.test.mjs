// A partner's employee signs in at the partner's own provider, which is npm's oidc-provider.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { signInThere, startProvider, withoutFonts } from "../clients/provider.mjs";
import { PHONE, inBrowser, inspect, visitor } from "./browser.mjs";
import { authorizeUrl, button, emailField } from "./steps.mjs";

const providers = new Map();
const settings = async (vestibule) => {
  const sqlite = vestibule.database === "sqlite";
  const provider = await startProvider(`${vestibule.issuer}/federation/contoso/callback`, {
    token_endpoint_auth_method: sqlite ? "private_key_jwt" : "client_secret_post",
  });
  providers.set(vestibule, provider);
  return provider.settings;
};

inBrowser("federation", (world) => {
  const { vestibule } = world;
  after(() => providers.get(vestibule)?.close());

  /** A phone at the page for the address. */
  async function phone(t, address, options = {}) {
    const page = await visitor(world.browser, { ...PHONE, ...options });
    t.after(() => page.context().close());
    await withoutFonts(page);
    await page.goto(authorizeUrl(vestibule, world.notes));
    await emailField(page).fill(address);
    await button(page, "Continue").click();
    return page;
  }


  test("the provider is found and fits", async () => {
    const tested = await vestibule.cli("tenant", "test", "contoso");
    assert.equal(tested.issuer, providers.get(vestibule).issuer);
    assert.deepEqual(tested.remarks, []);
    assert.ok(tested.keys > 0);
    assert.equal(tested.redirect_uri, `${vestibule.issuer}/federation/contoso/callback`);
  });

  test("an operator tries it out before anybody is sent there", async (t) => {
    const tested = await vestibule.cli("tenant", "test", "contoso", "--as", "lee@contoso.test");
    const page = await visitor(world.browser, PHONE);
    t.after(() => page.context().close());
    await withoutFonts(page);
    await page.goto(tested.link);
    await inspect(page, "test-sign-in");
    await page.getByRole("link", { name: "Continue to Contoso" }).click();
    await signInThere(page, "lee@contoso.test");
    await page.waitForURL("**/callback**");
    const said = await page.locator("main").innerText();
    assert.match(said, /It worked/);
    assert.match(said, /account of lee@contoso\.test/);
    await inspect(page, "test-sign-in-done");
    await assert.rejects(vestibule.cli("guest", "show", "lee@contoso.test"), { code: 5 });
  });

  test("a guest comes in by their own organisation, and again elsewhere without scripts", async (t) => {
    const anna = "anna@contoso.test";
    const page = await phone(t, anna);
    await signInThere(page, anna);
    await page.waitForURL(`${world.app.origin}/callback**`);
    assert.ok(world.app.last().url.searchParams.get("code"));
    const guest = await vestibule.cli("guest", "show", anna);
    assert.equal(guest.method, "federation");
    assert.equal(guest.name, "anna at Contoso");
    assert.equal(await vestibule.mail(anna), undefined, "no code was mailed");

    const again = await phone(t, anna, { javaScriptEnabled: false });
    await again.waitForURL("**/leave");
    await inspectWithoutScript(again);
    await again.getByRole("link", { name: "Continue to Contoso" }).click();
    await signInThere(again, anna);
    await again.getByRole("link", { name: "Continue" }).click();
    await again.waitForURL(`${world.app.origin}/callback**`);
    const events = await vestibule.cli("audit", "search", "--action", "guest.account.linked", "--guest", anna);
    assert.equal(events.length, 1, "the same account");
  });

  test("who signs out there is signed out here", async (t) => {
    const fred = "fred@contoso.test";
    const page = await phone(t, fred);
    await signInThere(page, fred);
    await page.waitForURL(`${world.app.origin}/callback**`);
    assert.equal((await vestibule.cli("guest", "show", fred)).sessions, 1);
    await page.goto(`${providers.get(vestibule).issuer}/session/end`);
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
    await page.waitForURL("**/session/end/success**");
    assert.equal((await vestibule.cli("guest", "show", fred)).sessions, 0);
    const [ended] = await vestibule.cli("audit", "search", "--action", "session.ended", "--guest", fred);
    assert.equal(ended.reason, "signed_out_upstream");
  });

  async function inspectWithoutScript(page) {
    assert.match(await page.title(), /^Continue to Contoso/);
    assert.match(await page.locator("main").innerText(), /with your Contoso account/);
  }

  test("somebody else's account, and another try", async (t) => {
    const page = await phone(t, "carol@contoso.test");
    await signInThere(page, "bob@contoso.test");
    await page.waitForURL("**/callback**");
    assert.match(await page.locator("main").innerText(), /different account/);
    await inspect(page, "federation-somebody-else");
    await page.getByRole("link", { name: "Try again" }).click();
    await signInThere(page, "carol@contoso.test");
    await page.waitForURL(`${world.app.origin}/callback**`);
  });

  test("a person who changes their mind", async (t) => {
    const page = await phone(t, "dora@contoso.test");
    await page.locator('input[name="login"]').waitFor();
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.waitForURL("**/callback**");
    assert.match(await page.locator("main").innerText(), /weren.t signed in at Contoso/);
    await inspect(page, "federation-refused");
    await button(page, "Back to Acme Notes").click();
    await page.waitForURL(`${world.app.origin}/callback**`);
    assert.equal(world.app.last().url.searchParams.get("error"), "access_denied");
  });

  test("a provider that is down", async (t) => {
    const { state } = providers.get(vestibule);
    state.down = true;
    const page = await phone(t, "emil@contoso.test");
    await signInThere(page, "emil@contoso.test");
    await page.waitForURL("**/callback**");
    assert.match(await page.locator("main").innerText(), /can't be reached/);
    await inspect(page, "federation-down");
    state.down = false;
    await page.getByRole("link", { name: "Try again" }).click();
    await page.waitForURL(`${world.app.origin}/callback**`);
  });
}, { settings });
