// Passkeys in Chromium, with its own virtual authenticator: create one after a code, come back with it, and what it is
// refused.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { callbackServer, onEachDatabase } from "../clients/harness.mjs";
import { inspect, launch, PHONE, visitor } from "./browser.mjs";
import { askForCode, authorizeUrl, button, codeField, emailField, signIn } from "./steps.mjs";

const PLATFORM = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};
const USE = "Sign in with a passkey";

onEachDatabase("passkeys", (vestibule) => {
  let browser;
  let app;
  let notes;
  before(async () => {
    browser = await launch();
    app = await callbackServer();
    notes = await vestibule.addApp("Acme Notes", { redirectUri: app.redirectUri, access: "any-guest" });
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });

  /** A browser with a platform authenticator, and the means to change it. */
  async function device(t, options = {}) {
    const page = await visitor(browser, { ...PHONE, ...options });
    t.after(() => page.context().close());
    const session = await page.context().newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: PLATFORM });
    return {
      page,
      credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
      verifies: (isUserVerified) => session.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }),
      add: (credential) => session.send("WebAuthn.addCredential", { authenticatorId, credential }),
    };
  }

  /** Signs in by a code with the box ticked, as far as the page that makes the passkey. */
  async function wish(page, address) {
    await askForCode(page, vestibule, notes, address);
    const box = page.getByLabel("Create a passkey on this device");
    await box.waitFor();
    assert.equal(await box.isChecked(), false, "nobody gets one unasked");
    assert.equal(await button(page, USE).isVisible(), false, "nor is offered one that was not made here");
    await box.check();
    await codeField(page).fill(await vestibule.code(address));
    await button(page, "Continue").click();
    await button(page, "Create a passkey").waitFor();
  }

  /** The session ends; the browser still knows that somebody signed in here. */
  const forget = (page) => page.context().clearCookies({ name: /session/ });

  const arrived = (page) => page.waitForURL((url) => url.href.startsWith(app.redirectUri));

  test("create one after a code, come back, sign in without a code", async (t) => {
    const { page, credentials } = await device(t);
    await wish(page, "passkey-anna@example.test");
    await inspect(page, "passkey-create");
    await button(page, "Create a passkey").click();
    await arrived(page);
    const [made] = await credentials();
    assert.equal(made.rpId, "localhost");
    assert.equal(made.isResidentCredential, true);

    // The next visit, in the same browser, where the session has ended.
    await forget(page);
    await page.goto(authorizeUrl(vestibule, notes));
    await button(page, USE).waitFor();
    await inspect(page, "passkey-address");
    await button(page, USE).click();
    await arrived(page);
    assert.ok(new URL(page.url()).searchParams.get("code"), page.url());

    // In a browser that forgot its cookies, from the page of the code.
    await page.context().clearCookies();
    await askForCode(page, vestibule, notes, "passkey-anna@example.test");
    await button(page, USE).waitFor();
    await inspect(page, "passkey-code");
    await button(page, USE).click();
    await arrived(page);
    assert.deepEqual(page.complaints, []);
  });

  test("one is added from My access, and removed there", async (t) => {
    const { page, credentials } = await device(t);
    const address = "passkey-mia@example.test";
    await signIn(page, vestibule, notes, address);
    await arrived(page);
    await page.goto(`${vestibule.issuer}/me`);
    await button(page, "Add a passkey").click();
    await button(page, "Email me a code").click();
    await page.getByLabel("Create a passkey on this device").check();
    await codeField(page).fill(await vestibule.code(address));
    await button(page, "Continue").click();
    await button(page, "Create a passkey").click();
    await page.getByRole("heading", { name: "Your passkeys" }).waitFor();
    assert.equal((await credentials()).length, 1);
    await inspect(page, "my-access-passkey");
    await button(page, "Remove this passkey").click();
    await page.getByRole("heading", { name: "Your passkeys" }).waitFor({ state: "detached" });
    await page.getByText("A passkey was removed").waitFor();
    assert.deepEqual(page.complaints, []);
  });

  test("«Not now» goes on without one, and a device that does not verify its user makes none", async (t) => {
    const { page, credentials, verifies } = await device(t);
    await wish(page, "passkey-ben@example.test");
    await verifies(false);
    await button(page, "Create a passkey").click();
    await page.getByText("No passkey was created.").waitFor();
    await inspect(page, "passkey-create-failed");
    assert.deepEqual(await credentials(), []);
    await button(page, "Not now").click();
    await arrived(page);
  });

  test("another guest's passkey is refused at this address, and the code still works", async (t) => {
    const { page, verifies } = await device(t);
    await wish(page, "passkey-cleo@example.test");
    await button(page, "Create a passkey").click();
    await arrived(page);

    await page.context().clearCookies();
    await askForCode(page, vestibule, notes, "passkey-dora@example.test");
    await button(page, USE).click();
    await page.getByText("This passkey doesn't work here.").waitFor();
    await inspect(page, "passkey-refused");
    await verifies(false);
    await button(page, "Use a passkey").click();
    await button(page, "Use a passkey").click();
    await page.getByText("No passkey was used.").waitFor();
    await page.getByRole("link", { name: "Continue without a passkey" }).click();
    await codeField(page).fill(await vestibule.code("passkey-dora@example.test"));
    await button(page, "Continue").click();
    await arrived(page);
  });

  test("a copy whose counter is behind is refused", async (t) => {
    const first = await device(t);
    await wish(first.page, "passkey-emil@example.test");
    await button(first.page, "Create a passkey").click();
    await arrived(first.page);
    const [copy] = await first.credentials();
    for (let time = 0; time < 2; time += 1) {
      await forget(first.page);
      await first.page.goto(authorizeUrl(vestibule, notes));
      await button(first.page, USE).click();
      await arrived(first.page);
    }
    const second = await device(t);
    await second.add({ ...copy, signCount: 1 });
    await second.page.addInitScript(() => localStorage.setItem("vestibule-passkey", "1"));
    await second.page.goto(authorizeUrl(vestibule, notes));
    await emailField(second.page).waitFor();
    assert.equal(await second.page.getByText(USE).count(), 0, "a first visit is as light as before");
    await askForCode(second.page, vestibule, notes, "passkey-emil@example.test");
    await button(second.page, USE).click();
    await second.page.getByText("This passkey doesn't work here.").waitFor();
  });

  test("without an authenticator, and without script, the pages show codes only", async (t) => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await visitor(browser, { javaScriptEnabled });
      t.after(() => page.context().close());
      await page.goto(authorizeUrl(vestibule, notes));
      await emailField(page).waitFor();
      assert.equal(await page.getByText(USE).isVisible(), false);
      await signIn(page, vestibule, notes, `passkey-none-${javaScriptEnabled}@example.test`);
      // Without script the guest follows the button of G4.
      if (!javaScriptEnabled) await button(page, "Continue").or(page.getByRole("link", { name: /Continue/ })).first().click();
      await arrived(page);
    }
  });
});
