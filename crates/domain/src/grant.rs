//! What an app receives: authorization codes, refresh tokens, access tokens, and the checks at redemption.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Id, SecretHash,
    app::App,
    authorization::{CodeChallenge, Scope, Scopes},
    guest::Guest,
    session::{Authentication, Session},
};

/// How long an authorization code lives (RFC 6749 §4.1.2 allows ten minutes; FAPI 2 asks for one).
pub const CODE_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// One authorization that an app holds: the family that its code and all its tokens belong to and die with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its row.
    pub id: Id<Grant>,
    /// The guest who signed in.
    pub guest: Id<Guest>,
    /// To which app.
    pub app: Id<App>,
    /// From which session.
    pub session: Id<Session>,
    /// What was granted.
    pub scopes: Scopes,
    /// The proof it rests on, copied so that a refreshed ID token repeats it (OpenID Connect Core §12.2).
    pub authentication: Authentication,
    /// The request's nonce.
    pub nonce: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ended: revoked, reused, signed out.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Grant {
    /// Whether the grant outlives the browser's session (OpenID Connect Core §11).
    pub fn is_offline(&self) -> bool {
        self.scopes.contains(Scope::OfflineAccess)
    }
}

/// An authorization code, by its hash. Consumed by one conditional write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// SHA-256 of the code.
    pub hash: SecretHash,
    /// The `redirect_uri` it was sent to, exactly.
    pub redirect_uri: String,
    /// The PKCE challenge, where the request had one.
    pub challenge: Option<CodeChallenge>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// What an app presents with a code.
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// The app that authenticated.
    pub app: Id<App>,
    /// `redirect_uri`.
    pub redirect_uri: &'a str,
    /// `code_verifier`.
    pub verifier: Option<&'a str>,
}

/// Why a code or a refresh token is refused. All become `invalid_grant`; the difference is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It is unknown.
    Unknown,
    /// Used before: everything that came of it is revoked.
    Reused,
    /// Its time is over.
    Expired,
    /// Another app's.
    WrongApp,
    /// `redirect_uri` differs.
    WrongRedirectUri,
    /// PKCE failed.
    WrongVerifier,
    /// The grant was revoked, or the session is over.
    Revoked,
    /// The guest may no longer enter the app.
    AccessLost,
}

impl Invalid {
    /// The word for the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Reused => "reused",
            Self::Expired => "expired",
            Self::WrongApp => "wrong_app",
            Self::WrongRedirectUri => "wrong_redirect_uri",
            Self::WrongVerifier => "wrong_verifier",
            Self::Revoked => "revoked",
            Self::AccessLost => "access_lost",
        }
    }
}

/// Checks a code that has just been consumed: app, redirect URI, PKCE, time, grant and session, all of them.
pub fn redeem(
    code: &AuthorizationCode,
    grant: &Grant,
    session: &Session,
    presented: &Presented<'_>,
    now: DateTime<Utc>,
) -> Result<(), Invalid> {
    if grant.app != presented.app {
        return Err(Invalid::WrongApp);
    }
    if now >= code.expires_at {
        return Err(Invalid::Expired);
    }
    if code.redirect_uri != presented.redirect_uri {
        return Err(Invalid::WrongRedirectUri);
    }
    // A verifier without a challenge is refused as well: somebody took the challenge out (RFC 9700 §4.8.2).
    let answered = match (&code.challenge, presented.verifier) {
        (Some(challenge), Some(verifier)) => challenge.is_answered_by(verifier),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    if !answered {
        return Err(Invalid::WrongVerifier);
    }
    if grant.revoked_at.is_some() || !session.is_live(now) {
        return Err(Invalid::Revoked);
    }
    Ok(())
}

/// A refresh token, by its hash. Spent by one conditional write; the next one takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// SHA-256 of the token.
    pub hash: SecretHash,
    /// Its family.
    pub grant: Id<Grant>,
    /// When it ends, however often it is rotated.
    pub expires_at: DateTime<Utc>,
}

/// Checks a refresh token that has just been spent. A grant without `offline_access` ends with its session.
pub fn refresh(
    token: &RefreshToken,
    grant: &Grant,
    session: &Session,
    app: Id<App>,
    now: DateTime<Utc>,
) -> Result<(), Invalid> {
    if grant.app != app {
        return Err(Invalid::WrongApp);
    }
    if now >= token.expires_at {
        return Err(Invalid::Expired);
    }
    if grant.revoked_at.is_some()
        || !(grant.is_offline() && session.ended_at.is_none() || session.is_live(now))
    {
        return Err(Invalid::Revoked);
    }
    Ok(())
}

/// Whether a refresh token that was spent gets its answer once more: the direct predecessor of a token that has not been used
/// yet, for a moment. Clients that send it twice at once, or whose answer was lost, are no thieves; whoever comes later, or
/// with an older one, may be (RFC 9700 §4.14.2).
pub fn repeats_refresh(
    spent_at: DateTime<Utc>,
    successor_is_unspent: bool,
    within: TimeDelta,
    now: DateTime<Utc>,
) -> bool {
    successor_is_unspent && within > TimeDelta::zero() && now - spent_at <= within
}

/// An access token, by its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// SHA-256 of the token.
    pub hash: SecretHash,
    /// Its family.
    pub grant: Id<Grant>,
    /// What it allows: the grant's scopes, or fewer.
    pub scopes: Scopes,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// What a guest agreed to give an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The guest who signed in.
    pub guest: Id<Guest>,
    /// To which app.
    pub app: Id<App>,
    /// The scopes that the guest has allowed.
    pub scopes: Scopes,
    /// When, last.
    pub granted_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests;
