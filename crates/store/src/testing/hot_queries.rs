//! The statements that requests and jobs repeat, as the aggregates run them, for a test to ask for their plans.

use sea_orm::Value;
use uuid::Uuid;

use crate::{
    Backend, access, accounts, app_secrets, apps, challenges, devices,
    grants::{self, codes, consents, tokens},
    groups, guests, invitations, inviters,
    leads_of_guests::{self, BATCH},
    life, limits, merges, method_facts, outbox, sessions, sign_ins, sweep,
};

/// A query that must use an index however large its table grows.
#[derive(Debug)]
pub struct HotQuery {
    /// What it is for.
    pub name: String,
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

fn query(name: impl Into<String>, sql: &str, values: impl Into<Vec<Value>>) -> HotQuery {
    HotQuery {
        name: name.into(),
        sql: sql.to_owned(),
        values: values.into(),
    }
}

fn id() -> Value {
    Uuid::nil().into()
}

fn hash() -> Value {
    vec![0_u8; 32].into()
}

fn number() -> Value {
    1_i64.into()
}

/// The hot queries of every aggregate.
pub fn hot_queries(backend: Backend) -> Vec<HotQuery> {
    let mut queries = of_the_directory();
    queries.extend(of_sign_ins());
    queries.extend(of_sessions_and_grants());
    queries.extend(of_the_outbox(backend == Backend::Postgres));
    queries.extend(
        sweep::statements().map(|(table, sql)| query(format!("sweep {table}"), &sql, [number(), number()])),
    );
    queries
}

fn of_the_directory() -> Vec<HotQuery> {
    vec![
        query("app by client_id", &apps::BY_CLIENT_ID, ["notes".into()]),
        query("secrets of an app", &app_secrets::OF_APP, [id()]),
        query("use of a secret", app_secrets::USED, [id(), number(), number()]),
        query(
            "apps of a sponsor",
            inviters::SPONSORED,
            ["lee@acme.test".into(), number()],
        ),
        query("guest by id", &guests::BY_ID, [id()]),
        query("newest merge of a guest", &merges::NEWEST, [id()]),
        query(
            "guest by address",
            &guests::BY_EMAIL,
            ["anna@contoso.test".into()],
        ),
        query("invitation by token", &invitations::BY_TOKEN, [hash()]),
        query("newest invitation", &invitations::NEWEST, [id(), id()]),
        query("admission", &access::ADMISSION, [id(), id()]),
        query(
            "guests of a group whom an app knows",
            groups::HOLDERS,
            [id(), id()],
        ),
        query(
            "owner of an account",
            accounts::OWNER,
            [id(), "https://a.test".into(), "7".into()],
        ),
        query("account of a guest", accounts::OF_GUEST, [id(), id()]),
        query(
            "where an address leads",
            method_facts::LEADS,
            [
                "contoso.test".into(),
                "anna@contoso.test".into(),
                hash(),
                number(),
                id(),
                id(),
            ],
        ),
    ]
}

fn of_sign_ins() -> Vec<HotQuery> {
    vec![
        query("sign-in", &sign_ins::BY_ID, [id()]),
        query(
            "sign-ins of a browser",
            &sign_ins::OF_BROWSER,
            [id(), hash(), number()],
        ),
        query("charge a try", sign_ins::CHARGE, [id(), number()]),
        query("challenge", &challenges::BY_ID, [id()]),
        query("challenge to mail", &challenges::WITH_SIGN_IN, [id()]),
        query("challenge to show", &challenges::OF_SIGN_IN, [id()]),
        query(
            "end of a challenge",
            challenges::LEAVE_OPEN,
            [id(), "dead".into(), number()],
        ),
        query("device", devices::KNOWN, [hash(), hash()]),
        query("limit", &limits::peeking(1), [hash()]),
        query("guests by id", &guests::BEHIND, [id(), number()]),
        query("removed guests", life::REMOVED_BEFORE, [number(), number()]),
        query(
            "mailboxes of guests",
            &leads_of_guests::BY_MAILBOX,
            [vec![hash(); BATCH], vec![number()]].concat(),
        ),
    ]
}

fn of_sessions_and_grants() -> Vec<HotQuery> {
    vec![
        query("session", &sessions::BY_ID, [id()]),
        query("session by token", &sessions::BY_TOKEN, [hash()]),
        query("session for an app", &sessions::BY_TOKEN_FOR_APP, [hash(), id()]),
        query("sessions of a guest", &sessions::OF_GUEST, [id(), number()]),
        query("end of a session", sessions::END, [id(), number()]),
        query(
            "end of a guest's sessions",
            sessions::END_OF_GUEST,
            [id(), number()],
        ),
        query(
            "end of what an upstream calls so",
            sessions::END_CALLED,
            [id(), "sid".into(), number()],
        ),
        query(
            "end of a guest's sessions at an upstream",
            sessions::END_OF_GUEST_AT,
            [id(), id(), number()],
        ),
        query(
            "end of an upstream's sessions",
            sessions::END_ALL_AT,
            [id(), number()],
        ),
        query("family of a grant", &grants::FAMILY, [id()]),
        query("revoke a grant", grants::REVOKE, [id(), number()]),
        query(
            "revoke a session's grants",
            grants::REVOKE_OF_SESSION,
            [id(), number()],
        ),
        query(
            "revoke a session's grants but offline ones",
            grants::REVOKE_OF_SESSION_BUT_OFFLINE,
            [id(), number()],
        ),
        query(
            "revoke a guest's grants",
            grants::REVOKE_OF_GUEST,
            [id(), number()],
        ),
        query(
            "revoke a guest's grants at an app",
            grants::REVOKE_OF_GUEST_AT,
            [id(), id(), number()],
        ),
        query(
            "revoke an upstream's grants",
            grants::REVOKE_OF_UPSTREAM,
            [id(), number()],
        ),
        query("codes of a sign-in", codes::OF_SIGN_IN, [id()]),
        query("code to repeat", &codes::ISSUED, [id()]),
        query(
            "revoke unredeemed codes",
            codes::REVOKE_UNREDEEMED,
            [id(), number()],
        ),
        query("redeem a code", &codes::REDEEM, [hash(), number(), id()]),
        query("used code", codes::USED, [hash()]),
        query("access token", &tokens::ACCESS, [hash()]),
        query("access token in use", &tokens::HELD_ACCESS, [hash()]),
        query("refresh token in use", &tokens::HELD_REFRESH, [hash()]),
        query("revoke an access token", tokens::REVOKE_ACCESS, [hash()]),
        query("refresh token", &tokens::REFRESH, [hash()]),
        query("spend a refresh token", tokens::SPEND, [hash(), number(), id()]),
        query("consent", consents::CONSENT, [id(), id()]),
    ]
}

fn of_the_outbox(postgres: bool) -> Vec<HotQuery> {
    vec![
        query("next mail", outbox::WAITING, []),
        query("mail of a challenge", outbox::list::CODE_MAIL, [id()]),
        query(
            "claim mail",
            &outbox::claim(postgres),
            [number(), number(), number(), "a process".into()],
        ),
        query(
            "give up overdue mail",
            &outbox::give_up(postgres),
            [number(), number()],
        ),
        query(
            "end of a mail",
            outbox::END,
            [id(), "sent".into(), number(), Value::String(None)],
        ),
        query("try a mail again", outbox::RETRY, [id(), number(), "451".into()]),
    ]
}
