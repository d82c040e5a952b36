// Takes the README's picture of the code page anew, as target/screenshots/code-page.png:
//
//   node crates/server/tests/browser/screenshot.mjs
//   pngquant --force --output static/docs/code-page.png 32 target/screenshots/code-page.png

import { join } from "node:path";
import { Vestibule, callbackServer } from "../clients/harness.mjs";
import { SHOTS, launch, visitor } from "./browser.mjs";
import { askForCode } from "./steps.mjs";

const vestibule = new Vestibule("sqlite", "screenshot");
await vestibule.start();
const browser = await launch();
const app = await callbackServer();
try {
  const notes = await vestibule.addApp("Acme Notes", { redirectUri: app.redirectUri, access: "any-guest" });
  const page = await visitor(browser, { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 });
  await askForCode(page, vestibule, notes, "anna@contoso.test");
  const code = await vestibule.code("anna@contoso.test");
  await page.keyboard.type(`${code.slice(0, 4)} ${code.slice(4)}`);
  await page.screenshot({ path: join(SHOTS, "code-page.png") });
} finally {
  await browser.close();
  await app.close();
  await vestibule.stop();
}
