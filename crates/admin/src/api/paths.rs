//! Every path of the API with its methods. The router and the test of the description both read it.

use axum::routing::{MethodRouter, delete, get, post, put};
use domain::api_scope::ApiArea;
use sign_in::Core;

use super::{
    access_requests, apps, assignments, audit, domains, groups, guests, invitations, keys, mails, merges,
    route, sponsors, tokens, upstreams,
};

/// A path, its methods, and what answers it.
type Described = (&'static str, &'static [&'static str], MethodRouter<Core>);

/// All of them, each with its area, which says which scope a token needs.
pub(super) fn all() -> impl Iterator<Item = (ApiArea, Described)> {
    let groups = [
        (ApiArea::Apps, of_apps()),
        (ApiArea::Invitations, of_invitations()),
        (ApiArea::Guests, of_guests()),
        (ApiArea::Guests, of_methods()),
        (ApiArea::Guests, of_access()),
        (ApiArea::Guests, of_groups_of_guests()),
        (ApiArea::Sponsors, of_sponsors()),
        (ApiArea::Groups, of_groups()),
        (ApiArea::Audit, of_audit()),
        (ApiArea::Upstreams, of_upstreams()),
        (ApiArea::Upstreams, of_domains()),
        (ApiArea::Keys, of_keys()),
        (ApiArea::Tokens, of_tokens()),
        (ApiArea::Mail, of_mails()),
    ];
    groups
        .into_iter()
        .flat_map(|(area, paths)| paths.into_iter().map(move |path| (area, path)))
}

/// Apps and their secrets.
fn of_apps() -> Vec<Described> {
    vec![
        (
            "/api/v1/apps",
            &["get", "post"],
            get(apps::list).post(apps::register),
        ),
        (
            "/api/v1/apps/{client_id}",
            &["delete", "get", "patch"],
            get(apps::show).patch(apps::change).delete(apps::remove),
        ),
        (
            "/api/v1/apps/{client_id}/logo",
            &["delete", "put"],
            put(apps::logo::put).delete(apps::logo::remove),
        ),
        (
            "/api/v1/apps/{client_id}/secrets",
            &["get", "post"],
            get(apps::secrets).post(apps::add_secret),
        ),
        (
            "/api/v1/apps/{client_id}/secrets/{secret}",
            &["delete"],
            delete(apps::remove_secret),
        ),
    ]
}

/// Invitations.
fn of_invitations() -> Vec<Described> {
    vec![
        (
            "/api/v1/invitations",
            &["get", "post"],
            post(invitations::invite).get(invitations::list),
        ),
        ("/api/v1/invitations/{id}", &["get"], get(invitations::one::show)),
        (
            "/api/v1/invitations/{id}/resend",
            &["post"],
            post(invitations::one::resend),
        ),
        (
            "/api/v1/invitations/{id}/extend",
            &["post"],
            post(invitations::one::extend),
        ),
        (
            "/api/v1/invitations/{id}/revoke",
            &["post"],
            post(invitations::one::revoke),
        ),
    ]
}

/// Guests, their life and their access.
fn of_guests() -> Vec<Described> {
    vec![
        ("/api/v1/guests", &["get"], get(guests::list)),
        (
            "/api/v1/guests/{guest}",
            &["delete", "get"],
            get(guests::one::show).delete(guests::life::remove),
        ),
        (
            "/api/v1/guests/{guest}/restore",
            &["post"],
            post(guests::life::restore),
        ),
        (
            "/api/v1/guests/{guest}/convert",
            &["post"],
            post(guests::life::convert),
        ),
        (
            "/api/v1/guests/{guest}/erase",
            &["post"],
            post(guests::life::erase),
        ),
        (
            "/api/v1/guests/{guest}/expiry",
            &["delete", "put"],
            put(guests::life::put_expiry).delete(guests::life::remove_expiry),
        ),
        (
            "/api/v1/guests/{guest}/block",
            &["post"],
            post(guests::one::block),
        ),
        (
            "/api/v1/guests/{guest}/unblock",
            &["post"],
            post(guests::one::unblock),
        ),
        (
            "/api/v1/guests/{guest}/assignments/{client_id}",
            &["delete", "get", "put"],
            get(assignments::show)
                .put(assignments::put)
                .delete(assignments::end),
        ),
    ]
}

/// How guests sign in.
fn of_methods() -> Vec<Described> {
    vec![
        (
            "/api/v1/guests/{guest}/reset-method",
            &["post"],
            post(guests::method::reset),
        ),
        (
            "/api/v1/guests/{guest}/address",
            &["put"],
            put(guests::method::put_address),
        ),
        (
            "/api/v1/guests/{guest}/pin",
            &["delete", "put"],
            put(guests::method::put_pin).delete(guests::method::remove_pin),
        ),
        (
            "/api/v1/guests/{guest}/passkeys",
            &["get"],
            get(guests::method::passkeys),
        ),
        (
            "/api/v1/guests/{guest}/passkeys/{passkey}",
            &["delete"],
            delete(guests::method::delete_passkey),
        ),
        (
            "/api/v1/addresses/{address}/reset-codes",
            &["post"],
            post(guests::method::allow_codes),
        ),
    ]
}

/// Who may use what, who asks for it, and what comes of guests and addresses.
fn of_access() -> Vec<Described> {
    vec![
        ("/api/v1/access-requests", &["get"], get(access_requests::list)),
        (
            "/api/v1/access-requests/{id}/approve",
            &["post"],
            post(access_requests::approve),
        ),
        (
            "/api/v1/access-requests/{id}/refuse",
            &["post"],
            post(access_requests::refuse),
        ),
        (
            "/api/v1/merges",
            &["get", "post"],
            get(merges::list).post(merges::ask),
        ),
        ("/api/v1/merges/{id}", &["get"], get(merges::show)),
        (
            "/api/v1/merges/{id}/take-back",
            &["post"],
            post(merges::take_back),
        ),
        ("/api/v1/guest-rules", &["get"], get(guests::due::list)),
        ("/api/v1/assignments", &["get"], get(assignments::list)),
        ("/api/v1/route", &["get"], get(route::explain)),
    ]
}

/// Who is in which group.
fn of_groups_of_guests() -> Vec<Described> {
    vec![
        (
            "/api/v1/groups/{group}/guests",
            &["get"],
            get(groups::guests::list),
        ),
        (
            "/api/v1/guests/{guest}/groups",
            &["get"],
            get(groups::guests::of_guest),
        ),
        (
            "/api/v1/guests/{guest}/groups/{group}",
            &["delete", "get", "put"],
            get(groups::guests::show)
                .put(groups::guests::put)
                .delete(groups::guests::end),
        ),
    ]
}

/// Who is answerable.
fn of_sponsors() -> Vec<Described> {
    vec![
        ("/api/v1/sponsors", &["get"], get(sponsors::list)),
        (
            "/api/v1/sponsors/{address}/remove",
            &["post"],
            post(sponsors::remove),
        ),
        (
            "/api/v1/sponsors/{address}/hand-over",
            &["post"],
            post(sponsors::hand_over),
        ),
        (
            "/api/v1/sponsors/{address}/restore",
            &["post"],
            post(sponsors::restore),
        ),
    ]
}

/// Groups and their apps.
fn of_groups() -> Vec<Described> {
    vec![
        (
            "/api/v1/groups",
            &["get", "post"],
            get(groups::list).post(groups::add),
        ),
        (
            "/api/v1/groups/{group}",
            &["delete", "get", "patch"],
            get(groups::show).patch(groups::change).delete(groups::remove),
        ),
    ]
}

/// The audit log.
fn of_audit() -> Vec<Described> {
    vec![("/api/v1/audit", &["get"], get(audit::search))]
}

/// Tenants and providers.
fn of_upstreams() -> Vec<Described> {
    vec![
        ("/api/v1/upstreams", &["get"], get(upstreams::list)),
        (
            "/api/v1/upstreams/{kind}/{name}",
            &["delete", "get", "patch", "post"],
            get(upstreams::show)
                .post(upstreams::change::add)
                .patch(upstreams::change::change)
                .delete(upstreams::remove),
        ),
        (
            "/api/v1/upstreams/{kind}/{name}/enable",
            &["post"],
            post(upstreams::enable),
        ),
        (
            "/api/v1/upstreams/{kind}/{name}/disable",
            &["post"],
            post(upstreams::disable),
        ),
        (
            "/api/v1/upstreams/{kind}/{name}/impact",
            &["get"],
            get(upstreams::foresee),
        ),
        (
            "/api/v1/upstreams/{kind}/{name}/test",
            &["post"],
            post(upstreams::test_sign_in::test),
        ),
    ]
}

/// The domains that tenants claim.
fn of_domains() -> Vec<Described> {
    vec![
        ("/api/v1/domains", &["get"], get(domains::list)),
        ("/api/v1/domains/{domain}", &["get"], get(domains::show)),
        ("/api/v1/domains/{domain}/check", &["post"], post(domains::check)),
        (
            "/api/v1/domains/{domain}/tenants/{name}",
            &["delete", "put"],
            put(domains::claim).delete(domains::unclaim),
        ),
    ]
}

/// Signing keys.
fn of_keys() -> Vec<Described> {
    vec![
        ("/api/v1/keys", &["get"], get(keys::list)),
        ("/api/v1/keys/rotate", &["post"], post(keys::rotate)),
        ("/api/v1/keys/{kid}/revoke", &["post"], post(keys::revoke)),
    ]
}

/// Tokens of the API.
fn of_tokens() -> Vec<Described> {
    vec![
        (
            "/api/v1/tokens",
            &["get", "post"],
            get(tokens::list).post(tokens::create),
        ),
        ("/api/v1/tokens/{name}", &["delete"], delete(tokens::revoke)),
    ]
}

/// What became of mails.
fn of_mails() -> Vec<Described> {
    vec![("/api/v1/mails", &["get"], get(mails::list))]
}
