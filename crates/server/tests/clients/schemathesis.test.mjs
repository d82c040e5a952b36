// Schemathesis (PyPI) on the API's own description: whatever fits it is answered as it says, whatever does not is refused, and nothing
// makes the server fail.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, test } from "node:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TOOLS, onEachDatabase } from "./harness.mjs";

const SCOPES = ["apps:write", "invitations:write", "guests:write", "groups:write", "sponsors:write", "audit:read", "upstreams:write", "keys:write", "tokens:write", "mail:read"];

/** Runs a program to its end; what it said, and its code. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    // It keeps notes of its own where it runs.
    const child = spawn(command, args, { cwd: TOOLS });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, said }));
  });
}

onEachDatabase("schemathesis", (vestibule) => {
  let token;
  before(async () => {
    await vestibule.addApp("notes", { redirectUri: "https://notes.example/callback" });
    await vestibule.invite("anna@contoso.test", "notes");
    await vestibule.cli("group", "add", "auditors", "--app", "notes");
    const scopes = SCOPES.flatMap((scope) => ["--scope", scope]);
    ({ token } = await vestibule.cli("token", "create", "schemathesis", ...scopes));
  });

  /** Every operation that the options leave keeps to its description. */
  async function holds(config, ...options) {
    const file = fileURLToPath(new URL(`schemathesis/${config}.toml`, import.meta.url));
    const { code, said } = await run(join(TOOLS, "python/bin/python"), [
      ...["-m", "schemathesis.cli", "--config-file", file],
      ...["run", `${vestibule.issuer}/api/openapi.json`, "--header", `Authorization: Bearer ${token}`],
      // The same requests every time: what fails here fails there.
      ...["--checks", "all", "--max-examples", "15", "--seed", "1", "--no-color", ...options],
    ]);
    assert.equal(code, 0, said);
    assert.match(said, /Tested: \d{2,}/, said);
    assert.doesNotMatch(said, /Authentication failed/, said);
    return said;
  }

  test("operations on a guest, an app and a group that are there", () =>
    holds("named", "--include-path-regex", "guests/.guest|apps/.client_id|groups/.group"));

  test("all operations, whatever they are asked", () => holds("anything"));
});
