// How little a guest's first page costs: requests and bytes on the wire, counted by the browser itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowser, visitor } from "./browser.mjs";
import { authorizeUrl, button, codeField, emailField } from "./steps.mjs";

const REQUESTS = 3;
const COLD = 10_000;
const WARM = 3_000;
const WHOLE = 12_000;

inBrowser("the budget", (world) => {
  const { vestibule } = world;

  /** Counts what comes over the wire, headers included, redirects not counted as requests of the page. */
  async function meter(page) {
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    const spent = { requests: [], bytes: 0 };
    const urls = new Map();
    const cached = new Set();
    session.on("Network.requestWillBeSent", ({ requestId, request }) => urls.set(requestId, request.url));
    session.on("Network.requestServedFromCache", ({ requestId }) => cached.add(requestId));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      if (cached.has(requestId) || !urls.get(requestId).startsWith(vestibule.issuer)) return;
      spent.requests.push(urls.get(requestId));
      spent.bytes += encodedDataLength;
    });
    return {
      async read() {
        await page.waitForLoadState("networkidle");
        const { requests, bytes } = spent;
        Object.assign(spent, { requests: [], bytes: 0 });
        return { requests, bytes };
      },
    };
  }

  test("a cold sign-in page, a whole sign-in, and a warm page", async (t) => {
    const page = await visitor(world.browser);
    t.after(() => page.context().close());
    const spent = await meter(page);

    await page.goto(authorizeUrl(vestibule, world.notes));
    const cold = await spent.read();
    t.diagnostic(`cold: ${cold.requests.length} requests, ${cold.bytes} bytes`);
    assert.ok(cold.requests.length <= REQUESTS, cold.requests.join("\n"));
    assert.ok(cold.bytes <= COLD, `${cold.bytes} bytes`);
    const elsewhere = page.requests.filter((url) => !url.startsWith(vestibule.issuer));
    assert.deepEqual(elsewhere, [], "nothing comes from elsewhere");

    await emailField(page).fill("anna@contoso.test");
    await button(page, "Continue").click();
    await codeField(page).fill(await vestibule.code("anna@contoso.test"));
    await button(page, "Continue").click();
    await page.waitForURL(`${world.app.origin}/**`);
    const rest = await spent.read();
    t.diagnostic(`until the app: ${cold.bytes + rest.bytes} bytes, ${cold.requests.length + rest.requests.length} requests`);
    assert.ok(cold.bytes + rest.bytes <= WHOLE, rest.requests.join("\n"));

    await page.goto(authorizeUrl(vestibule, world.notes, { prompt: "login" }));
    const warm = await spent.read();
    t.diagnostic(`warm: ${warm.requests.length} requests, ${warm.bytes} bytes`);
    assert.ok(warm.bytes <= WARM, `${warm.bytes} bytes`);
    assert.deepEqual(page.complaints, []);
  });
});
