// Authlib (PyPI) in a Flask app: what most Python apps sign in with.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Guest } from "./guest.mjs";
import { TOOLS, freePort, onEachDatabase, start, waitFor } from "./harness.mjs";

const ANNA = "anna@contoso.test";

onEachDatabase("authlib", (vestibule) => {
  let origin;
  let app;
  const guest = new Guest();

  before(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const registered = await vestibule.addApp("flask", {
      redirectUri: `${origin}/callback`,
      postLogoutRedirectUri: `${origin}/`,
      home: `${origin}/`,
      more: ["--offline-access", "--id-token-claims"],
    });
    await vestibule.invite(ANNA, "flask");
    const script = fileURLToPath(new URL("authlib_app.py", import.meta.url));
    const args = [script, port, vestibule.issuer, registered.client_id, registered.client_secret];
    app = start(join(TOOLS, "python/bin/python"), args, `${vestibule.name}-app`);
    await waitFor(`${origin}/ready`, app);
  });
  after(() => app?.end());

  test("an invited guest signs in with an emailed code", async () => {
    const page = await guest.signIn(await guest.open(`${origin}/sign-in`), vestibule, ANNA);
    assert.equal(page.url.href, `${origin}/`);
    const claims = page.json();
    assert.equal(claims.iss, vestibule.issuer);
    assert.ok(claims.nonce, "Authlib sent a nonce and checked it");
    assert.equal(claims.email, ANNA, "token['userinfo'], as its documentation reads it, is the ID token");
    assert.equal(claims.name, "anna");
  });

  test("UserInfo", async () => {
    const info = (await guest.open(`${origin}/userinfo`)).json();
    assert.equal(info.email, ANNA);
    assert.equal(info.email_verified, true);
    assert.equal(info.sub, (await guest.open(origin)).json().sub);
  });

  test("an access token that is over is refreshed on the way", async () => {
    const renewed = (await guest.open(`${origin}/refresh`)).json();
    assert.equal(renewed.new_access_token, true);
    assert.equal(renewed.new_refresh_token, true);
    assert.equal(renewed.sub, (await guest.open(origin)).json().sub);
  });

  test("signing out, and a code is asked for again", async () => {
    const page = await guest.signIn(await guest.open(`${origin}/sign-out`), vestibule, ANNA);
    assert.equal(page.url.href, `${origin}/?state=bye`);
    assert.deepEqual(page.json(), { signed_in: false });

    const again = await guest.open(`${origin}/sign-in`);
    assert.equal(again.url.origin, vestibule.issuer);
    assert.ok(again.forms[0].input((input) => input.getAttribute("type") === "email"));
  });
});
