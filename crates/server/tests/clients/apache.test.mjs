// Debian's Apache with libapache2-mod-auth-openidc, protecting a page: the answer by query and by form_post.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Guest } from "./guest.mjs";
import { freePort, onEachDatabase, start, waitFor } from "./harness.mjs";

const ANNA = "anna@contoso.test";

onEachDatabase("mod_auth_openidc", (vestibule) => {
  for (const responseMode of ["query", "form_post"]) {
    describe(responseMode, () => protectedPage(vestibule, responseMode));
  }
});

function protectedPage(vestibule, responseMode) {
  let origin;
  let apache;
  let directory;
  let guest;

  before(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const app = `apache-${responseMode.replace("_", "-")}`;
    const registered = await vestibule.addApp(app, {
      redirectUri: `${origin}/protected/redirect_uri`,
      postLogoutRedirectUri: `${origin}/goodbye.html`,
      home: `${origin}/protected/notes.html`,
      auth: "client_secret_basic",
      more: ["--offline-access"],
    });
    await vestibule.invite(ANNA, app);
    directory = site();
    const configuration = fill({
      DIRECTORY: directory,
      MODULES: "/usr/lib/apache2/modules",
      PORT: port,
      ORIGIN: origin,
      ISSUER: vestibule.issuer,
      CLIENT_ID: registered.client_id,
      CLIENT_SECRET: registered.client_secret,
      RESPONSE_MODE: responseMode,
    });
    writeFileSync(join(directory, "apache.conf"), configuration);
    const args = ["-f", join(directory, "apache.conf"), "-D", "FOREGROUND"];
    apache = start("/usr/sbin/apache2", args, `${vestibule.name}-${responseMode}`);
    await waitFor(`${origin}/goodbye.html`, apache);
    guest = new Guest();
  });
  after(async () => {
    await apache?.end();
    if (directory) rmSync(directory, { recursive: true, force: true });
  });

  test("an invited guest gets to the page with an emailed code", async () => {
    const page = await guest.open(`${origin}/protected/notes.html`);
    assert.equal(page.url.origin, vestibule.issuer);
    const notes = await guest.signIn(page, vestibule, ANNA);
    assert.equal(notes.url.href, `${origin}/protected/notes.html`, notes.text);
    assert.equal(notes.status, 200);
    assert.match(notes.text, /Q3 kickoff/);
    assert.equal(notes.headers["x-remote-user"], ANNA);
  });

  test("ID token, UserInfo and refresh", async () => {
    const hook = `${origin}/protected/redirect_uri`;
    const first = (await guest.open(`${hook}?info=json`)).json();
    assert.equal(first.id_token.iss, vestibule.issuer);
    assert.ok(first.id_token.nonce);
    assert.equal(first.userinfo.email, ANNA);
    assert.equal(first.userinfo.sub, first.id_token.sub);

    const query = new URLSearchParams({ refresh: `${origin}/goodbye.html`, access_token: first.access_token });
    const refreshed = await guest.open(`${hook}?${query}`);
    assert.equal(refreshed.url.href, `${origin}/goodbye.html`, "no error_code was added");
    const second = (await guest.open(`${hook}?info=json`)).json();
    assert.notEqual(second.access_token, first.access_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
  });

  test("another person's page stays shut", async () => {
    const page = await guest.open(`${origin}/fabrikam/board.html`);
    assert.equal(page.status, 401);
  });

  test("signing out of the page signs out of Vestibule", async () => {
    const goodbye = encodeURIComponent(`${origin}/goodbye.html`);
    const page = await guest.open(`${origin}/protected/redirect_uri?logout=${goodbye}`);
    const end = await guest.signIn(page, vestibule, ANNA);
    assert.equal(`${end.url.origin}${end.url.pathname}`, `${origin}/goodbye.html`);

    const again = await guest.open(`${origin}/protected/notes.html`);
    assert.equal(again.url.origin, vestibule.issuer);
    assert.ok(again.forms[0].input((input) => input.getAttribute("type") === "email"));
  });
}

/** A web site that Apache's own user may read. */
function site() {
  const directory = mkdtempSync(join(tmpdir(), "vestibule-apache-"));
  chmodSync(directory, 0o755);
  const pages = { "protected/notes.html": "Q3 kickoff", "fabrikam/board.html": "Board", "goodbye.html": "Goodbye" };
  for (const [path, text] of Object.entries(pages)) {
    const file = join(directory, "htdocs", path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, `<!doctype html><html lang="en"><title>${text}</title><main>${text}</main>`);
  }
  return directory;
}

function fill(values) {
  const template = readFileSync(new URL("apache.conf", import.meta.url), "utf8");
  return template.replaceAll(/@([A-Z_]+)@/g, (_, name) => values[name]);
}
