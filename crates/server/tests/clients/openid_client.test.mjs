// openid-client (npm), a certified relying party: the code flow with everything it checks, and all the ways
// an app may authenticate.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { join } from "node:path";
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
    config = await register("notes");
    guest = new Guest();
  });
  after(() => app.close());

  /** Registers an app, invites Anna to it, and lets openid-client discover us. */
  async function register(name, { auth = "client_secret_basic", alg = "RS256" } = {}) {
    const more = ["--offline-access", "--alg", alg];
    const keys = auth === "private_key_jwt" ? await keyPair() : undefined;
    if (keys) more.push("--jwks", keys.file);
    const registered = await vestibule.addApp(name, {
      redirectUri: app.redirectUri,
      postLogoutRedirectUri: `${app.origin}/goodbye`,
      home: app.origin,
      auth,
      more,
    });
    await vestibule.invite(ANNA, name);
    const secret = registered.client_secret;
    const proof = {
      client_secret_basic: () => client.ClientSecretBasic(secret),
      client_secret_post: () => client.ClientSecretPost(secret),
      private_key_jwt: () => client.PrivateKeyJwt(keys.privateKey),
      none: () => client.None(),
    }[auth]();
    return discover({ client_id: registered.client_id, id_token_signed_response_alg: alg }, proof);
  }

  async function discover(metadata, proof) {
    // Signatures are verified too, although the token came straight from us.
    const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };
    const config = await client.discovery(new URL(vestibule.issuer), metadata.client_id, metadata, proof, options);
    return Object.assign(config, { proof });
  }

  /** The keys of an app that signs: a file with the public one, and the private one. */
  async function keyPair() {
    const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
    const file = join(vestibule.directory, "jwks.json");
    writeFileSync(file, JSON.stringify({ keys: [{ ...jwk, kid: "one", use: "sig", alg: "ES256" }] }));
    return { file, privateKey: { key: pair.privateKey, kid: "one" } };
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
    return { silent, tokens: await client.authorizationCodeGrant(as, toUrlOrRequest(answer), checks) };
  }

  /** The answer as openid-client takes it: an address, or the request that was posted. */
  function toUrlOrRequest({ method, url, body }) {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return method === "GET" ? url : new Request(url, { method, body, headers });
  }

  test("an invited guest signs in with an emailed code", async () => {
    const first = await signIn(config, { more: { prompt: "login" } });
    assert.equal(first.silent, false);
    tokens = first.tokens;
    const claims = tokens.claims();
    assert.equal(claims.iss, vestibule.issuer);
    assert.equal(typeof claims.auth_time, "number");
    assert.deepEqual(claims.amr, ["otp"]);
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

  test("four refreshes at once have one answer, and an older token ends its family", async () => {
    const refresh = () => client.refreshTokenGrant(config, tokens.refresh_token);
    const [next, ...others] = await Promise.all([refresh(), refresh(), refresh(), refresh()]);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    for (const other of others) assert.equal(other.refresh_token, next.refresh_token);
    assert.equal(next.claims()?.sub ?? tokens.claims().sub, tokens.claims().sub);
    await client.fetchUserInfo(config, next.access_token, tokens.claims().sub);

    const latest = await client.refreshTokenGrant(config, next.refresh_token);
    const spent = client.refreshTokenGrant(config, tokens.refresh_token);
    await assert.rejects(spent, { error: "invalid_grant" });
    const family = client.refreshTokenGrant(config, latest.refresh_token);
    await assert.rejects(family, { error: "invalid_grant" });
    const info = client.fetchUserInfo(config, latest.access_token, tokens.claims().sub);
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

  for (const auth of ["client_secret_post", "private_key_jwt", "none"]) {
    test(`an app that authenticates with ${auth}`, async () => {
      const other = await register(`app-${auth.replaceAll("_", "-")}`, { auth });
      const { tokens: theirs } = await signIn(other);
      assert.equal(theirs.claims().sub, tokens.claims().sub);
      await client.refreshTokenGrant(other, theirs.refresh_token);
    });
  }

  test("an app as it is registered by default, with either way of sending its secret", async () => {
    const registered = await vestibule.addApp("by-default", { redirectUri: app.redirectUri, home: app.origin });
    await vestibule.invite(ANNA, "by-default");
    const secret = registered.client_secret;
    // The text alone is what openid-client takes for client_secret_post.
    for (const proof of [secret, client.ClientSecretPost(secret), client.ClientSecretBasic(secret)]) {
      const other = await discover({ client_id: registered.client_id, client_secret: secret }, proof === secret ? undefined : proof);
      const { tokens: theirs } = await signIn(other);
      assert.equal(theirs.claims().sub, tokens.claims().sub);
    }
  });

  for (const alg of ["ES256", "EdDSA", "PS256"]) {
    test(`ID tokens signed with ${alg}`, async () => {
      const other = await register(`app-${alg.toLowerCase()}`, { alg });
      const { tokens: theirs } = await signIn(other);
      assert.equal(theirs.claims().sub, tokens.claims().sub);
    });
  }

  test("a day later a new code is asked for, and the subject is the same", async () => {
    await vestibule.advance("25h");
    // openid-client reads the real clock: it is told how far ahead the server is.
    const ahead = { ...config.clientMetadata(), [client.clockSkew]: 25 * 3600 };
    config = await discover(ahead, config.proof);
    const { silent, tokens: tomorrow } = await signIn(config);
    assert.equal(silent, false);
    assert.equal(tomorrow.claims().sub, tokens.claims().sub);
    tokens = tomorrow;
  });

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
