// Every state of every guest page on a small phone: axe-core, light and dark, width, titles, focus, silence.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { callbackServer, onEachDatabase } from "../clients/harness.mjs";
import { PHONE, inspect, launch, visitor } from "./browser.mjs";
import { askForCode, assertFocused, authorizeUrl, button, codeField, emailField, signIn } from "./steps.mjs";

/** Who is asked for access to an app. */
const OWNER = "lee@acme.test";

/** Methods that are not switched on here. */
const SETTINGS = `
[[tenant]]
name = "fabrikam"
display_name = "Fabrikam"
domains = ["fabrikam.test", "both.test"]
domain_proof = "operator"

[[provider]]
name = "google"
domains = ["gmail.test", "both.test"]
addresses = ["boss@northwind.test"]
`;

onEachDatabase("pages", (vestibule) => {
  const apps = {};
  let browser;
  let app;
  let count = 0;

  before(async () => {
    browser = await launch();
    app = await callbackServer();
    const register = async (name, access, more = []) => {
      const options = { redirectUri: app.redirectUri, postLogoutRedirectUri: `${app.origin}/`, home: app.origin };
      apps[name] = await vestibule.addApp(`Acme ${name}`, { ...options, access, more });
    };
    await register("Notes", "any-guest");
    await register("Board", "invited", ["--owner", OWNER, "--inviters", "owner"]);
    await register("Files", "any-guest", ["--ask-consent"]);
  });
  after(async () => {
    await browser?.close();
    await app?.close();
  });
  // Every test is a new hour: the limits of one do not meet those of the next.
  beforeEach(() => vestibule.advance("61m"));

  /** A phone that prefers a language, and an address nobody has used yet. */
  async function phone(t, locale = "en-GB") {
    const page = await visitor(browser, { ...PHONE, locale });
    t.after(() => page.context().close());
    count += 1;
    return { page, anna: `anna.${count}@contoso.test` };
  }


  /** An error page: title, focus on the summary, a link to the field, what was typed kept. */
  async function assertError(page, typed) {
    assert.match(await page.title(), /^Error: /);
    const summary = page.locator('[role="alert"]').first();
    await assertFocused(summary);
    assert.equal(await codeField(page).inputValue(), typed);
    assert.equal(await codeField(page).getAttribute("aria-invalid"), "true");
  }

  test("identify", async (t) => {
    const { page } = await phone(t);
    await page.goto(authorizeUrl(vestibule, apps.Notes));
    const field = emailField(page);
    assert.equal(await field.getAttribute("autocomplete"), "email");
    await assertFocused(field);
    const seen = await inspect(page, "identify");
    assert.equal(seen.lang, "en");

    await field.fill("anna at contoso");
    await button(page, "Continue").click();
    await page.locator('[role="alert"]').first().waitFor();
    assert.match(await page.title(), /^Error: /);
    assert.equal(await emailField(page).inputValue(), "anna at contoso");
    await inspect(page, "identify-error");
  });

  test("send", async (t) => {
    const { page, anna } = await phone(t);
    await page.goto(authorizeUrl(vestibule, apps.Notes, { login_hint: anna }));
    assert.match(await page.locator("main").innerText(), new RegExp(anna.replaceAll(".", "\\.")));
    assert.equal(await vestibule.mail(anna), undefined, "a GET sends nothing");
    await inspect(page, "send");
  });

  test("code, and what may be wrong with it", async (t) => {
    const { page, anna } = await phone(t);
    await askForCode(page, vestibule, apps.Notes, anna);
    const field = codeField(page);
    assert.equal(await field.getAttribute("inputmode"), "numeric");
    assert.equal(await field.getAttribute("maxlength"), null);
    assert.equal(await field.getAttribute("pattern"), null);
    await assertFocused(field);
    await inspect(page, "code");

    for (const [typed, state] of [["", "empty"], ["123 456", "short"], ["0000 0000", "wrong"]]) {
      await field.fill(typed);
      await button(page, "Continue").click();
      await page.locator('[role="alert"]').first().waitFor();
      await assertError(page, typed);
      await inspect(page, `code-${state}`);
      await page.reload();
    }

    await vestibule.advance("2m");
    await button(page, "Send another code").click({ force: true });
    await page.locator('[role="status"]').first().waitFor();
    await inspect(page, "code-sent-again");
  });

  test("the back button and reload, which never ask to send a form again", async (t) => {
    const { page, anna } = await phone(t);
    await page.goto(authorizeUrl(vestibule, apps.Notes));
    await emailField(page).fill("anna at contoso");
    await button(page, "Continue").click();
    await page.locator('[role="alert"]').first().waitFor();
    await emailField(page).fill(anna);
    await button(page, "Continue").click();
    await page.waitForURL("**/code");
    for (const typed of ["1234", "0000 0000"]) {
      await codeField(page).fill(typed);
      await button(page, "Continue").click();
      await page.locator('[role="alert"]').first().waitFor();
    }
    // Said once; what stands at the address is a page like any other.
    await page.reload();
    assert.equal(await page.locator('[role="alert"]').count(), 0);
    assert.equal(await codeField(page).inputValue(), "");

    await page.goBack({ waitUntil: "load" });
    for (let hops = 0; hops < 5 && !page.url().endsWith("/email"); hops += 1) {
      assert.match(page.url(), /\/code$/);
      assert.equal(await codeField(page).isVisible(), true);
      await page.goBack({ waitUntil: "load" });
    }
    assert.equal(await emailField(page).inputValue(), anna, "the address is kept");
    await page.goForward({ waitUntil: "load" });

    await page.goto(page.url().replace(/email$/, "code"));
    await codeField(page).fill(await vestibule.code(anna));
    await button(page, "Continue").click();
    await page.waitForURL(`${app.origin}/**`);
    await page.goBack({ waitUntil: "load" });
    assert.match(await page.locator("main").innerText(), /Continue to Acme Notes/);
  });

  test("code that has expired", async (t) => {
    const { page, anna } = await phone(t);
    await askForCode(page, vestibule, apps.Notes, anna);
    const expired = await vestibule.code(anna);
    await vestibule.advance("31m");
    await codeField(page).fill(expired);
    await button(page, "Continue").click();
    await page.locator('[role="alert"]').first().waitFor();
    assert.match(await page.locator('[role="alert"]').first().innerText(), /expired/);
    await inspect(page, "code-expired");

    await codeField(page).fill(await vestibule.code(anna));
    await button(page, "Continue").click();
    await page.waitForURL(`${app.origin}/**`);
  });

  test("tries over", async (t) => {
    const { page, anna } = await phone(t);
    await askForCode(page, vestibule, apps.Notes, anna);
    for (let tries = 0; tries < 6; tries += 1) {
      if ((await codeField(page).count()) === 0) break;
      await codeField(page).fill(`0000 000${tries}`);
      await button(page, "Continue").click();
      await page.waitForLoadState();
    }
    await inspect(page, "code-locked");
  });

  test("continue", async (t) => {
    const { page, anna } = await phone(t);
    // The script of this page leaves it at once: without it, it can be looked at.
    await page.route("**/static/*.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
    await signIn(page, vestibule, apps.Notes, anna);
    const go = page.getByRole("button", { name: /^Continue to Acme Notes/ }).or(page.getByRole("link", { name: /^Continue to Acme Notes/ }));
    await go.waitFor();
    await assertFocused(go);
    await inspect(page, "continue");
    await go.click();
    await page.waitForURL(`${app.origin}/**`);
    assert.equal(new URL(page.url()).searchParams.get("iss"), vestibule.issuer);

    await page.goto(authorizeUrl(vestibule, apps.Notes, { prompt: "select_account" }));
    await inspect(page, "select-account");
  });

  test("consent", async (t) => {
    const { page, anna } = await phone(t);
    await signIn(page, vestibule, apps.Files, anna, { scope: "openid email profile" });
    await page.waitForURL("**/consent");
    await inspect(page, "consent");
    await button(page, "Cancel").click();
    await page.waitForURL(`${app.origin}/**`);
    assert.equal(new URL(page.url()).searchParams.get("error"), "access_denied");
  });

  test("refused", async (t) => {
    const { page, anna } = await phone(t);
    await signIn(page, vestibule, apps.Notes, anna);
    await page.waitForURL(`${app.origin}/**`);
    await page.goto(authorizeUrl(vestibule, apps.Board));
    await page.waitForURL("**/refused");
    assert.match(await page.locator("main").innerText(), new RegExp(anna.replaceAll(".", "\\.")));
    await inspect(page, "refused");
    await button(page, "Ask for access").click();
    await page.getByText("You asked for access on").waitFor();
    await inspect(page, "asked-for-access");

    await page.goto(await vestibule.mailedLink(OWNER, "access-request", anna));
    await inspect(page, "access-request");
    await button(page, "Send the answer").click();
    await page.locator('[role="alert"]').waitFor();
    await inspect(page, "access-request-unchosen");
    await page.getByLabel("Yes, for 90 days").check();
    await button(page, "Send the answer").click();
    await page.getByText("was given access to Acme Board").waitFor();
    await inspect(page, "access-request-answered");
    await page.goto(authorizeUrl(vestibule, apps.Board));
    await page.waitForURL(`${app.origin}/**`);
  });

  test("an owner invites", async (t) => {
    const { page, anna } = await phone(t);
    await page.goto(vestibule.issuer);
    await page.getByRole("link", { name: "Invite a guest" }).click();
    await inspect(page, "inviter-ask");
    await button(page, "Continue").click();
    await page.locator('[role="alert"]').waitFor();
    await inspect(page, "inviter-ask-error");
    await emailField(page).fill(OWNER);
    await button(page, "Continue").click();
    await page.getByText("a link is on its way").waitFor();
    await inspect(page, "inviter-asked");

    await page.goto(await vestibule.mailedLink(OWNER, "invite", "Invite guests"));
    await inspect(page, "inviter");
    await button(page, "Send the invitation").click();
    await page.locator('[role="alert"]').waitFor();
    await inspect(page, "inviter-error");
    await page.getByLabel("The guest's email address").fill(anna);
    await page.getByLabel("Your name").fill("Lee");
    await page.getByLabel("Last day of their access").fill("2099-03-31");
    await button(page, "Send the invitation").click();
    await page.getByText(`${anna} is invited to Acme Board`).waitFor();
    await inspect(page, "inviter-done");
    await page.getByLabel(anna).check();
    await button(page, "Take back the chosen invitation").click();
    await page.getByText("The invitation is taken back").waitFor();
    await inspect(page, "inviter-taken-back");
    await page.goto(new URL("/invite/nothing", vestibule.issuer).href);
    await inspect(page, "inviter-unknown");
  });

  test("two addresses of one person", async (t) => {
    const { page, anna } = await phone(t);
    const former = `former.${anna}`;
    for (const address of [anna, former]) {
      await vestibule.cli("invite", "send", address, "--app", apps.Notes.client_id);
      await vestibule.invitationLink(address);
    }
    await vestibule.cli("merge", "ask", anna, former);
    const prove = async (address) => {
      await codeField(page).fill(await vestibule.code(address));
      await button(page, "Continue").click();
    };
    await page.goto(await vestibule.mailedLink(anna, "me", "Are both"));
    await emailField(page).fill(anna);
    await button(page, "Continue").click();
    await codeField(page).waitFor();
    await prove(anna);
    await button(page, "Yes, both are mine").waitFor();
    await inspect(page, "merge");
    await page.goto(`${vestibule.issuer}/me`);
    await page.getByText("is yours as well").waitFor();
    await inspect(page, "my-access-merge");
    await page.getByRole("link", { name: "Answer that" }).click();
    await button(page, "Yes, both are mine").click();
    await button(page, `Sign in as ${former}`).waitFor();
    await inspect(page, "merge-agreed");
    await button(page, `Sign in as ${former}`).click();
    await button(page, "Email me a code").click();
    await codeField(page).waitFor();
    await prove(former);
    await button(page, "Yes, both are mine").click();
    await page.getByRole("heading", { name: "You're one guest now" }).waitFor();
    await inspect(page, "merged");
    const [merge] = await vestibule.cli("merge", "list", "--guest", anna);
    assert.deepEqual([merge.state, merge.kept, merge.other], ["merged", anna, former]);

    await signIn(page, vestibule, apps.Notes, former);
    await page.getByText(`instead.`).waitFor();
    await inspect(page, "refused-merged");
    await vestibule.cli("merge", "take-back", merge.id);
    await signIn(page, vestibule, apps.Notes, former);
    await page.waitForURL(`${app.origin}/**`);
  });

  test("a way in that is not connected", async (t) => {
    for (const [address, method, said] of [
      ["anna@fabrikam.test", "federation", /Fabrikam/],
      ["anna@gmail.test", "personal_account", /Google/],
      ["boss@northwind.test", "personal_account", /Google/],
      ["anna@both.test", "choice", /Fabrikam, Google/],
    ]) {
      const { page } = await phone(t);
      await page.goto(authorizeUrl(vestibule, apps.Notes));
      await emailField(page).fill(address);
      await button(page, "Continue").click();
      await page.waitForURL("**/unavailable");
      assert.match(await page.locator("main").innerText(), said);
      assert.equal(await vestibule.mail(address), undefined, "never a code instead");
      await inspect(page, `unavailable-${address.split("@")[1].split(".")[0]}`);
      const explained = await vestibule.cli("route", "explain", address);
      assert.equal(explained.method, method, address);
    }
    const events = await vestibule.cli("audit", "search", "--action", "tenant");
    assert.deepEqual(
      events.map((event) => [event.action, event.actor, event.details.name]),
      [["tenant.added", "configuration", "fabrikam"]],
    );
  });

  test("signing out", async (t) => {
    const { page, anna } = await phone(t);
    await signIn(page, vestibule, apps.Notes, anna);
    await page.waitForURL(`${app.origin}/**`);
    await page.goto(`${vestibule.issuer}/logout`);
    await inspect(page, "sign-out");
    await page.locator("main form button").first().click();
    await page.waitForURL("**/signed-out");
    await inspect(page, "signed-out");
  });

  test("my access", async (t) => {
    const { page, anna } = await phone(t);
    await signIn(page, vestibule, apps.Notes, anna);
    await page.waitForURL(`${app.origin}/**`);
    await vestibule.invite(anna, apps.Board.client_id);
    await page.goto(`${vestibule.issuer}/me`);
    await page.getByRole("link", { name: "Open Acme Notes" }).waitFor();
    await page.getByRole("link", { name: "See the invitation to Acme Board" }).waitFor();
    await page.getByText("Chrome on Linux").waitFor();
    await inspect(page, "my-access");
    await page.getByRole("link", { name: "Give up access to Acme Notes" }).click();
    await button(page, "Give up access").waitFor();
    await inspect(page, "my-access-give-up");
    await page.getByRole("link", { name: "Back to my access" }).click();
    await page.getByRole("link", { name: "Download your data" }).click();
    await inspect(page, "my-access-data");
    const [file] = await Promise.all([page.waitForEvent("download"), button(page, "Download your data").click()]);
    assert.equal(file.suggestedFilename(), "my-data.json");
    await page.goto(`${vestibule.issuer}/me/leave`);
    await inspect(page, "my-access-leave");
    await button(page, "Leave").click();
    await assertFocused(page.locator('[role="alert"]').first());
    await inspect(page, "my-access-leave-unchosen");
    await page.getByLabel("Delete it now").check();
    await button(page, "Leave").click();
    await page.getByRole("heading", { name: "You have left" }).waitFor();
    await inspect(page, "my-access-left");
    assert.deepEqual(page.complaints, []);
  });

  test("errors", async (t) => {
    const { page } = await phone(t);
    await page.goto(authorizeUrl(vestibule, { ...apps.Notes, client_id: "nobody" }));
    await inspect(page, "error-unknown-app");
    await page.goto(authorizeUrl(vestibule, apps.Notes, { redirect_uri: "https://elsewhere.test/callback" }));
    await inspect(page, "error-redirect-uri");
    await page.goto(`${vestibule.issuer}/nothing-here`);
    await inspect(page, "error-not-found");
    await page.goto(`${vestibule.issuer}/signin/${randomUUID()}/code`);
    await inspect(page, "start-again");
  });

  test("invitation", async (t) => {
    const { page, anna } = await phone(t);
    await vestibule.invite(anna, apps.Board.client_id);
    await page.goto(await vestibule.invitationLink(anna));
    await inspect(page, "invitation");
    await page.getByRole("link", { name: "I don't want this invitation" }).click();
    await inspect(page, "decline");
    await page.getByRole("button", { name: "Decline" }).click();
    await page.locator('[role="alert"]').waitFor();
    await inspect(page, "decline-unticked");
    await page.getByLabel("Yes, I decline this invitation").check();
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByRole("heading", { name: "You declined this invitation" }).waitFor();
    await inspect(page, "declined");
  });

  describe("in German", () => {
    test("because the browser prefers it", async (t) => {
      const { page, anna } = await phone(t, "de-AT");
      await page.goto(authorizeUrl(vestibule, apps.Notes));
      const seen = await inspect(page, "de-identify");
      assert.equal(seen.lang, "de");
      await emailField(page).fill(anna);
      await page.locator("main form button").first().click();
      await codeField(page).waitFor();
      await inspect(page, "de-code");
      await codeField(page).fill("0000 0000");
      await page.locator("main form button").first().click();
      await page.locator('[role="alert"]').first().waitFor();
      assert.match(await page.title(), /^Fehler: /);
      await inspect(page, "de-code-wrong");
    });

    test("my access", async (t) => {
      const { page, anna } = await phone(t);
      await signIn(page, vestibule, apps.Notes, anna);
      await page.waitForURL(`${app.origin}/**`);
      for (const [path, title] of [
        ["/me", /^Mein Zugang/],
        [`/me/apps/${apps.Notes.client_id}/leave`, /^Zugang zu .* aufgeben/],
        ["/me/data", /Daten/],
        ["/me/leave", /verlassen/],
      ]) {
        await page.goto(`${vestibule.issuer}${path}?ui_locales=de`);
        const seen = await inspect(page, `de${path.replace(apps.Notes.client_id, "notes").replaceAll("/", "-")}`);
        assert.equal(seen.lang, "de");
        assert.match(await page.title(), title);
      }
      assert.deepEqual(page.complaints, []);
    });

    test("because the guest chose it in the footer", async (t) => {
      const { page } = await phone(t);
      await page.goto(authorizeUrl(vestibule, apps.Notes));
      await page.getByRole("link", { name: "Deutsch" }).click();
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
      await page.goto(authorizeUrl(vestibule, apps.Notes));
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de", "and it is remembered");
    });

    test("because the app asked for it", async (t) => {
      const { page } = await phone(t);
      await page.goto(authorizeUrl(vestibule, apps.Notes, { ui_locales: "de" }));
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    });
  });
}, { settings: SETTINGS });
