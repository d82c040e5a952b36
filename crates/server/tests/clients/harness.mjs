// Starts the built binary for a suite, on every database there is, and speaks to it as an operator would:
// registers apps by the command line, reads codes from the captured mail, moves the clock.

import assert from "node:assert/strict";
import { spawn, execFile } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setDefaultResultOrder } from "node:dns";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { webcrypto } from "node:crypto";

// Node 18 has it, but not as a global; and there `localhost` may mean ::1, where nobody listens.
globalThis.crypto ??= webcrypto;
setDefaultResultOrder("ipv4first");

const run = promisify(execFile);

export const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
export const BINARY = process.env.TEST_BINARY ?? join(ROOT, "target/debug/vestibule");
export const TOOLS = process.env.TEST_TOOLS ?? join(ROOT, "target/test-tools");
const LOGS = join(TOOLS, "logs");

/** A package that ./test installed under target/, outside of the tree that Node would search. */
export async function load(name) {
  const resolve = createRequire(join(TOOLS, "node/package.json")).resolve;
  return import(pathToFileURL(resolve(name)));
}

/** SQLite always; PostgreSQL when ./test has started one. */
export function databases() {
  const server = process.env.TEST_DATABASE_URL;
  assert(server || !process.env.REQUIRE_PG, "REQUIRE_PG is set, but TEST_DATABASE_URL is not");
  return server ? ["sqlite", "postgres"] : ["sqlite"];
}

/** Runs a suite against a Vestibule of its own on each database. */
export function onEachDatabase(title, suite, options = {}) {
  for (const database of databases()) {
    describe(`${title} on ${database}`, () => {
      const vestibule = new Vestibule(database, title, options);
      before(() => vestibule.start());
      after(() => vestibule.stop());
      suite(vestibule);
    });
  }
}

/** A running `vestibule dev` (or `demo`); `settings` is TOML beside the file that `dev` makes, or makes it. */
export class Vestibule {
  constructor(database, title, { demo = false, settings = "" } = {}) {
    this.database = database;
    this.settings = settings;
    this.demo = demo;
    this.name = `${title}-${database}`.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
    this.lastCode = new Map();
  }

  async start() {
    this.port = await freePort();
    this.appPort = await freePort();
    this.issuer = `http://localhost:${this.port}`;
    this.app = `http://localhost:${this.appPort}/`;
    this.directory = mkdtempSync(join(tmpdir(), "vestibule-suite-"));
    mkdirSync(join(this.directory, "vestibule.d"));
    const settings = typeof this.settings === "function" ? await this.settings(this) : this.settings;
    writeFileSync(join(this.directory, "vestibule.d/suite.toml"), settings);
    const args = this.demo
      ? ["demo", "--port", this.port, "--app-port", this.appPort]
      : ["dev", "--port", this.port, "--data-dir", this.directory];
    if (this.database === "postgres") args.push("--database", await this.createDatabase());
    this.process = start(BINARY, args, this.name);
    await waitFor(`${this.issuer}/readyz`, this.process);
  }

  async stop() {
    await this.process?.end();
    if (this.directory) rmSync(this.directory, { recursive: true, force: true });
  }

  async createDatabase() {
    const server = process.env.TEST_DATABASE_URL;
    const name = `suite_${this.port}_${process.pid}`;
    await run("psql", ["--quiet", "--no-psqlrc", "--command", `CREATE DATABASE ${name}`, server]);
    const url = new URL(server);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** `vestibule -c … ARGS -o json`. */
  async cli(...args) {
    const { stdout } = await run(BINARY, ["-c", join(this.directory, "vestibule.toml"), ...args, "-o", "json"]);
    return stdout.trim() ? JSON.parse(stdout) : undefined;
  }

  /** Registers an app; gives its `client_id` and `client_secret`. */
  addApp(name, { redirectUri, postLogoutRedirectUri, home, access = "invited", auth, more = [] }) {
    const options = ["--redirect-uri", redirectUri, "--access", access];
    if (postLogoutRedirectUri) options.push("--post-logout-redirect-uri", postLogoutRedirectUri);
    if (home) options.push("--home", home);
    if (auth) options.push("--auth", auth);
    return this.cli("app", "add", name, ...options, ...more);
  }

  invite(address, app) {
    return this.cli("invite", "send", address, "--app", app);
  }

  /** The newest captured mail to an address, or undefined. */
  async mail(address) {
    const answer = await fetch(`${this.issuer}/dev/api/v1/message/latest?to=${encodeURIComponent(address)}`);
    return answer.ok ? answer.json() : undefined;
  }

  /** The link in the newest mail, once there is one: an invitation's. */
  async invitationLink(address) {
    return this.mailedLink(address, "invitation", "");
  }

  /** The link to such a page in the newest mail, once there is one that says `about`. */
  async mailedLink(address, kind, about) {
    const wanted = new RegExp(`http:[^"\\\\\\s<>)]*/${kind}/[^"\\\\\\s<>)]+`);
    for (let waited = 0; waited < 10_000; waited += 50) {
      const mail = JSON.stringify((await this.mail(address)) ?? "");
      const [link] = mail.includes(about) ? (mail.match(wanted) ?? []) : [];
      if (link) return link;
      await sleep(50);
    }
    throw new Error(`no ${kind} for ${address} in 10 s`);
  }

  /** The code of the newest mail: waits for one that was not read before. */
  async code(address) {
    for (let waited = 0; waited < 10_000; waited += 50) {
      const answer = await fetch(`${this.issuer}/dev/api/code?to=${encodeURIComponent(address)}`);
      const code = answer.ok ? (await answer.json()).code : undefined;
      if (code && code !== this.lastCode.get(address)) {
        this.lastCode.set(address, code);
        return code;
      }
      await sleep(50);
    }
    throw new Error(`no new code for ${address} in 10 s`);
  }

  /** Moves the server's clock: `31m`, `25h`. */
  async advance(by) {
    const answer = await fetch(`${this.issuer}/dev/clock`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ advance: by }),
    });
    assert.equal(answer.ok, true, `/dev/clock: ${answer.status}`);
  }
}

/** A child process whose output goes to target/test-tools/logs, and which never outlives the test. */
export function start(command, args, name, options = {}) {
  mkdirSync(LOGS, { recursive: true });
  const path = join(LOGS, `${name}.log`);
  const log = openSync(path, "w");
  const child = spawn(command, args.map(String), { stdio: ["ignore", log, log], ...options });
  closeSync(log);
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const gone = new Promise((resolve) => {
    child.once("exit", resolve);
    child.once("error", resolve);
  });
  return {
    name,
    running: () => child.exitCode === null && child.signalCode === null && child.pid !== undefined,
    log: () => (existsSync(path) ? readFileSync(path, "utf8") : ""),
    async end() {
      child.kill("SIGTERM");
      const late = setTimeout(kill, 5_000);
      await gone;
      clearTimeout(late);
      process.removeListener("exit", kill);
    },
  };
}

/** Waits until an address answers with success. */
export async function waitFor(url, child) {
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (!child.running()) throw new Error(`${child.name} ended before it was ready:\n${child.log()}`);
    const answer = await fetch(url, { redirect: "manual" }).catch(() => undefined);
    if (answer && answer.status < 400) return;
    await sleep(50);
  }
  throw new Error(`${url} was not ready in 30 s:\n${child.log()}`);
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The place where a library's answers arrive: a web server that says thank you and remembers the last request. */
export async function callbackServer() {
  const received = [];
  const server = http.createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    if (!request.url.startsWith("/favicon")) {
      received.push({
        url: new URL(request.url, `http://localhost:${server.address().port}`),
        method: request.method,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
    }
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end('<!doctype html><html lang="en"><title>The app</title><p>Back at the app.');
  });
  server.listen(0, "localhost");
  await new Promise((resolve) => server.once("listening", resolve));
  const origin = `http://localhost:${server.address().port}`;
  return {
    origin,
    redirectUri: `${origin}/callback`,
    received,
    last: () => received.at(-1),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
