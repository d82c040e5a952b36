-- What one transaction of `seed.rs` adds, for each number `i` of `seeds`. In braces stands what differs between databases.

INSERT INTO guests (id, subject, email, email_key, status, status_since, method, redeemed_at, last_sign_in_at, email_proven_at,
    created_at, updated_at)
{seeds} SELECT {guest}, 'made-up-subject-of-guest-' || i, {address}, {address}, 'active', {came in}, 'passcode', {came in}, {signed in},
    {signed in}, {came in}, {signed in} FROM seeds;

INSERT INTO invitations (id, guest, app, token_hash, invited_by, state, state_since, created_at, expires_at)
{seeds} SELECT {guest}, {guest}, {app}, {hash of invitation}, 'cli:ops', 'redeemed', {came in}, {came in},
    {came in} + {month} FROM seeds;

INSERT INTO assignments (guest, app, starts_at, stands_alone)
{seeds} SELECT {guest}, {app}, {came in}, FALSE FROM seeds;

INSERT INTO guest_groups (id, name, created_at) VALUES ({app}, 'made-up', 0) ON CONFLICT DO NOTHING;

INSERT INTO group_apps (group_id, app) VALUES ({app}, {app}) ON CONFLICT DO NOTHING;

INSERT INTO group_assignments (guest, group_id, starts_at)
{seeds} SELECT {guest}, {app}, {came in} FROM seeds WHERE {is signed in};

INSERT INTO consents (guest, app, scopes, granted_at)
{seeds} SELECT {guest}, {app}, 'openid email', {came in} FROM seeds;

INSERT INTO sessions (id, token_hash, guest, method, authenticated_at, expires_at, ends_with_browser, user_agent, network, mfa)
{seeds} SELECT {session}, {hash of session}, {guest}, 'passcode', {signed in}, {signed in} + {day}, FALSE, 'Firefox on Linux',
    '192.0.2.0/24', FALSE FROM seeds WHERE {is signed in};

INSERT INTO devices (token_hash, mailbox, seen_at)
{seeds} SELECT {hash of device}, {hash of mailbox}, {signed in} FROM seeds WHERE {is signed in};

INSERT INTO grants (id, guest, app, session, scopes, method, authenticated_at, nonce, created_at, expires_at, mfa,
    code_hash, redirect_uri, challenge, code_expires_at, redeemed_at)
{seeds} SELECT {grant}, {guest}, {app}, {session}, 'openid email offline_access', 'passcode', {signed in},
    'a-nonce-as-long-as-apps-make-them-' || i, {signed in}, {signed in} + {month}, FALSE,
    {hash of code}, 'https://app.test/callback', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', {signed in} + 60000,
    {signed in} FROM seeds WHERE {is signed in};

INSERT INTO refresh_tokens (hash, grant_id, expires_at)
{seeds} SELECT {hash of refresh}, {grant}, {signed in} + {month} FROM seeds WHERE {is signed in};

INSERT INTO access_tokens (hash, grant_id, scopes, issued_at, expires_at)
{seeds} SELECT {hash of access}, {grant}, 'openid email', {signed in}, {signed in} + {day} FROM seeds WHERE {is signed in};

INSERT INTO audit (id, at, action, actor_kind, guest, app, details, mailbox)
{seeds} SELECT {invited}, {came in}, 'invitation.created', 'system', {guest}, {app}, '{"made_up":true}', {hash of mailbox}
FROM seeds;

INSERT INTO audit (id, at, action, actor_kind, guest, app, details, mailbox)
{seeds} SELECT {proven}, {signed in}, 'guest.signin.code.ok', 'system', {guest}, {app}, '{"made_up":true}', {hash of mailbox}
FROM seeds;

INSERT INTO audit (id, at, action, actor_kind, guest, app, details, mailbox)
{seeds} SELECT {issued}, {signed in}, 'token.issued', 'system', {guest}, {app}, '{"made_up":true}', {hash of mailbox}
FROM seeds;
