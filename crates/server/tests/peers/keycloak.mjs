// A Keycloak of our own, unpacked by `./test --peers`, with a realm that plays a partner.

import { cpSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { visitor } from "../browser/browser.mjs";
import { authorizeUrl, button, emailField } from "../browser/steps.mjs";
import { TOOLS, freePort, start } from "../clients/harness.mjs";

/** Starts one with a realm `contoso`: people with a password, and Vestibule as a confidential client. */
export async function startKeycloak() {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "vestibule-keycloak-"));
  const [unpacked] = readdirSync(join(TOOLS, "keycloak")).filter((name) => /^keycloak-\d/.test(name));
  cpSync(join(TOOLS, "keycloak", unpacked), directory, { recursive: true });
  mkdirSync(join(directory, "data/import"), { recursive: true });
  writeFileSync(join(directory, "data/import/contoso.json"), JSON.stringify(realm()));
  const environment = {
    ...process.env,
    KC_BOOTSTRAP_ADMIN_USERNAME: "admin",
    KC_BOOTSTRAP_ADMIN_PASSWORD: "admin",
    JAVA_OPTS_APPEND: "-Xmx700m",
  };
  const process_ = start(
    join(directory, "bin/kc.sh"),
    ["start-dev", "--import-realm", "--http-host=localhost", `--http-port=${port}`, "--health-enabled=false"],
    "keycloak",
    { env: environment },
  );
  const origin = `http://localhost:${port}`;
  const issuer = `${origin}/realms/contoso`;
  for (let waited = 0; ; waited += 500) {
    if (!process_.running()) throw new Error(`Keycloak ended before it was ready:\n${process_.log()}`);
    const answer = await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => undefined);
    if (answer?.ok) break;
    if (waited > 300_000) throw new Error(`Keycloak was not ready in 5 minutes:\n${process_.log()}`);
    await sleep(500);
  }

  /** A request to the admin API of the realm. */
  async function admin(method, path, body, type = "application/json") {
    const form = { grant_type: "password", client_id: "admin-cli", username: "admin", password: "admin" };
    const token = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams(form),
    }).then((answer) => answer.json());
    const answer = await fetch(`${origin}/admin/realms/contoso${path}`, {
      method,
      headers: { authorization: `Bearer ${token.access_token}`, "content-type": type },
      body: typeof body === "string" ? body : body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  }

  return {
    origin,
    issuer,
    admin,
    async close() {
      await process_.end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What people do in a browser, at Vestibule and at Keycloak. */
export function steps(world) {
  return {
    /** At the app, with this address. */
    async start(t, address) {
      const page = await visitor(world.browser);
      t.after(() => page.context().close());
      await page.goto(authorizeUrl(world.vestibule, world.notes));
      await emailField(page).fill(address);
      await button(page, "Continue").click();
      return page;
    },
    async signInThere(page, name) {
      await page.locator("#username").fill(name);
      await page.locator("#password").fill("any");
      await page.locator("#kc-login").click();
    },
    inside: (page) => page.waitForURL(`${world.app.origin}/callback**`),
    async signOutThere(page, issuer) {
      await page.goto(`${issuer}/protocol/openid-connect/logout`);
      await page.locator("#kc-logout").click();
      await page.getByRole("heading", { name: "You are logged out" }).waitFor();
    },
  };
}

/** People who sign in with a password. */
const person = (name) => ({
  username: name,
  email: `${name}@contoso.test`,
  emailVerified: true,
  enabled: true,
  firstName: name[0].toUpperCase() + name.slice(1),
  lastName: "Contoso",
  credentials: [{ type: "password", value: "any", temporary: false }],
});

const realm = () => ({
  realm: "contoso",
  enabled: true,
  sslRequired: "none",
  users: ["anna", "bob", "carol"].map(person),
});
