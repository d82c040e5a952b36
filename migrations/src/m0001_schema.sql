-- The whole schema, in PostgreSQL's words; `lib.rs` translates the few types for SQLite.
-- Times are Unix milliseconds (bigint), ids are uuid, digests and sealed values are bytea, lists are JSON in text.

-- This installation: which master key it needs, and when it was last seen running.

CREATE TABLE instance (
    id bigint NOT NULL PRIMARY KEY,
    master_key text NOT NULL,
    last_seen bigint NOT NULL,
    filler bytea
);

CREATE TABLE leases (
    name text NOT NULL PRIMARY KEY,
    holder text NOT NULL,
    ends_at bigint NOT NULL
);

-- Apps, and what proves that a request is theirs.

CREATE TABLE apps (
    id uuid NOT NULL PRIMARY KEY,
    client_id text NOT NULL UNIQUE,
    name text NOT NULL,
    authentication text NOT NULL,
    jwks text,
    redirect_uris text NOT NULL,
    post_logout_redirect_uris text NOT NULL,
    home text,
    owner text,
    contact text,
    logo text,
    access text NOT NULL,
    access_domains text NOT NULL,
    inviters text NOT NULL,
    asks_consent boolean NOT NULL,
    offline_access boolean NOT NULL,
    signing_algorithm text NOT NULL,
    dev boolean NOT NULL,
    disabled_at bigint,
    created_at bigint NOT NULL,
    pkce text NOT NULL,
    id_token_claims boolean NOT NULL,
    strict_assertions boolean NOT NULL
);

CREATE TABLE app_secrets (
    id uuid NOT NULL PRIMARY KEY,
    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
    hash bytea NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint
);
CREATE INDEX app_secrets_app ON app_secrets (app, created_at, id);

CREATE TABLE app_logos (
    app uuid NOT NULL PRIMARY KEY REFERENCES apps (id),
    bytes bytea NOT NULL
);

-- Raised by every change of an app, so that processes that hold apps in memory read them again.
CREATE TABLE app_changes (
    id bigint NOT NULL PRIMARY KEY,
    version bigint NOT NULL
);

-- Upstreams: tenants with the domains that they claim, and providers of personal accounts.

CREATE TABLE upstreams (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    display_name text NOT NULL,
    enabled boolean NOT NULL,
    created_at bigint NOT NULL,
    declared boolean NOT NULL,
    domain_proof text NOT NULL,
    connection text,
    client_secret bytea,
    sealed_by text,
    UNIQUE (kind, name)
);

CREATE TABLE upstream_domains (
    domain text NOT NULL,
    kind text NOT NULL,
    upstream uuid NOT NULL REFERENCES upstreams (id),
    PRIMARY KEY (domain, kind)
);
CREATE INDEX upstream_domains_upstream ON upstream_domains (upstream);

CREATE TABLE upstream_addresses (
    email_key text NOT NULL PRIMARY KEY,
    upstream uuid NOT NULL REFERENCES upstreams (id)
);
CREATE INDEX upstream_addresses_upstream ON upstream_addresses (upstream);

CREATE TABLE domain_claims (
    tenant uuid NOT NULL REFERENCES upstreams (id),
    domain text NOT NULL,
    proof text NOT NULL,
    token text,
    state text NOT NULL,
    since bigint NOT NULL,
    failed_since bigint,
    failures bigint NOT NULL,
    answer text,
    checked_at bigint,
    check_at bigint,
    authority text,
    PRIMARY KEY (tenant, domain)
);
CREATE INDEX domain_claims_domain ON domain_claims (domain);
CREATE INDEX domain_claims_check_at ON domain_claims (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE upstream_health (
    upstream uuid NOT NULL PRIMARY KEY,
    failures bigint NOT NULL,
    failed_at bigint NOT NULL,
    down_until bigint
);

CREATE TABLE webfinger (
    mailbox bytea NOT NULL PRIMARY KEY,
    provider uuid,
    expires_at bigint NOT NULL
);
CREATE INDEX webfinger_expires_at ON webfinger (expires_at);

CREATE TABLE test_sign_ins (
    id uuid NOT NULL PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    upstream uuid NOT NULL,
    email text NOT NULL,
    made_by text NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX test_sign_ins_expires_at ON test_sign_ins (expires_at);

CREATE TABLE service_keys (
    name text NOT NULL PRIMARY KEY,
    certificate bytea NOT NULL,
    private_key bytea NOT NULL,
    sealed_by text NOT NULL,
    created_at bigint NOT NULL
);

-- Guests, who invited them, and where they may enter.

CREATE TABLE guests (
    id uuid NOT NULL PRIMARY KEY,
    subject text NOT NULL UNIQUE,
    email text NOT NULL,
    email_key text NOT NULL UNIQUE,
    name text,
    language text,
    status text NOT NULL,
    status_since bigint NOT NULL,
    former_status text,
    valid_until bigint,
    pinned_method text,
    pinned_upstream uuid,
    method text,
    method_upstream uuid,
    redeemed_at bigint,
    last_sign_in_at bigint,
    email_proven_at bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE INDEX guests_removed ON guests (status_since) WHERE status = 'removed';

-- When guests were last told that a rule will block or remove them, and of which.
CREATE TABLE guest_notices (
    guest uuid NOT NULL PRIMARY KEY REFERENCES guests (id),
    rule text NOT NULL,
    noticed_at bigint NOT NULL
);

-- Guests who do not want to be invited to anything any more.
CREATE TABLE invitation_blocks (
    guest uuid NOT NULL PRIMARY KEY REFERENCES guests (id),
    since bigint NOT NULL
);

-- Two guests who are one person: asked by an operator, agreed to by both.
CREATE TABLE merges (
    id uuid NOT NULL PRIMARY KEY,
    kept uuid NOT NULL REFERENCES guests (id),
    other uuid NOT NULL REFERENCES guests (id),
    state text NOT NULL,
    state_since bigint NOT NULL,
    asked_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    kept_agreed_at bigint,
    other_agreed_at bigint,
    -- What the guest who stays was given, and had before.
    gift text
);
CREATE INDEX merges_kept ON merges (kept, asked_at);
CREATE INDEX merges_other ON merges (other, asked_at);
CREATE INDEX merges_over ON merges (expires_at) WHERE state <> 'merged';

-- What is left of guests who were erased: a `sub` is never given to anybody else.
CREATE TABLE erased_guests (
    id uuid NOT NULL PRIMARY KEY,
    subject text NOT NULL UNIQUE,
    erased_at bigint NOT NULL
);

CREATE TABLE invitations (
    id uuid NOT NULL PRIMARY KEY,
    guest uuid NOT NULL REFERENCES guests (id),
    app uuid NOT NULL REFERENCES apps (id),
    token_hash bytea NOT NULL UNIQUE,
    invited_by text NOT NULL,
    reply_to text,
    about text,
    message text,
    language text,
    state text NOT NULL,
    state_since bigint NOT NULL,
    access_until bigint,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    opened_at bigint
);
CREATE INDEX invitations_guest_app ON invitations (guest, app, created_at);
CREATE INDEX invitations_app ON invitations (app, created_at);
CREATE INDEX invitations_created_at ON invitations (created_at);
CREATE INDEX invitations_sponsor ON invitations (lower(COALESCE(reply_to, invited_by)), created_at);

CREATE TABLE assignments (
    guest uuid NOT NULL REFERENCES guests (id),
    app uuid NOT NULL REFERENCES apps (id),
    starts_at bigint NOT NULL,
    ends_at bigint,
    reason text,
    sponsor text,
    -- It alone decides about the app, whatever groups the guest is in.
    stands_alone boolean NOT NULL,
    PRIMARY KEY (guest, app)
);
CREATE INDEX assignments_app ON assignments (app);
CREATE INDEX assignments_ends_at ON assignments (ends_at, guest, app) WHERE ends_at IS NOT NULL;

-- Groups: apps that guests are assigned to all at once.
CREATE TABLE guest_groups (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL UNIQUE,
    created_at bigint NOT NULL
);

CREATE TABLE group_apps (
    group_id uuid NOT NULL REFERENCES guest_groups (id),
    app uuid NOT NULL REFERENCES apps (id),
    PRIMARY KEY (group_id, app)
);
CREATE INDEX group_apps_app ON group_apps (app);

CREATE TABLE group_assignments (
    guest uuid NOT NULL REFERENCES guests (id),
    group_id uuid NOT NULL REFERENCES guest_groups (id),
    starts_at bigint NOT NULL,
    ends_at bigint,
    reason text,
    sponsor text,
    PRIMARY KEY (guest, group_id)
);
CREATE INDEX group_assignments_guest ON group_assignments (guest, ends_at);
CREATE INDEX group_assignments_group ON group_assignments (group_id, guest);
CREATE INDEX group_assignments_ends_at ON group_assignments (ends_at) WHERE ends_at IS NOT NULL;

-- The groups into which an invitation brings its guest.
CREATE TABLE invitation_groups (
    invitation uuid NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES guest_groups (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation, group_id)
);
CREATE INDEX invitation_groups_group ON invitation_groups (group_id);

-- Sponsors who have left: nobody asks them any more.
CREATE TABLE removed_sponsors (
    address text NOT NULL PRIMARY KEY,
    removed_at bigint NOT NULL
);
CREATE INDEX assignments_sponsor ON assignments (lower(sponsor));
CREATE INDEX group_assignments_sponsor ON group_assignments (lower(sponsor));

-- Links that are mailed to people who invite without an operator account.
CREATE TABLE inviter_links (
    id uuid NOT NULL PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    inviter text NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX inviter_links_inviter ON inviter_links (lower(inviter));
CREATE INDEX inviter_links_expires_at ON inviter_links (expires_at);

-- What guests hold of apps, their own and through groups, but for what does not count beside their own.
CREATE VIEW held_assignments AS
SELECT guest, app, starts_at, ends_at, reason, sponsor, stands_alone, CAST(NULL AS uuid) AS group_id FROM assignments
UNION ALL
SELECT m.guest, p.app, m.starts_at, m.ends_at, m.reason, m.sponsor, FALSE, m.group_id
FROM group_assignments m JOIN group_apps p ON p.group_id = m.group_id
WHERE NOT EXISTS (SELECT 1 FROM assignments o WHERE o.guest = m.guest AND o.app = p.app AND o.stands_alone);

-- Guests who ask for an app, and what the person answerable said.
CREATE TABLE access_requests (
    id uuid NOT NULL PRIMARY KEY,
    guest uuid NOT NULL REFERENCES guests (id),
    app uuid NOT NULL REFERENCES apps (id),
    token_hash bytea NOT NULL UNIQUE,
    renews bigint,
    proven boolean NOT NULL,
    asked_of text NOT NULL,
    state text NOT NULL,
    state_since bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX access_requests_guest_app ON access_requests (guest, app, created_at);
CREATE INDEX access_requests_app ON access_requests (app);
CREATE INDEX access_requests_asked_of ON access_requests (lower(asked_of), created_at);
CREATE INDEX access_requests_expires_at ON access_requests (expires_at);

CREATE TABLE accounts (
    upstream uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    guest uuid NOT NULL REFERENCES guests (id),
    created_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    PRIMARY KEY (upstream, issuer, subject)
);
CREATE INDEX accounts_guest ON accounts (guest, upstream);

CREATE TABLE passkeys (
    id uuid NOT NULL PRIMARY KEY,
    guest uuid NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    credential_id bytea NOT NULL,
    credential text NOT NULL,
    kind text NOT NULL,
    created_at bigint NOT NULL,
    used_at bigint
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);
CREATE INDEX passkeys_guest ON passkeys (guest);

CREATE TABLE consents (
    guest uuid NOT NULL REFERENCES guests (id),
    app uuid NOT NULL REFERENCES apps (id),
    scopes text NOT NULL,
    granted_at bigint NOT NULL,
    PRIMARY KEY (guest, app)
);

-- Sign-ins under way. Short-lived rows: all of them are swept.

CREATE TABLE sign_ins (
    id uuid NOT NULL PRIMARY KEY,
    app uuid NOT NULL REFERENCES apps (id),
    request text NOT NULL,
    browser bytea NOT NULL,
    reference text NOT NULL,
    email text,
    email_typed boolean NOT NULL,
    invitation uuid,
    challenge uuid,
    tries bigint NOT NULL,
    locked_until bigint,
    chosen text,
    chosen_upstream uuid,
    progress text NOT NULL,
    session uuid,
    keeps_method boolean NOT NULL,
    makes_passkey boolean NOT NULL,
    answered_at bigint,
    agreed uuid,
    started_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    former_browser bytea,
    former_until bigint
);
CREATE INDEX sign_ins_browser ON sign_ins (browser, started_at);
CREATE INDEX sign_ins_expires_at ON sign_ins (expires_at);

CREATE TABLE passcode_challenges (
    id uuid NOT NULL PRIMARY KEY,
    sign_in uuid NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    email text NOT NULL,
    salt bytea NOT NULL,
    key_id text NOT NULL,
    lifetime bigint NOT NULL,
    suppressed boolean NOT NULL,
    -- The mails that were asked for: number, moment, alphabet.
    sends text NOT NULL,
    send_count bigint NOT NULL,
    state text NOT NULL,
    state_since bigint NOT NULL
);
CREATE INDEX passcode_challenges_sign_in ON passcode_challenges (sign_in);

CREATE TABLE passkey_ceremonies (
    sign_in uuid NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
    purpose text NOT NULL,
    options text NOT NULL,
    state text NOT NULL,
    ends_at bigint NOT NULL,
    PRIMARY KEY (sign_in, purpose)
);

CREATE TABLE unconfirmed_accounts (
    sign_in uuid NOT NULL PRIMARY KEY REFERENCES sign_ins (id) ON DELETE CASCADE,
    upstream uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    email text,
    name text,
    locale text,
    session text,
    ends_at bigint NOT NULL
);

CREATE TABLE saml_answers (
    hash bytea NOT NULL PRIMARY KEY,
    upstream uuid NOT NULL,
    state text NOT NULL,
    answer text NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX saml_answers_expires_at ON saml_answers (expires_at);

CREATE TABLE spent (
    hash bytea NOT NULL PRIMARY KEY,
    ends_at bigint NOT NULL
);
CREATE INDEX spent_ends_at ON spent (ends_at);

-- Sessions, and what apps hold of them.

CREATE TABLE sessions (
    id uuid NOT NULL PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    guest uuid NOT NULL REFERENCES guests (id),
    method text NOT NULL,
    method_upstream uuid,
    authenticated_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ends_with_browser boolean NOT NULL,
    ended_at bigint,
    user_agent text,
    network text,
    mfa boolean NOT NULL,
    upstream_sid text,
    passkey text
);
CREATE INDEX sessions_guest ON sessions (guest);
CREATE INDEX sessions_expires_at ON sessions (expires_at);
CREATE INDEX sessions_upstream ON sessions (method_upstream, upstream_sid) WHERE method_upstream IS NOT NULL;

CREATE TABLE devices (
    token_hash bytea NOT NULL,
    mailbox bytea NOT NULL,
    seen_at bigint NOT NULL,
    PRIMARY KEY (token_hash, mailbox)
);
CREATE INDEX devices_seen_at ON devices (seen_at);

CREATE TABLE grants (
    id uuid NOT NULL PRIMARY KEY,
    guest uuid NOT NULL REFERENCES guests (id),
    app uuid NOT NULL REFERENCES apps (id),
    session uuid NOT NULL REFERENCES sessions (id),
    sign_in uuid,
    scopes text NOT NULL,
    method text NOT NULL,
    method_upstream uuid,
    authenticated_at bigint NOT NULL,
    nonce text,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint,
    mfa boolean NOT NULL,
    passkey text,
    -- Its authorization code.
    code_hash bytea NOT NULL UNIQUE,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    code_expires_at bigint NOT NULL,
    redeemed_at bigint
);
CREATE INDEX grants_session ON grants (session);
CREATE INDEX grants_sign_in ON grants (sign_in) WHERE sign_in IS NOT NULL;
CREATE INDEX grants_upstream ON grants (method_upstream) WHERE method_upstream IS NOT NULL AND revoked_at IS NULL;
CREATE INDEX grants_expires_at ON grants (expires_at);

CREATE TABLE access_tokens (
    hash bytea NOT NULL PRIMARY KEY,
    grant_id uuid NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    scopes text NOT NULL,
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id);
CREATE INDEX access_tokens_expires_at ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    hash bytea NOT NULL PRIMARY KEY,
    grant_id uuid NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    expires_at bigint NOT NULL,
    spent_at bigint
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);

-- Keys that sign tokens.

CREATE TABLE signing_keys (
    kid text NOT NULL PRIMARY KEY,
    algorithm text NOT NULL,
    state text NOT NULL,
    since bigint NOT NULL,
    public_jwk text NOT NULL,
    private_jwk bytea NOT NULL,
    sealed_by text NOT NULL
);

-- Mail on its way, and whether the mail server answers.

CREATE TABLE outbox (
    id uuid NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    subject uuid NOT NULL,
    number bigint NOT NULL,
    language text,
    state text NOT NULL,
    attempts bigint NOT NULL,
    due_at bigint NOT NULL,
    leased_until bigint,
    deadline bigint NOT NULL,
    created_at bigint NOT NULL,
    ended_at bigint,
    last_error text,
    answer text,
    recipient text,
    leased_by text
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'pending';
CREATE INDEX outbox_deadline ON outbox (deadline) WHERE state = 'pending';
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX outbox_subject ON outbox (subject, number);

CREATE TABLE mail_transport (
    id bigint NOT NULL PRIMARY KEY,
    down_since bigint
);
INSERT INTO mail_transport (id, down_since) VALUES (1, NULL);

-- What has happened, what may happen how often, and who may use the API.

CREATE TABLE audit (
    id uuid NOT NULL PRIMARY KEY,
    at bigint NOT NULL,
    action text COLLATE "C" NOT NULL,
    actor_kind text NOT NULL,
    actor text,
    guest uuid,
    app uuid,
    sign_in uuid,
    reason text,
    details text NOT NULL,
    reference text,
    mailbox bytea
);
CREATE INDEX audit_action ON audit (action, id);
CREATE INDEX audit_guest ON audit (guest, id) WHERE guest IS NOT NULL;
CREATE INDEX audit_sign_in ON audit (sign_in, id) WHERE sign_in IS NOT NULL;
CREATE INDEX audit_reference ON audit (reference, id) WHERE reference IS NOT NULL;
CREATE INDEX audit_mailbox ON audit (mailbox, id) WHERE mailbox IS NOT NULL;

CREATE TABLE limits (
    key bytea NOT NULL PRIMARY KEY,
    started_at bigint NOT NULL,
    count bigint NOT NULL,
    ends_at bigint NOT NULL
);
CREATE INDEX limits_ends_at ON limits (ends_at);

CREATE TABLE api_tokens (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    token_hash bytea NOT NULL UNIQUE,
    scopes text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);
CREATE UNIQUE INDEX api_tokens_name ON api_tokens (name) WHERE revoked_at IS NULL;
