// A partner whose identity provider is Keycloak and speaks SAML, in Chromium. It is given our metadata, as an
// administrator would do it, signs messages and assertions, and encrypts.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { inBrowser } from "../browser/browser.mjs";
import { startKeycloak, steps } from "./keycloak.mjs";

const keycloak = await startKeycloak();
after(() => keycloak.close());

const settings = () => `
[[tenant]]
name = "contoso"
display_name = "Contoso"
domains = ["contoso.test"]
domain_proof = "operator"
[tenant.saml]
entity_id = "${keycloak.issuer}"
metadata_url = "${keycloak.issuer}/protocol/saml/descriptor"
email_attribute = "mail"
`;

const MAIL = {
  name: "mail",
  protocol: "saml",
  protocolMapper: "saml-user-property-mapper",
  config: { "user.attribute": "email", "attribute.name": "mail", "attribute.nameformat": "Basic" },
};

inBrowser("keycloak-saml", (world) => {
  const { vestibule } = world;

  const { start, signInThere, inside, signOutThere } = steps(world);
  let client;

  test("each side reads the other's metadata", async () => {
    const tested = await vestibule.cli("tenant", "test", "contoso");
    assert.deepEqual(tested.remarks, []);
    const ours = await fetch(`${vestibule.issuer}/federation/contoso/metadata`).then((answer) => answer.text());
    client = await keycloak.admin("POST", "/client-description-converter", ours, "application/xml");
    assert.equal(client.attributes["saml.client.signature"], "true", "our requests are signed");
    assert.equal(client.attributes.saml_name_id_format, "persistent");
    assert.ok(client.attributes.saml_single_logout_service_url_redirect.endsWith("/federation/contoso/slo"));
    client = { ...client, protocolMappers: [MAIL], frontchannelLogout: true };
    Object.assign(client.attributes, {
      "saml.server.signature": "true",
      "saml.assertion.signature": "true",
      "saml.signature.algorithm": "RSA_SHA256",
      "saml.encrypt": "false",
    });
    await keycloak.admin("POST", "/clients", client);
  });

  test("a guest comes in, and again by the same account", async (t) => {
    for (const _ of [1, 2]) {
      const page = await start(t, "anna@contoso.test");
      await signInThere(page, "anna");
      await inside(page);
    }
    const guest = await vestibule.cli("guest", "show", "anna@contoso.test");
    assert.equal(guest.method, "federation");
    const events = await vestibule.cli("audit", "search", "--action", "guest.account.linked", "--guest", guest.email);
    assert.equal(events.length, 1);
  });

  test("somebody else's account", async (t) => {
    const page = await start(t, "carol@contoso.test");
    await signInThere(page, "bob");
    await page.waitForURL("**/acs?**");
    assert.match(await page.locator("main").innerText(), /different account/);
  });

  test("who signs out there is signed out here", async (t) => {
    const page = await start(t, "anna@contoso.test");
    await signInThere(page, "anna");
    await inside(page);
    const before = await vestibule.cli("guest", "show", "anna@contoso.test");
    await signOutThere(page, keycloak.issuer);
    const after = await vestibule.cli("guest", "show", "anna@contoso.test");
    assert.equal(after.sessions, before.sessions - 1);
  });

  test("encrypted for us", async (t) => {
    const [{ id }] = await keycloak.admin("GET", `/clients?clientId=${encodeURIComponent(client.clientId)}`);
    Object.assign(client.attributes, {
      "saml.encrypt": "true",
      "saml.encryption.algorithm": "http://www.w3.org/2009/xmlenc11#aes256-gcm",
      "saml.encryption.keyAlgorithm": "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    });
    await keycloak.admin("PUT", `/clients/${id}`, client);
    const page = await start(t, "carol@contoso.test");
    await signInThere(page, "carol");
    await inside(page);
    assert.equal((await vestibule.cli("guest", "show", "carol@contoso.test")).method, "federation");
  });
}, { settings });
