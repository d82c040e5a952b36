//! The hosted pages on which a guest signs in: the address, the code, consent, and the pages that say no. Every
//! step changes what is stored and returns to the dispatcher (`web::routes::resume`); no step knows the next.
//!
//! Rules of this crate: a GET changes nothing; a POST writes in one transaction and ends in a 303, to its own page
//! where something was wrong (`flash`); what a stranger sees and what a guest sees is the same until the mailbox is proven.

use axum::{
    Extension, Router,
    routing::{get, post},
};
use federation::Upstreams;
use sign_in::Core;
use tower_http::compression::CompressionLayer;
use web::routes;

mod access_request;
mod answered;
mod app_logo;
mod choose;
mod consent;
mod continue_as;
mod federated;
mod flash;
mod home;
mod identify;
mod invitation;
mod inviter;
mod my_access;
mod passcode;
mod passkey;
mod refused;
mod send;
mod unavailable;
mod visit;
mod webfinger;

#[cfg(test)]
mod gallery;

/// Where identity providers post assertions: these bodies are longer than any other ([`web::layers::WIDE_BODY_MAX`]).
pub fn assertion_router(core: Core, upstreams: Upstreams) -> Router {
    let router = Router::new();
    #[cfg(feature = "saml")]
    let router = router.route(
        routes::FEDERATION_ACS,
        get(federated::saml::fetch).post(federated::saml::posted),
    );
    router.layer(Extension(upstreams)).with_state(core)
}

/// The pages.
pub fn router(core: Core, upstreams: Upstreams) -> Router {
    let router = Router::new();
    #[cfg(feature = "saml")]
    let router = router
        .route(routes::FEDERATION_METADATA, get(federated::saml::metadata))
        .route(
            routes::FEDERATION_SLO,
            get(federated::saml_logout::by_query).post(federated::saml_logout::by_form),
        );
    router
        .route(routes::HOME, get(home::show))
        .route(routes::IDENTIFY, get(identify::show).post(identify::submit))
        .route(routes::SEND, get(send::show).post(send::submit))
        .route(routes::PASSCODE, get(passcode::show).post(passcode::submit))
        .route(routes::RESEND, get(passcode::show_form).post(passcode::resend))
        .route(
            routes::PASSKEY,
            get(passkey::enter::show).post(passkey::enter::submit),
        )
        .route(
            routes::NEW_PASSKEY,
            get(passkey::make::show).post(passkey::make::submit),
        )
        .route(
            routes::CONTINUE_AS,
            get(identify::show_form).post(continue_as::submit),
        )
        .route(routes::CONSENT, get(consent::show).post(consent::submit))
        .route(routes::REFUSED, get(refused::show).post(refused::submit))
        .route(routes::ASK_FOR_ACCESS, get(refused::show).post(refused::ask))
        .route(
            routes::ACCESS_REQUEST,
            get(access_request::show).post(access_request::submit),
        )
        .route(
            routes::ASK_INVITER_LINK,
            get(inviter::ask::show).post(inviter::ask::submit),
        )
        .route(routes::INVITER, get(inviter::show).post(inviter::submit))
        .route(
            routes::TAKE_BACK,
            get(inviter::show_form).post(inviter::take_back),
        )
        .route(
            routes::END_INVITER_LINKS,
            get(inviter::show_form).post(inviter::end),
        )
        .route(routes::UNAVAILABLE, get(unavailable::show).post(refused::submit))
        .route(routes::CHOOSE, get(choose::show).post(choose::submit))
        .route(
            routes::OFFER,
            get(federated::offer::show).post(federated::offer::decline),
        )
        .route(routes::LEAVE, get(federated::leave::show))
        .route(routes::AWAY, get(federated::leave::go))
        .route(routes::FEDERATION_CALLBACK, get(federated::arrive::from_tenant))
        .route(routes::FEDERATION_LOGOUT, post(federated::logout::by_tenant))
        .route(
            routes::PERSONAL_ACCOUNT_LOGOUT,
            post(federated::logout::by_provider),
        )
        .route(
            routes::PERSONAL_ACCOUNT_CALLBACK,
            get(federated::arrive::from_provider),
        )
        .route(routes::TEST_SIGN_IN, get(federated::test_sign_in::show))
        .route(routes::TEST_SIGN_IN_AWAY, get(federated::test_sign_in::go))
        .merge(of_my_access())
        .route(routes::APP_LOGO, get(app_logo::show))
        .route(routes::INVITATION, get(invitation::show))
        .route(
            routes::DECLINE_INVITATION,
            get(invitation::decline::show).post(invitation::decline::submit),
        )
        .route(
            routes::ALLOW_INVITATIONS,
            get(invitation::allow::show).post(invitation::allow::submit),
        )
        .route(
            routes::ASK_FOR_INVITATION,
            get(invitation::again::show).post(invitation::again::submit),
        )
        .layer(Extension(upstreams))
        // A page shows nothing that another site chose beside its form token, so its length tells nothing (BREACH).
        .layer(CompressionLayer::new())
        .with_state(core)
}

/// What guests do to what is theirs.
fn of_my_access() -> Router<Core> {
    Router::new()
        .route(routes::MY_ACCESS, get(my_access::show))
        .route(routes::MY_SESSIONS, post(my_access::sessions::end))
        .route(routes::MY_PASSKEYS, post(my_access::passkeys::remove))
        .route(routes::MY_METHOD, post(my_access::method::change))
        .route(routes::MY_NEW_PASSKEY, post(my_access::passkeys::make))
        .route(routes::MY_INVITATIONS, post(my_access::invitations::submit))
        .route(routes::MY_ACTIVITY, post(my_access::activity::dispute))
        .route(
            routes::MY_MERGE,
            get(my_access::merge::show).post(my_access::merge::submit),
        )
        .route(routes::MY_OTHER_ADDRESS, post(my_access::merge::other_address))
        .route(
            routes::MY_DATA,
            get(my_access::data::show).post(my_access::data::download),
        )
        .route(
            routes::LEAVE_APP,
            get(my_access::leave_app::show).post(my_access::leave_app::submit),
        )
        .route(
            routes::LEAVE_ORGANISATION,
            get(my_access::leave::show).post(my_access::leave::submit),
        )
        .route(routes::MY_LAST_PAGE, get(my_access::last_page::show))
}
