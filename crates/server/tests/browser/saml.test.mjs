// A partner's employee signs in at the partner's SAML identity provider, which is pysaml2.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { TOOLS, freePort, start, waitFor } from "../clients/harness.mjs";
import { PHONE, inBrowser, inspect, visitor } from "./browser.mjs";
import { authorizeUrl, button, emailField } from "./steps.mjs";

const providers = new Map();

async function startProvider(vestibule) {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "vestibule-saml-"));
  const script = new URL("../clients/saml_idp.py", import.meta.url).pathname;
  const ours = `${vestibule.issuer}/federation/contoso/metadata`;
  // How it wants to be asked.
  const binding = vestibule.database === "sqlite" ? "redirect" : "post";
  const idp = start(join(TOOLS, "python/bin/python"), [script, String(port), ours, directory, binding], `saml-${port}`);
  const origin = `http://localhost:${port}`;
  await waitFor(`${origin}/metadata`, idp);
  return {
    origin,
    async close() {
      await idp.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const settings = async (vestibule) => {
  const provider = await startProvider(vestibule);
  providers.set(vestibule, provider);
  return `
[[tenant]]
name = "contoso"
display_name = "Contoso"
domains = ["contoso.test"]
domain_proof = "operator"
[tenant.saml]
entity_id = "${provider.origin}/metadata"
metadata_url = "${provider.origin}/metadata"
`;
};

inBrowser("saml", (world) => {
  const { vestibule } = world;
  after(() => providers.get(vestibule)?.close());

  async function phone(t, address, options = {}, parameters = {}) {
    const page = await visitor(world.browser, { ...PHONE, ...options });
    t.after(() => page.context().close());
    await page.goto(authorizeUrl(vestibule, world.notes, parameters));
    await emailField(page).fill(address);
    await button(page, "Continue").click();
    return page;
  }

  async function signInThere(page, address) {
    await page.locator('input[name="login"]').fill(address);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  const inside = (page) => page.waitForURL(`${world.app.origin}/callback**`);

  test("the metadata is found and fits", async () => {
    const tested = await vestibule.cli("tenant", "test", "contoso");
    assert.equal(tested.issuer, `${providers.get(vestibule).origin}/metadata`);
    assert.deepEqual([tested.keys, tested.remarks], [1, []]);
    const shown = await vestibule.cli("tenant", "show", "contoso");
    assert.equal(shown.saml.our_metadata, `${vestibule.issuer}/federation/contoso/metadata`);
  });

  test("a guest comes in, and again by the same account", async (t) => {
    const anna = "anna@contoso.test";
    const page = await phone(t, anna);
    await signInThere(page, anna);
    await inside(page);
    assert.ok(world.app.last().url.searchParams.get("code"));
    const guest = await vestibule.cli("guest", "show", anna);
    assert.deepEqual([guest.method, guest.name], ["federation", "anna at Contoso"]);
    assert.equal(await vestibule.mail(anna), undefined, "no code was mailed");
    const again = await phone(t, anna);
    await signInThere(again, anna);
    await inside(again);
    const events = await vestibule.cli("audit", "search", "--action", "guest.account.linked", "--guest", anna);
    assert.equal(events.length, 1, "the same account");
  });

  test("without scripts, by the button of their own page", async (t) => {
    const bert = "bert@contoso.test";
    const page = await phone(t, bert, { javaScriptEnabled: false });
    await page.getByRole("link", { name: "Continue to Contoso" }).click();
    if (vestibule.database !== "sqlite") {
      assert.match(await page.title(), /^Continue to Contoso/);
      await page.getByRole("button", { name: "Continue to Contoso" }).click();
    }
    await signInThere(page, bert);
    await page.locator('input[type="submit"]').click();
    await page.getByRole("link", { name: "Continue" }).click();
    await inside(page);
  });

  test("an assertion that is encrypted, in a message that is signed", async (t) => {
    const page = await phone(t, "sealed@contoso.test");
    await signInThere(page, "sealed@contoso.test");
    await inside(page);
    assert.equal((await vestibule.cli("guest", "show", "sealed@contoso.test")).method, "federation");
  });

  test("an app that must be sure has them asked anew", async (t) => {
    const page = await phone(t, "anna@contoso.test", {}, { prompt: "login" });
    await page.getByText("You must sign in again.").waitFor();
    await signInThere(page, "anna@contoso.test");
    await inside(page);
  });

  test("somebody else's account, and another try", async (t) => {
    const page = await phone(t, "carol@contoso.test");
    await signInThere(page, "dora@contoso.test");
    await page.waitForURL("**/acs?**");
    assert.match(await page.locator("main").innerText(), /different account/);
    await inspect(page, "saml-somebody-else");
    await page.getByRole("link", { name: "Try again" }).click();
    await signInThere(page, "carol@contoso.test");
    await inside(page);
  });

  test("a person who changes their mind", async (t) => {
    const page = await phone(t, "emil@contoso.test");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForURL("**/acs?**");
    assert.match(await page.locator("main").innerText(), /weren.t signed in at Contoso/);
  });

  test("an operator tries it out before anybody is sent there", async (t) => {
    const tested = await vestibule.cli("tenant", "test", "contoso", "--as", "lee@contoso.test");
    const page = await visitor(world.browser, PHONE);
    t.after(() => page.context().close());
    await page.goto(tested.link);
    await page.getByRole("link", { name: "Continue to Contoso" }).click();
    await signInThere(page, "lee@contoso.test");
    await page.waitForURL("**/acs?**");
    assert.match(await page.locator("main").innerText(), /It worked/);
    await inspect(page, "saml-test-sign-in-done");
  });
}, { settings });
