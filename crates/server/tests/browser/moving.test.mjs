// A domain is federated after its people came by code: they are offered the new method, and accept it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, inBrowser, inspect, visitor } from "./browser.mjs";
import { authorizeUrl, button, codeField, emailField, signIn } from "./steps.mjs";

inBrowser("moving", (world) => {
  const { vestibule } = world;

  async function phone(t, options = {}) {
    const page = await visitor(world.browser, { ...PHONE, ...options });
    t.after(() => page.context().close());
    return page;
  }

  const inside = (page) => page.waitForURL(`${world.app.origin}/callback**`);

  test("a guest keeps codes once, and moves the next time", async (t) => {
    const anna = "anna@contoso.test";
    const first = await phone(t);
    await signIn(first, vestibule, world.notes, anna);
    await inside(first);

    const operator = await phone(t);
    await operator.goto(`${vestibule.issuer}/dev/contoso`);
    await button(operator, "Connect Contoso").click();
    await operator.getByText("Connected.").waitFor();

    await vestibule.advance("61m");
    const second = await phone(t);
    await signIn(second, vestibule, world.notes, anna);
    await second.waitForURL("**/offer");
    await inspect(second, "offer");
    await button(second, "Use a code this time").click();
    await inside(second);
    await second.goto(`${vestibule.issuer}/me`);
    await button(second, "Use Contoso from now on").waitFor();
    await inspect(second, "my-access-better-method");

    await vestibule.advance("61m");
    const third = await phone(t, { locale: "de-DE" });
    await third.goto(authorizeUrl(vestibule, world.notes));
    await emailField(third).fill(anna);
    await button(third, "Weiter").click();
    await codeField(third).fill(await vestibule.code(anna));
    await button(third, "Weiter").click();
    await third.waitForURL("**/offer");
    await inspect(third, "offer-de");
    await third.getByRole("link", { name: "Ab jetzt Contoso verwenden" }).click();
    await third.waitForURL("**/dev/contoso/authorize**");
    await button(third, anna).click();
    await inside(third);
    assert.equal((await vestibule.cli("guest", "show", anna)).method, "federation");

    // By keyboard alone, the next time there is nothing to decide.
    const fourth = await phone(t);
    await fourth.goto(authorizeUrl(vestibule, world.notes));
    await fourth.waitForFunction(() => document.activeElement?.type === "email");
    await fourth.keyboard.type(anna);
    await fourth.keyboard.press("Enter");
    await fourth.waitForURL("**/dev/contoso/authorize**");
    await button(fourth, anna).click();
    await inside(fourth);
    const moved = await vestibule.cli("audit", "search", "--action", "guest.method.moved", "--guest", anna);
    assert.deepEqual(
      moved.map((event) => [event.details.from, event.details.to, event.details.tenant]),
      [["passcode", "federation", "contoso"]],
    );

    // An operator makes it forgotten: she is told, signed out, and decides anew.
    assert.deepEqual(
      (await vestibule.cli("guest", "reset-method", "--tenant", "contoso", "--dry-run")).map((guest) => guest.email),
      [anna],
    );
    await vestibule.cli("guest", "reset-method", "--domain", "contoso.test", "--yes");
    assert.equal((await vestibule.cli("guest", "show", anna)).method, null);
    for (let waited = 0; (await vestibule.mail(anna)).Subject !== "How you sign in at Acme has changed"; waited += 50) {
      assert.ok(waited < 5_000, "no mail about it in 5 s");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await fourth.goto(authorizeUrl(vestibule, world.notes));
    await emailField(fourth).fill(anna);
    await button(fourth, "Continue").click();
    await fourth.waitForURL("**/dev/contoso/authorize**");
    await button(fourth, anna).click();
    await inside(fourth);
    assert.equal((await vestibule.cli("guest", "show", anna)).method, "federation");
  });
});
