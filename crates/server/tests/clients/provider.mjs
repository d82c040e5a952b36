// npm's oidc-provider, an OpenID provider that we did not write, as the identity provider of a partner, or of people.

import crypto from "node:crypto";
import http from "node:http";
import { freePort, load } from "./harness.mjs";

/** A partner whose provider it may be. */
const CONTOSO = `
[[tenant]]
name = "contoso"
display_name = "Contoso"
domains = ["contoso.test"]
domain_proof = "operator"
`;

/** Starts one that knows everybody by their address, with Vestibule as its client; `section` is whose it is. */
export async function startProvider(redirectUri, { section = CONTOSO, ...options } = {}) {
  const { Provider } = await load("oidc-provider");
  const issuer = `http://localhost:${await freePort()}`;
  const proof = options.token_endpoint_auth_method === "private_key_jwt" ? withKey() : withSecret();
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "acme",
        redirect_uris: [redirectUri],
        backchannel_logout_uri: redirectUri.replace(/callback$/, "backchannel-logout"),
        backchannel_logout_session_required: true,
        ...proof.client,
        ...options,
      },
    ],
    // One account has one name for ever, whatever its address is.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: `account of ${id}`, email: id, email_verified: true, name: `${id.split("@")[0]} at Contoso` }),
    }),
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    cookies: { keys: ["for these tests only"] },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  });
  const answer = provider.callback();
  const state = { down: false };
  // Down means that nobody but browsers gets through.
  const server = http.createServer((request, response) =>
    state.down && request.url.startsWith("/token") ? request.socket.destroy() : answer(request, response),
  );
  server.listen(Number(new URL(issuer).port), "localhost");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    issuer,
    state,
    settings: `${section}
[${section.match(/\[\[(\w+)\]\]/)[1]}.oidc]
issuer = "${issuer}"
client_id = "acme"
client_auth = "${options.token_endpoint_auth_method ?? "client_secret_basic"}"
${proof.settings}
`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const withSecret = () => ({
  client: { client_secret: "hunter2-hunter2-hunter2" },
  settings: 'client_secret = "hunter2-hunter2-hunter2"',
});

/** A key whose public half the provider knows, and no secret at all. */
function withKey() {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "acme-1", alg: "RS256", use: "sig" };
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  return {
    client: { jwks: { keys: [jwk] }, token_endpoint_auth_signing_alg: "RS256" },
    settings: `client_key = """${pem}"""\nclient_key_id = "acme-1"`,
  };
}

/** On its pages: somebody signs in, and agrees where they are asked. */
export async function signInThere(page, address) {
  await page.locator('input[name="login"]').fill(address);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
  await page.waitForLoadState();
  if (page.url().includes("/interaction/")) await page.locator('button[type="submit"]').click();
}

/** They ask for a font of somebody else's, which is none of a test's business. */
export const withoutFonts = (page) =>
  page.route(/^https:/, (route) => route.fulfill({ status: 200, contentType: "text/css", body: "" }));
