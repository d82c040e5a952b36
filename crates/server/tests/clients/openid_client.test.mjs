// openid-client (npm), a certified relying party: the code flow with everything it checks, and all the ways
// an app may authenticate.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Guest } from "./guest.mjs";
import { callbackServer, load, onEachDatabase } from "./harness.mjs";

const client = await load("openid-client");

const ANNA = "anna@contoso.test";
const SCOPE = "openid email profile offline_access";

onEachDatabase("openid-client", (vestibule) => {
  let app; // where answers arrive
  let config; // the client
  let guest; // Anna's browser
  let tokens; // what the first sign-in gave

  before(async () => {
    app = await callbackServer();
    config = await register("notes", "client_secret_basic");
    guest = new Guest();
  });
  after(() => app.close());

  /** Registers an app, invites Anna to it, and lets openid-client discover us. */
  async function register(name, auth) {
    const registered = await vestibule.addApp(name, {
      redirectUri: app.redirectUri,
      postLogoutRedirectUri: `${app.origin}/goodbye`,
      home: app.origin,
      auth,
      more: ["--offline-access"],
    });
    await vestibule.invite(ANNA, name);
    const secret = registered.client_secret;
    const ways = {
      client_secret_basic: () => client.ClientSecretBasic(secret),
      client_secret_post: () => client.ClientSecretPost(secret),
      none: () => client.None(),
    };
    const url = new URL(vestibule.issuer);
    const options = { execute: [client.allowInsecureRequests] };
    return client.discovery(url, registered.client_id, undefined, ways[auth](), options);
  }

  /** Sends the guest to the provider, and redeems what the browser brings back. */
  async function signIn(as, { through = guest, more = {} } = {}) {
    const verifier = client.randomPKCECodeVerifier();
    const checks = {
      pkceCodeVerifier: verifier,
      expectedNonce: client.randomNonce(),
      expectedState: client.randomState(),
      idTokenExpected: true,
    };
    const url = client.buildAuthorizationUrl(as, {
      redirect_uri: app.redirectUri,
      scope: SCOPE,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      nonce: checks.expectedNonce,
      state: checks.expectedState,
      ...more,
    });
    const page = await through.open(url);
    const silent = page.url.origin === app.origin;
    await through.signIn(page, vestibule, ANNA);
    const answer = app.last();
    const back = answer.method === "GET" ? answer.url : new Request(answer.url, { ...answer, headers: form });
    return { silent, tokens: await client.authorizationCodeGrant(as, back, checks) };
  }
  const form = { "content-type": "application/x-www-form-urlencoded" };

  test("an invited guest signs in with an emailed code", async () => {
    const first = await signIn(config, { more: { prompt: "login" } });
    assert.equal(first.silent, false);
    tokens = first.tokens;
    const claims = tokens.claims();
    assert.equal(claims.iss, vestibule.issuer);
    assert.equal(claims.email, ANNA);
    assert.equal(claims.email_verified, true);
    assert.equal(typeof claims.auth_time, "number");
    assert.doesNotMatch(claims.sub, /contoso/);
  });

  test("UserInfo answers for the same subject", async () => {
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(info.email, ANNA);
    assert.equal(info.email_verified, true);
  });

  test("while the session lives, nobody is asked again", async () => {
    const again = await signIn(config, { more: { prompt: "none" } });
    assert.equal(again.silent, true);
    assert.equal(again.tokens.claims().sub, tokens.claims().sub);
    assert.equal(again.tokens.claims().auth_time, tokens.claims().auth_time);
  });

  test("form_post brings the same answer without a script", async () => {
    const posted = await signIn(config, { more: { response_mode: "form_post" } });
    assert.equal(app.last().method, "POST");
    assert.equal(posted.tokens.claims().sub, tokens.claims().sub);
  });

  test("a refresh token rotates, and a spent one ends its family", async () => {
    const next = await client.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    assert.equal(next.claims()?.sub ?? tokens.claims().sub, tokens.claims().sub);
    await client.fetchUserInfo(config, next.access_token, tokens.claims().sub);

    const spent = client.refreshTokenGrant(config, tokens.refresh_token);
    await assert.rejects(spent, { error: "invalid_grant" });
    const family = client.refreshTokenGrant(config, next.refresh_token);
    await assert.rejects(family, { error: "invalid_grant" });
    const info = client.fetchUserInfo(config, next.access_token, tokens.claims().sub);
    await assert.rejects(info);
  });

  test("introspection and revocation", async () => {
    const { tokens: mine } = await signIn(config);
    const live = await client.tokenIntrospection(config, mine.access_token);
    assert.equal(live.active, true);
    assert.equal(live.sub, mine.claims().sub);
    await client.tokenRevocation(config, mine.refresh_token);
    const dead = await client.tokenIntrospection(config, mine.access_token);
    assert.deepEqual(dead, { active: false });
  });

  test("an authorization code works once, and only with its verifier", async () => {
    await signIn(config);
    const { url } = app.last();
    const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: url.searchParams.get("state") };
    await assert.rejects(client.authorizationCodeGrant(config, url, checks), { error: "invalid_grant" });
  });

  for (const auth of ["client_secret_post", "none"]) {
    test(`an app that authenticates with ${auth}`, async () => {
      const other = await register(`app-${auth.replaceAll("_", "-")}`, auth);
      const { tokens: theirs } = await signIn(other);
      assert.equal(theirs.claims().sub, tokens.claims().sub);
      await client.refreshTokenGrant(other, theirs.refresh_token);
    });
  }

  test("a day later a new code is asked for, and the subject is the same", async () => {
    await vestibule.advance("25h");
    // The client reads the real clock, so the server's tokens are a day in its future: it is told so.
    const later = Object.assign(await rediscover(), {});
    const { silent, tokens: tomorrow } = await signIn(later);
    assert.equal(silent, false);
    assert.equal(tomorrow.claims().sub, tokens.claims().sub);
    tokens = tomorrow;
    config = later;
  });

  /** The same client, with its clock a day and an hour ahead. */
  async function rediscover() {
    const metadata = { ...config.clientMetadata(), [client.clockSkew]: 25 * 3600 };
    const url = new URL(vestibule.issuer);
    const options = { execute: [client.allowInsecureRequests] };
    const secret = client.ClientSecretBasic(metadata.client_secret);
    return client.discovery(url, metadata.client_id, metadata, secret, options);
  }

  test("signing out ends the session and leads back to the app", async () => {
    const url = client.buildEndSessionUrl(config, {
      id_token_hint: tokens.id_token,
      post_logout_redirect_uri: `${app.origin}/goodbye`,
      state: "see-you",
    });
    const page = await guest.signIn(await guest.open(url), vestibule, ANNA);
    assert.equal(page.url.href, `${app.origin}/goodbye?state=see-you`);

    const silent = signIn(config, { more: { prompt: "none" } });
    await assert.rejects(silent, { error: "login_required" });
  });
});
