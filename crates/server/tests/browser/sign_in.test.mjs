// The story of the demo in Chromium: Lee shares a note, Anna gets in. By mouse, by keyboard alone, and without
// scripts.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { onEachDatabase } from "../clients/harness.mjs";
import { launch, visitor } from "./browser.mjs";
import { button, codeField } from "./steps.mjs";

onEachDatabase("the demo", (vestibule) => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function open(t, options) {
    const page = await visitor(browser, options);
    t.after(() => page.context().close());
    return page;
  }

  /** Lee's part; gives the link in Anna's mail. */
  async function share(page, anna) {
    await page.goto(vestibule.app);
    await page.getByLabel("Share with").first().fill(anna);
    await button(page, /^Send/).first().click();
    await page.getByRole("status").getByText("Invitation sent").waitFor();
    return vestibule.invitationLink(anna);
  }

  /** Anna's notes are open. */
  async function assertInside(page, anna) {
    await page.waitForURL(`${vestibule.app}notes`);
    assert.match(await page.locator("header").innerText(), new RegExp(`${anna.replaceAll(".", "\\.")} \\(guest\\)`));
    assert.deepEqual(page.complaints, []);
  }

  /** From the invitation to the page that asks for the code, by mouse. */
  async function accept(page, anna) {
    await page.goto(await share(page, anna));
    await page.locator("main a.button").click();
    await button(page, "Email me a code").click();
    await codeField(page).waitFor();
  }

  test("a guest comes in", async (t) => {
    const anna = "anna.mouse@contoso.test";
    const page = await open(t);
    await accept(page, anna);
    await codeField(page).fill(await vestibule.code(anna));
    await button(page, "Continue").click();
    await assertInside(page, anna);

    // The back button leads to a page that knows how things stand.
    await page.goBack();
    assert.equal(new URL(page.url()).origin, vestibule.issuer);
    await page.getByRole("link", { name: "Continue to Acme Notes" }).click();
    await assertInside(page, anna);
  });

  test("a guest comes in without scripts, at the second try", async (t) => {
    const anna = "anna.noscript@contoso.test";
    const page = await open(t, { javaScriptEnabled: false });
    await accept(page, anna);
    const code = await vestibule.code(anna);
    await codeField(page).fill("1234 5678");
    await button(page, "Continue").click();
    await page.getByRole("alert").first().waitFor();
    await codeField(page).fill(`${code.slice(0, 4)} ${code.slice(4)}`);
    await button(page, "Continue").click();
    await page.getByRole("link", { name: "Continue to Acme Notes" }).click();
    await assertInside(page, anna);
  });

  test("by keyboard alone", async (t) => {
    const anna = "anna.keys@contoso.test";
    const page = await open(t);
    await page.goto(await share(page, anna));
    await reach(page, "main a");
    await page.keyboard.press("Enter");
    await button(page, "Email me a code").waitFor();
    await reach(page, "main form button");
    await page.keyboard.press("Enter");
    await codeField(page).waitFor();

    // The field has the focus; Enter is Continue and not «Send another code».
    await page.keyboard.type(await vestibule.code(anna));
    await page.keyboard.press("Enter");
    await assertInside(page, anna);
  });

  /** Presses Tab until something has the focus; whatever has it on the way can be seen. */
  async function reach(page, selector) {
    for (let presses = 0; presses < 20; presses += 1) {
      const focus = await page.evaluate((wanted) => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const ring = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
        return { there: element.matches(wanted), visible: ring || element === document.body, html: element.outerHTML };
      }, selector);
      assert.ok(focus.visible, `the focus can be seen on ${focus.html.slice(0, 200)}`);
      if (focus.there) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${selector} cannot be reached by Tab`);
  }
}, { demo: true });
