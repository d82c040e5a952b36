// A partner whose identity provider is Keycloak, in Chromium.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { inBrowser } from "../browser/browser.mjs";
import { authorizeUrl } from "../browser/steps.mjs";
import { startKeycloak, steps } from "./keycloak.mjs";

const keycloak = await startKeycloak();
after(() => keycloak.close());

const clientId = (vestibule) => `acme-${vestibule.database}`;
const settings = async (vestibule) => {
  const redirectUri = `${vestibule.issuer}/federation/contoso/callback`;
  await keycloak.admin("POST", "/clients", {
    clientId: clientId(vestibule),
    protocol: "openid-connect",
    secret: "hunter2-hunter2-hunter2",
    redirectUris: [redirectUri],
    standardFlowEnabled: true,
    attributes: {
      "pkce.code.challenge.method": "S256",
      "backchannel.logout.url": `${vestibule.issuer}/federation/contoso/backchannel-logout`,
      "backchannel.logout.session.required": "true",
    },
  });
  return `
[[tenant]]
name = "contoso"
display_name = "Contoso"
domains = ["contoso.test"]
domain_proof = "operator"
[tenant.oidc]
issuer = "${keycloak.issuer}"
client_id = "${clientId(vestibule)}"
client_secret = "hunter2-hunter2-hunter2"
`;
};

inBrowser("keycloak", (world) => {
  const { vestibule } = world;

  const { start, signInThere, inside, signOutThere } = steps(world);

  test("its discovery document and keys fit", async () => {
    const tested = await vestibule.cli("tenant", "test", "contoso");
    assert.equal(tested.issuer, keycloak.issuer);
    assert.deepEqual(tested.remarks, []);
  });

  test("a guest comes in, and again without a word", async (t) => {
    const page = await start(t, "anna@contoso.test");
    await signInThere(page, "anna");
    await inside(page);
    const guest = await vestibule.cli("guest", "show", "anna@contoso.test");
    assert.equal(guest.method, "federation");
    assert.equal(guest.name, "Anna Contoso");
    await page.goto(authorizeUrl(vestibule, world.notes, { prompt: "none" }));
    await inside(page);
    assert.ok(world.app.last().url.searchParams.get("code"));
  });

  test("somebody else's account, and another try", async (t) => {
    const page = await start(t, "carol@contoso.test");
    await signInThere(page, "bob");
    await page.waitForURL("**/callback**");
    assert.match(await page.locator("main").innerText(), /different account/);
    await page.getByRole("link", { name: "Try again" }).click();
    // Keycloak asks bob for his password again, or lets him be somebody else.
    await page.locator("#reset-login").click();
    await signInThere(page, "carol");
    await inside(page);
  });

  test("who is signed out there is signed out here", async (t) => {
    const page = await start(t, "anna@contoso.test");
    await signInThere(page, "anna");
    await inside(page);
    const before = await vestibule.cli("guest", "show", "anna@contoso.test");
    assert.ok(before.sessions >= 1);
    await signOutThere(page, keycloak.issuer);
    const after = await vestibule.cli("guest", "show", "anna@contoso.test");
    assert.equal(after.sessions, before.sessions - 1);
  });

  test("an address that Keycloak has not verified counts for nothing", async (t) => {
    await keycloak.admin("POST", "/users", {
      username: `dora-${vestibule.database}`,
      email: `dora-${vestibule.database}@contoso.test`,
      emailVerified: false,
      enabled: true,
      firstName: "Dora",
      lastName: "Contoso",
      credentials: [{ type: "password", value: "any", temporary: false }],
    });
    const page = await start(t, `dora-${vestibule.database}@contoso.test`);
    await signInThere(page, `dora-${vestibule.database}`);
    await page.waitForURL("**/callback**");
    assert.match(await page.locator("main").innerText(), /hasn't confirmed that dora-\w+@contoso.test is yours/);
  });
}, { settings });
