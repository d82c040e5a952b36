//! Which way of signing in an address gets, and why: the same two calls that the sign-in page makes.

use domain::{
    EmailAddress,
    access::{Access, admits_uninvited},
    app::App,
    guest::Guest,
    method::Method,
    upstream::{Connection, UpstreamKind},
};
use method_resolution::{Decision, Reason, Refusal, Resolution};
use sign_in::Core;
use store::{Reader, StoreError};

use super::ActionError;

/// The answer.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The address, as it was understood.
    pub email: EmailAddress,
    /// The guest, when the directory knows the address.
    pub guest: Option<Guest>,
    /// The decision and its trace.
    pub resolution: Resolution,
    /// The decision in words.
    pub preview: MethodPreview,
    /// Whether they may enter the app that was asked about: `Ok`, or the word of the refusal.
    pub access: Option<Result<(), &'static str>>,
}

/// A decision in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodPreview {
    /// `passcode`, `federation`, `personal_account`, `choice` or `refused`.
    pub method: &'static str,
    /// `This person will sign in with an email code.`
    pub text: String,
}

/// Explains the way of an address, and its standing at `app` (a client id).
pub async fn explain_route(
    core: &Core,
    address: &str,
    app: Option<&str>,
) -> Result<Explanation, ActionError> {
    let email = EmailAddress::parse(address).map_err(|error| {
        ActionError::Invalid(vec![super::Fault {
            field: "address",
            message: error.to_string(),
        }])
    })?;
    let now = core.now();
    let reader = core.store.reader();
    let app = match app {
        Some(client_id) => Some(app_called(&reader, client_id).await?),
        None => None,
    };
    let guest = reader.guest_by_email(&email).await?;
    let facts = reader
        .method_facts(&email, guest.as_ref(), &core.settings.resolution, now)
        .await?;
    let resolution = method_resolution::resolve(&facts);
    let preview = preview(core, &resolution).await?;
    let access = match (&app, &guest) {
        (None, _) => None,
        (Some(app), Some(guest)) => Some(match reader.access_of(app.id, guest, now).await? {
            Access::Allow | Access::AllowByInvitation(_) => Ok(()),
            Access::Refuse(refusal) => Err(refusal.name()),
        }),
        (Some(app), None) if admits_uninvited(&app.access, &email) => Some(Ok(())),
        (Some(_), None) => Some(Err("not_invited")),
    };
    Ok(Explanation {
        email,
        guest,
        resolution,
        preview,
        access,
    })
}

/// The app with this client id.
async fn app_called(reader: &Reader, client_id: &str) -> Result<App, ActionError> {
    let app = reader.app_by_client_id(client_id).await?;
    app.ok_or_else(|| ActionError::NotFound {
        what: "app",
        name: client_id.to_owned(),
    })
}

/// Puts a decision into words.
pub(super) async fn preview(core: &Core, resolution: &Resolution) -> Result<MethodPreview, StoreError> {
    let reader = &core.store.reader();
    Ok(match &resolution.decision {
        Decision::Use(method) => MethodPreview {
            method: method.kind(),
            text: format!(
                "This person will sign in with {}.{}{}",
                words(reader, *method).await?,
                but(core, reader, *method).await?,
                then(reader, resolution).await?
            ),
        },
        Decision::Ask(methods) => {
            let mut choices = Vec::new();
            for method in methods {
                choices.push(words(reader, *method).await?);
            }
            MethodPreview {
                method: "choice",
                text: format!("This person will choose between {}.", choices.join(" and ")),
            }
        }
        Decision::Refuse(refusal) => MethodPreview {
            method: "refused",
            text: format!("This person cannot sign in: {}.", why(*refusal)),
        },
    })
}

async fn words(reader: &Reader, method: Method) -> Result<String, StoreError> {
    Ok(match method {
        Method::Passcode => "an email code".to_owned(),
        Method::Upstream(kind, id) => match (kind, reader.upstream(id).await?) {
            (UpstreamKind::Tenant, Some(tenant)) => {
                format!("{}, their own organisation", tenant.display_name)
            }
            (UpstreamKind::Tenant, None) => "their own organisation".to_owned(),
            (UpstreamKind::Provider, Some(provider)) => format!("their {} account", provider.display_name),
            (UpstreamKind::Provider, None) => "their personal account".to_owned(),
        },
    })
}

/// The move that comes with that sign-in.
async fn then(reader: &Reader, resolution: &Resolution) -> Result<String, StoreError> {
    let Some(offer) = resolution.offer else {
        return Ok(String::new());
    };
    let better = words(reader, offer).await?;
    Ok(match resolution.because {
        Reason::MoveRequired => format!(" In that sign-in they must move to {better}."),
        _ => format!(" In that sign-in they are offered {better} instead."),
    })
}

/// What the inviter should know before the guest finds out.
async fn but(core: &Core, reader: &Reader, method: Method) -> Result<&'static str, StoreError> {
    let Some(id) = method.upstream() else {
        return Ok("");
    };
    let connection = reader
        .upstream(id)
        .await?
        .and_then(|upstream| upstream.connection);
    Ok(match connection {
        None => " That way in is not connected yet: until it is, they cannot sign in.",
        Some(Connection::Saml(_)) if !core.settings.saml => {
            " SAML is switched off (saml.enabled): until it is on again, they cannot sign in."
        }
        Some(_) => "",
    })
}

fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Blocked => "they are blocked",
        Refusal::Converted => "they work for the organisation by now",
        Refusal::Removed => "they were removed: restore them first (guest restore)",
        Refusal::Expired => "their access has ended",
        Refusal::DomainRefused => "nobody from their domain may come in",
        Refusal::MethodUnavailable => {
            "their sign-in method is disabled: enable it, or reset how they sign in (guest reset-method)"
        }
        Refusal::NoMethod => "no method fits, and sign-in codes are off",
    }
}
