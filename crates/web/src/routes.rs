//! Every path, and the function that builds it. No other file writes a path, so that none can drift.

use std::sync::LazyLock;

use domain::{Id, app::App, sign_in::SignIn};
use sign_in::PageName;

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $path;)*
        const ALL: &[&str] = &[$($path),*];
    };
}

fixed! {
    /// The bare host name: where one is.
    HOME = "/";
    /// OpenID Connect Discovery §4.
    DISCOVERY = "/.well-known/openid-configuration";
    /// RFC 8414 §3.
    OAUTH_METADATA = "/.well-known/oauth-authorization-server";
    /// The JWK Set.
    JWKS = "/jwks";
    /// The authorization endpoint.
    AUTHORIZE = "/authorize";
    /// The dispatcher: where every step of a sign-in returns to.
    RESUME = "/authorize/{sign_in}";
    /// The token endpoint.
    TOKEN = "/token";
    /// The UserInfo endpoint.
    USERINFO = "/userinfo";
    /// RFC 7009.
    REVOKE = "/revoke";
    /// RFC 7662.
    INTROSPECT = "/introspect";
    /// RP-Initiated Logout §2.
    LOGOUT = "/logout";
    /// The page after signing out.
    SIGNED_OUT = "/signed-out";
    /// G1: the address.
    IDENTIFY = "/signin/{sign_in}/email";
    /// G2-send: an address that was given; a GET never sends mail.
    SEND = "/signin/{sign_in}/send";
    /// G2: the code.
    PASSCODE = "/signin/{sign_in}/code";
    /// Signing in with a passkey.
    PASSKEY = "/signin/{sign_in}/passkey";
    /// Registering a passkey, after a code.
    NEW_PASSKEY = "/signin/{sign_in}/new-passkey";
    /// Another mail with another code.
    RESEND = "/signin/{sign_in}/resend";
    /// Going on as the guest whose session this browser has.
    CONTINUE_AS = "/signin/{sign_in}/continue";
    /// G3: consent.
    CONSENT = "/signin/{sign_in}/consent";
    /// G5: no access.
    REFUSED = "/signin/{sign_in}/refused";
    /// Asking for access, from there.
    ASK_FOR_ACCESS = "/signin/{sign_in}/ask-for-access";
    /// G1b: several methods fit.
    CHOOSE = "/signin/{sign_in}/choose";
    /// The method that an address resolves to is switched off.
    UNAVAILABLE = "/signin/{sign_in}/unavailable";
    /// G6: a better method is offered.
    OFFER = "/signin/{sign_in}/offer";
    /// The page that leads to the guest's own organisation.
    LEAVE = "/signin/{sign_in}/leave";
    /// The way there.
    AWAY = "/signin/{sign_in}/away";
    /// The way back: the redirect URI of one tenant.
    FEDERATION_CALLBACK = "/federation/{name}/callback";
    /// Where the answers of one tenant are posted, if it speaks SAML, and where the browser then comes for them.
    FEDERATION_ACS = "/federation/{name}/acs";
    /// Where one tenant that speaks SAML says that somebody has signed out there (SAML Profiles §4.4).
    FEDERATION_SLO = "/federation/{name}/slo";
    /// What Vestibule publishes of itself for one tenant that speaks SAML: its name is the entity ID.
    FEDERATION_METADATA = "/federation/{name}/metadata";
    /// Where a tenant says that somebody has signed out there (Back-Channel Logout §2.2).
    FEDERATION_LOGOUT = "/federation/{name}/backchannel-logout";
    /// The redirect URI of one provider of personal accounts.
    PERSONAL_ACCOUNT_CALLBACK = "/personal-account/{name}/callback";
    /// Where a provider says that somebody has signed out there.
    PERSONAL_ACCOUNT_LOGOUT = "/personal-account/{name}/backchannel-logout";
    /// An invitation's page.
    INVITATION = "/invitation/{token}";
    /// Where an invitation is turned down.
    DECLINE_INVITATION = "/invitation/{token}/decline";
    /// Where a guest who does not want to be invited any more allows it again.
    ALLOW_INVITATIONS = "/invitation/{token}/allow";
    /// Where another invitation is asked for.
    ASK_FOR_INVITATION = "/invitation/{token}/ask-again";
    /// Where a guest's access request is answered.
    ACCESS_REQUEST = "/access-request/{token}";
    /// Where somebody who may invite asks for the link with which they do.
    ASK_INVITER_LINK = "/invite";
    /// Where they invite.
    INVITER = "/invite/{token}";
    /// Taking an invitation back, from there.
    TAKE_BACK = "/invite/{token}/take-back";
    /// Ending all links of who invites, from there.
    END_INVITER_LINKS = "/invite/{token}/end";
    /// My access: what a guest can open, and how they sign in.
    MY_ACCESS = "/me";
    /// Ending sessions, from there.
    MY_SESSIONS = "/me/sessions";
    /// Removing a passkey.
    MY_PASSKEYS = "/me/passkeys";
    /// The way to another passkey.
    MY_NEW_PASSKEY = "/me/new-passkey";
    /// The way to a better method.
    MY_METHOD = "/me/method";
    /// Whether one may be invited to more.
    MY_INVITATIONS = "/me/invitations";
    /// «This wasn't me».
    MY_ACTIVITY = "/me/activity";
    /// Whether another guest is the same person.
    MY_MERGE = "/me/merge";
    /// Signing in as that guest.
    MY_OTHER_ADDRESS = "/me/merge/other-address";
    /// A copy of all that is kept about the guest.
    MY_DATA = "/me/data";
    /// Giving up access to one app.
    LEAVE_APP = "/me/apps/{client_id}/leave";
    /// Leaving the organisation.
    LEAVE_ORGANISATION = "/me/leave";
    /// What was done, after a session has ended by it.
    MY_LAST_PAGE = "/me/done/{what}";
    /// A round trip to an upstream that an operator tries out.
    TEST_SIGN_IN = "/test-sign-in/{token}";
    /// The way there.
    TEST_SIGN_IN_AWAY = "/test-sign-in/{token}/away";
    /// The logo of an app, by the name of its content.
    APP_LOGO = "/app-logo/{client_id}/{file}";
    /// Static files, by hashed name.
    STATIC = "/static/{file}";
    /// Whether the process lives.
    LIVEZ = "/livez";
    /// Whether it can serve.
    READYZ = "/readyz";
}

/// A path as a log may have it: without the token that some paths hold, and without the address by which the API names a guest.
pub(crate) fn for_the_log(path: &str) -> std::borrow::Cow<'_, str> {
    static SECRET: LazyLock<Vec<&str>> = LazyLock::new(|| {
        let patterns = ALL.iter().filter_map(|pattern| pattern.split_once("{token}"));
        patterns.map(|(before, _)| before).collect()
    });
    match SECRET.iter().find(|before| path.starts_with(**before)) {
        Some(before) => format!("{before}…").into(),
        None if has_address(path) => {
            let segments = path
                .split('/')
                .map(|part| if has_address(part) { "…" } else { part });
            segments.collect::<Vec<_>>().join("/").into()
        }
        None => path.into(),
    }
}

fn has_address(path: &str) -> bool {
    path.contains('@') || path.contains("%40")
}

/// Paths whose GET does something: it starts a sign-in, issues a code, spends an answer or ends a session, as the
/// protocols want it.
const ACTING: [&str; 11] = [
    AUTHORIZE,
    MY_ACCESS,
    MY_DATA,
    LEAVE_APP,
    LEAVE_ORGANISATION,
    RESUME,
    LOGOUT,
    FEDERATION_CALLBACK,
    FEDERATION_ACS,
    FEDERATION_SLO,
    PERSONAL_ACCOUNT_CALLBACK,
];

/// Whether a GET of that path does something, so that a HEAD (RFC 9110 §9.3.2: sent by link checkers and previews) must
/// not be answered by its handler.
pub(crate) fn acts_on_get(path: &str) -> bool {
    let fits = |pattern: &&str| {
        let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
        let same = wanted
            .by_ref()
            .zip(given.by_ref())
            .all(|(wanted, given)| wanted == given || wanted.starts_with('{'));
        same && pattern.split('/').count() == path.split('/').count()
    };
    ACTING.iter().any(fits)
}

/// The address of the protocol that a path with slashes too many means.
pub(crate) fn meant(path: &str) -> Option<&'static str> {
    let bare = path.split('/').filter(|segment| !segment.is_empty());
    let bare: String = bare.flat_map(|segment| ["/", segment]).collect();
    let protocol = [
        DISCOVERY,
        OAUTH_METADATA,
        JWKS,
        AUTHORIZE,
        TOKEN,
        USERINFO,
        REVOKE,
        INTROSPECT,
        LOGOUT,
    ];
    protocol
        .into_iter()
        .find(|known| *known == bare && *known != path)
}

/// Where the logo of an app is, where it has one.
pub fn logo_of(app: &App) -> Option<String> {
    let file = app.logo.as_ref()?;
    let path = APP_LOGO.replace("{client_id}", &app.client_id);
    Some(path.replace("{file}", file))
}

fn of(pattern: &str, sign_in: Id<SignIn>) -> String {
    pattern.replace("{sign_in}", &sign_in.to_string())
}

/// The address of a page of that sign-in.
pub fn page(page: PageName, sign_in: Id<SignIn>) -> String {
    match page {
        PageName::Identify => identify(sign_in),
        PageName::Send => send(sign_in),
        PageName::Choose => choose(sign_in),
        PageName::Leave => leave(sign_in),
        PageName::Away => away(sign_in),
        PageName::Unavailable => unavailable(sign_in),
        PageName::Offer => offer(sign_in),
        PageName::NewPasskey => new_passkey(sign_in),
        PageName::Consent => consent(sign_in),
        PageName::Refused => refused(sign_in),
        PageName::Answer => resume(sign_in),
    }
}

/// The dispatcher.
pub fn resume(sign_in: Id<SignIn>) -> String {
    of(RESUME, sign_in)
}

/// G1.
pub fn identify(sign_in: Id<SignIn>) -> String {
    of(IDENTIFY, sign_in)
}

/// G2-send.
pub fn send(sign_in: Id<SignIn>) -> String {
    of(SEND, sign_in)
}

/// G2.
pub fn passcode(sign_in: Id<SignIn>) -> String {
    of(PASSCODE, sign_in)
}

/// Signing in with a passkey.
pub fn passkey(sign_in: Id<SignIn>) -> String {
    of(PASSKEY, sign_in)
}

/// Registering a passkey.
pub fn new_passkey(sign_in: Id<SignIn>) -> String {
    of(NEW_PASSKEY, sign_in)
}

/// Another mail.
pub fn resend(sign_in: Id<SignIn>) -> String {
    of(RESEND, sign_in)
}

/// Going on as the guest whose session this browser has.
pub fn continue_as(sign_in: Id<SignIn>) -> String {
    of(CONTINUE_AS, sign_in)
}

/// G3.
pub fn consent(sign_in: Id<SignIn>) -> String {
    of(CONSENT, sign_in)
}

/// G5.
pub fn refused(sign_in: Id<SignIn>) -> String {
    of(REFUSED, sign_in)
}

/// Asking for access.
pub fn ask_for_access(sign_in: Id<SignIn>) -> String {
    of(ASK_FOR_ACCESS, sign_in)
}

/// The method that an address resolves to is switched off.
pub fn unavailable(sign_in: Id<SignIn>) -> String {
    of(UNAVAILABLE, sign_in)
}

/// G1b.
pub fn choose(sign_in: Id<SignIn>) -> String {
    of(CHOOSE, sign_in)
}

/// G6.
pub fn offer(sign_in: Id<SignIn>) -> String {
    of(OFFER, sign_in)
}

/// The page that leads to the guest's own organisation.
pub fn leave(sign_in: Id<SignIn>) -> String {
    of(LEAVE, sign_in)
}

/// The way there.
pub fn away(sign_in: Id<SignIn>) -> String {
    of(AWAY, sign_in)
}

/// The redirect URI's path of the tenant of that name.
pub fn federation_callback(tenant: &str) -> String {
    FEDERATION_CALLBACK.replace("{name}", tenant)
}

/// The path at which the answers of the tenant of that name are posted.
pub fn federation_acs(tenant: &str) -> String {
    FEDERATION_ACS.replace("{name}", tenant)
}

/// The path of what Vestibule publishes of itself for the tenant of that name.
pub fn federation_metadata(tenant: &str) -> String {
    FEDERATION_METADATA.replace("{name}", tenant)
}

/// The path at which the tenant of that name says that somebody has signed out there.
pub fn federation_logout(tenant: &str) -> String {
    FEDERATION_LOGOUT.replace("{name}", tenant)
}

/// The redirect URI's path of the provider of personal accounts of that name.
pub fn personal_account_callback(provider: &str) -> String {
    PERSONAL_ACCOUNT_CALLBACK.replace("{name}", provider)
}

/// The path at which the provider of that name says that somebody has signed out there.
pub fn personal_account_logout(provider: &str) -> String {
    PERSONAL_ACCOUNT_LOGOUT.replace("{name}", provider)
}

/// The page that begins a round trip which an operator tries out.
pub fn test_sign_in(token: &domain::Secret) -> String {
    TEST_SIGN_IN.replace("{token}", token.expose())
}

/// The way there.
pub fn test_sign_in_away(token: &domain::Secret) -> String {
    TEST_SIGN_IN_AWAY.replace("{token}", token.expose())
}

/// An invitation's page.
pub fn invitation(token: &domain::Secret) -> String {
    INVITATION.replace("{token}", token.expose())
}

/// Where an invitation is turned down.
pub fn decline_invitation(token: &domain::Secret) -> String {
    DECLINE_INVITATION.replace("{token}", token.expose())
}

/// Where a guest who does not want to be invited any more allows it again.
pub fn allow_invitations(token: &domain::Secret) -> String {
    ALLOW_INVITATIONS.replace("{token}", token.expose())
}

/// Where another invitation is asked for.
pub fn ask_for_invitation(token: &domain::Secret) -> String {
    ASK_FOR_INVITATION.replace("{token}", token.expose())
}

/// Where a guest's access request is answered.
pub fn access_request(token: &domain::Secret) -> String {
    ACCESS_REQUEST.replace("{token}", token.expose())
}

/// Where somebody invites who has no operator account.
pub fn inviter(token: &domain::Secret) -> String {
    INVITER.replace("{token}", token.expose())
}

/// Where they end all their links.
pub fn end_inviter_links(token: &domain::Secret) -> String {
    END_INVITER_LINKS.replace("{token}", token.expose())
}

/// Where they take an invitation back.
pub fn take_back(token: &domain::Secret) -> String {
    TAKE_BACK.replace("{token}", token.expose())
}

/// Where a guest gives up their access to the app of that `client_id`.
pub fn leave_app(client_id: &str) -> String {
    let escaped: String = form_urlencoded::byte_serialize(client_id.as_bytes()).collect();
    LEAVE_APP.replace("{client_id}", &escaped.replace('+', "%20"))
}

/// The page that says what was done.
pub fn my_last_page(what: &str) -> String {
    MY_LAST_PAGE.replace("{what}", what)
}

#[cfg(test)]
mod tests {
    use domain::Secret;

    use super::*;

    #[test]
    fn which_paths_act_on_get() {
        let id = Id::from_uuid(uuid::Uuid::nil());
        for path in [
            AUTHORIZE,
            MY_ACCESS,
            &resume(id),
            LOGOUT,
            "/federation/contoso/acs",
            "/federation/contoso/callback",
            "/personal-account/google/callback",
        ] {
            assert!(acts_on_get(path), "{path}");
        }
        for path in [
            READYZ,
            JWKS,
            &identify(id),
            "/authorize/0/more",
            "/federation/contoso/metadata",
        ] {
            assert!(!acts_on_get(path), "{path}");
        }
    }

    #[test]
    fn no_token_and_no_address_of_a_path_reaches_the_log() {
        let token = Secret::presented("very-secret");
        for (path, logged) in [
            (invitation(&token), "/invitation/…"),
            (decline_invitation(&token), "/invitation/…"),
            (ask_for_invitation(&token), "/invitation/…"),
            (allow_invitations(&token), "/invitation/…"),
            (access_request(&token), "/access-request/…"),
            (test_sign_in(&token), "/test-sign-in/…"),
            (test_sign_in_away(&token), "/test-sign-in/…"),
        ] {
            assert_eq!(for_the_log(&path), logged);
        }
        for address in ["anna@contoso.test", "anna%40contoso.test"] {
            let path = format!("/api/v1/guests/{address}/assignments/notes");
            assert_eq!(for_the_log(&path), "/api/v1/guests/…/assignments/notes");
        }
        for path in ["/", AUTHORIZE, "/signin/0/code", "/federation/contoso/acs"] {
            assert_eq!(for_the_log(path), path);
        }
    }
}
