// Auth.js (npm, @auth/core): the recipe of docs/app-developers.md, by itself. It reads who somebody is from the ID token alone.

import assert from "node:assert/strict";
import http from "node:http";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";
import { Guest } from "./guest.mjs";
import { freePort, load, onEachDatabase } from "./harness.mjs";

const { Auth } = await load("@auth/core");

const ANNA = "anna@contoso.test";

onEachDatabase("auth.js", (vestibule) => {
  let origin;
  let server;
  const guest = new Guest();

  before(async () => {
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const registered = await vestibule.addApp("portal", {
      redirectUri: `${origin}/auth/callback/vestibule`,
      home: origin,
      more: ["--id-token-claims"],
    });
    await vestibule.invite(ANNA, "portal");
    const config = {
      providers: [
        {
          id: "vestibule",
          name: "Acme",
          type: "oidc",
          issuer: vestibule.issuer,
          clientId: registered.client_id,
          clientSecret: registered.client_secret,
        },
      ],
      basePath: "/auth",
      secret: "a secret of the app itself",
      trustHost: true,
    };
    server = http.createServer(async (request, response) => {
      if (!request.url.startsWith("/auth/")) return response.end("the app");
      const body = request.method === "POST" ? Readable.toWeb(request) : undefined;
      const asked = new Request(`${origin}${request.url}`, {
        method: request.method,
        headers: request.headers,
        body,
        duplex: "half",
      });
      const answer = await Auth(asked, config);
      response.statusCode = answer.status;
      for (const [name, value] of answer.headers) if (name !== "set-cookie") response.setHeader(name, value);
      response.setHeader("set-cookie", answer.headers.getSetCookie());
      response.end(Buffer.from(await answer.arrayBuffer()));
    });
    server.listen(port, "localhost");
    await new Promise((resolve) => server.once("listening", resolve));
  });
  after(() => server?.close());

  test("the person arrives in the session", async () => {
    const page = await guest.open(`${origin}/auth/signin`);
    const form = page.forms.find((form) => String(form.action).endsWith("/auth/signin/vestibule"));
    const back = await guest.signIn(await guest.submit(page, form), vestibule, ANNA);
    assert.equal(back.url.origin, origin);
    const { user } = (await guest.open(`${origin}/auth/session`)).json();
    assert.equal(user.email, ANNA);
    assert.equal(user.name, "anna");
  });
});
