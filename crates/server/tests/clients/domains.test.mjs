// Domains proven by DNS, asked of dnsmasq, a name server that we did not write.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { freePort, onEachDatabase, start } from "./harness.mjs";

const DOMAIN = "contoso.example";
const servers = new Map();

/** A name server that answers for one zone with these TXT records. */
class Zone {
  constructor(port) {
    this.port = port;
  }

  async hold(records) {
    await this.close();
    const options = ["--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user=root", "--pid-file="];
    options.push(`--port=${this.port}`, "--listen-address=127.0.0.1", "--bind-interfaces", `--local=/${DOMAIN}/`);
    options.push(...records.map(([name, text]) => `--txt-record=${name},${text}`));
    this.process = start("/usr/sbin/dnsmasq", options, `dnsmasq-${this.port}`);
    for (let waited = 0; !this.process.log().includes("started"); waited += 20) {
      assert.ok(this.process.running() && waited < 5_000, this.process.log());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  close() {
    return this.process?.end();
  }
}

const settings = async (vestibule) => {
  const zone = new Zone(await freePort());
  servers.set(vestibule, zone);
  return `[dns]\nservers = ["127.0.0.1:${zone.port}"]\n`;
};

onEachDatabase("domains", (vestibule) => {
  after(() => servers.get(vestibule).close());
  const method = async (address) => (await vestibule.cli("route", "explain", address)).method;
  /** What a command says that fails because the domain is not proven. */
  const refused = async (...args) => {
    const error = await vestibule.cli(...args).then(() => assert.fail("it worked"), (error) => error);
    assert.match(error.stderr, /is not proven/);
    return JSON.parse(error.stdout);
  };

  test("a domain leads to its tenant when the record is there, and not before", async () => {
    const zone = servers.get(vestibule);
    await zone.hold([]);
    const added = await vestibule.cli(
      "tenant", "add", "contoso", "--domain", DOMAIN, "--issuer", "https://login.contoso.example", "--client-id", "acme",
      "--enabled", "--no-test",
    );
    assert.equal(added.claims[0].state, "pending");
    const { record_name: name, record_text: text } = added.claims[0];
    assert.equal(name, `_vestibule-challenge.${DOMAIN}`);
    assert.equal((await refused("domain", "check", DOMAIN)).answer, "nothing");
    assert.equal(await method(`anna@${DOMAIN}`), "passcode");

    await zone.hold([[name, `${text.slice(0, -1)}x`]]);
    assert.equal((await refused("domain", "check", DOMAIN)).answer, "wrong_token");
    await zone.hold([[DOMAIN, text]]);
    assert.equal((await refused("domain", "check", DOMAIN)).answer, "wrong_name");

    await zone.hold([[DOMAIN, "v=spf1 -all"], [name, "another one"], [name, text]]);
    const proven = await vestibule.cli("domain", "check", DOMAIN);
    assert.deepEqual([proven.state, proven.answer], ["proven", "found"]);
    assert.equal(await method(`anna@${DOMAIN}`), "federation");
    assert.equal(await method(`anna@mail.${DOMAIN}`), "passcode", "the domain itself, and none below it");
  });

  test("the server asks by itself, and a domain whose record goes is not lost at once", async () => {
    const zone = servers.get(vestibule);
    await zone.hold([]);
    await vestibule.advance("25h");
    for (let waited = 0; (await vestibule.cli("domain", "show", DOMAIN)).state !== "failing"; waited += 500) {
      assert.ok(waited < 45_000, "the job runs every quarter of a minute");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.equal(await method(`anna@${DOMAIN}`), "federation");
    const [event] = await vestibule.cli("audit", "search", "--action", "domain.failing");
    assert.equal(event.reason, "nothing");
  });

  test("another domain is claimed, listed and let go", async () => {
    const added = await vestibule.cli("domain", "add", "contoso", "contoso-group.example");
    assert.equal(added.state, "pending");
    const domains = await vestibule.cli("domain", "list");
    assert.deepEqual(domains.map((row) => row.domain), ["contoso-group.example", DOMAIN]);
    await vestibule.cli("domain", "remove", "contoso", "contoso-group.example", "--yes");
    const again = await vestibule.cli("domain", "add", "contoso", "contoso-group.example");
    assert.equal(again.record_text, added.record_text, "the same record proves it");
    for (const refused of ["gmail.com", "co.uk", "Example"]) {
      await assert.rejects(vestibule.cli("domain", "add", "contoso", refused), { code: 2 });
    }
  });
}, { settings });
