// What a guest does on the pages, step by step, in the words of the pages.

import { createHash } from "node:crypto";

export const emailField = (page) => page.locator('input[type="email"]');
export const codeField = (page) => page.locator('input[autocomplete="one-time-code"]');
export const button = (page, name) => page.getByRole("button", { name });

const VERIFIER = "a-verifier-that-is-the-same-for-all-the-pages-of-this-suite";

/** An authorization request of an app. */
export function authorizeUrl(vestibule, app, more = {}) {
  const url = new URL("/authorize", vestibule.issuer);
  url.search = new URLSearchParams({
    client_id: app.client_id,
    redirect_uri: app.redirect_uris[0],
    response_type: "code",
    scope: "openid email",
    state: "the-state",
    nonce: "the-nonce",
    code_challenge: createHash("sha256").update(VERIFIER).digest("base64url"),
    code_challenge_method: "S256",
    ...more,
  });
  return url.href;
}

/** To the page that asks for the code. */
export async function askForCode(page, vestibule, app, address, more) {
  await page.goto(authorizeUrl(vestibule, app, more));
  await emailField(page).fill(address);
  await button(page, "Continue").click();
  await codeField(page).waitFor();
}

/** Through the whole sign-in, without looking left or right. */
export async function signIn(page, vestibule, app, address, more) {
  await askForCode(page, vestibule, app, address, more);
  await codeField(page).fill(await vestibule.code(address));
  await button(page, "Continue").click();
}

/** Waits until an element has the focus: `autofocus` is obeyed with the first rendering, later than the element is there. */
export async function assertFocused(locator) {
  const element = await locator.elementHandle();
  await locator.page().waitForFunction((wanted) => wanted === document.activeElement, element, { timeout: 5_000 });
}
