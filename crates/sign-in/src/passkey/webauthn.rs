//! The only file that names webauthn-rs: what an authenticator is asked, and whether its answer is right (Web
//! Authentication Level 3 §7). Challenges come from the library's own randomness.

use domain::{
    guest::Guest,
    passkey::{Passkey, PasskeyKind, PasskeyRefused},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{
        Credential, CredentialID, DiscoverableAuthentication, DiscoverableKey, PasskeyRegistration,
        PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
    },
};

use crate::core::Core;

/// We, to authenticators: the RP ID is the issuer's host, the origin the issuer.
pub struct RelyingParty(Webauthn);

/// A challenge could not be made: a fault of ours, nothing that a guest brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotAsk(pub String);

/// A challenge: what the browser is told, and what its answer is held against.
pub(crate) struct Begun {
    pub(crate) options: String,
    pub(crate) state: String,
}

/// A credential as it is kept.
pub(crate) struct Verified {
    pub(crate) credential_id: Vec<u8>,
    pub(crate) credential: String,
    pub(crate) kind: PasskeyKind,
}

/// An answer that names a credential, before anything of it is believed.
pub(crate) struct SignedAnswer {
    pub(crate) user: Uuid,
    pub(crate) credential_id: Vec<u8>,
    signed: PublicKeyCredential,
}

impl RelyingParty {
    /// `None` where passkeys are switched off, or the issuer's host is an IP address: that is no RP ID (§5.1.3).
    pub fn of(core: &Core) -> Option<Self> {
        let settings = &core.settings;
        if !settings.passkeys {
            return None;
        }
        let origin = Url::parse(settings.issuer.as_str()).ok()?;
        let webauthn = WebauthnBuilder::new(origin.domain()?, &origin)
            .ok()?
            .rp_name(&settings.organisation)
            .timeout(domain::passkey::CEREMONY_FOR.to_std().ok()?)
            .build();
        webauthn.ok().map(Self)
    }

    /// A challenge for a new passkey of this device, besides those that the guest has.
    pub(crate) fn begin_make(&self, guest: &Guest, have: &[Passkey]) -> Result<Begun, CannotAsk> {
        let address = guest.email.as_str();
        let name = guest.name.as_deref().unwrap_or(address);
        let have = have
            .iter()
            .map(|passkey| CredentialID::from(passkey.credential_id.clone()))
            .collect();
        let (options, state) = self
            .0
            .start_passkey_registration(guest.id.uuid(), address, name, Some(have))
            .map_err(|error| internal(&error))?;
        let mut options = serde_json::to_value(options).map_err(|error| internal(&error))?;
        // No address is asked for: the passkey itself says whose it is.
        options["publicKey"]["authenticatorSelection"] = json!({
            "authenticatorAttachment": "platform",
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": "required",
        });
        begun(&options, &state)
    }

    /// Whether the answer to that challenge makes a passkey.
    pub(crate) fn finish_make(&self, state: &str, answer: &str) -> Result<Verified, PasskeyRefused> {
        let state: PasskeyRegistration = read(state)?;
        let answer: RegisterPublicKeyCredential = read(answer)?;
        let passkey = self
            .0
            .finish_passkey_registration(&answer, &state)
            .map_err(|error| refused(&error))?;
        let credential = serde_json::to_string(&passkey).map_err(|_| PasskeyRefused::Wrong)?;
        let details = Credential::from(passkey);
        Ok(Verified {
            credential_id: details.cred_id.as_ref().to_vec(),
            credential,
            kind: kind(details.backup_eligible),
        })
    }

    /// A challenge for whichever passkey the guest has: it names no credential, so it says nothing of anybody.
    pub(crate) fn begin_use(&self) -> Result<Begun, CannotAsk> {
        let (options, state) = self
            .0
            .start_discoverable_authentication()
            .map_err(|error| internal(&error))?;
        begun(
            &serde_json::to_value(options).map_err(|error| internal(&error))?,
            &state,
        )
    }

    /// Which credential an answer names, and whose it says it is.
    pub(crate) fn read_use(&self, answer: &str) -> Result<SignedAnswer, PasskeyRefused> {
        let answer: PublicKeyCredential = read(answer)?;
        let (user, credential_id) = self
            .0
            .identify_discoverable_authentication(&answer)
            .map_err(|error| refused(&error))?;
        Ok(SignedAnswer {
            user,
            credential_id: credential_id.to_vec(),
            signed: answer,
        })
    }

    /// Whether the answer to that challenge was signed by this passkey.
    pub(crate) fn finish_use(
        &self,
        state: &str,
        answer: &SignedAnswer,
        passkey: &Passkey,
    ) -> Result<Verified, PasskeyRefused> {
        let state: DiscoverableAuthentication = read(state)?;
        let mut stored: webauthn_rs::prelude::Passkey = read(&passkey.credential)?;
        let key = DiscoverableKey::from(&stored);
        let result = self
            .0
            .finish_discoverable_authentication(&answer.signed, state, &[key])
            .map_err(|error| refused(&error))?;
        if !result.user_verified() {
            return Err(PasskeyRefused::Wrong);
        }
        stored.update_credential(&result);
        Ok(Verified {
            credential_id: passkey.credential_id.clone(),
            credential: serde_json::to_string(&stored).map_err(|_| PasskeyRefused::Wrong)?,
            kind: kind(result.backup_eligible()),
        })
    }
}

fn kind(backup_eligible: bool) -> PasskeyKind {
    if backup_eligible {
        PasskeyKind::Synced
    } else {
        PasskeyKind::Bound
    }
}

fn begun(options: &Value, state: &impl Serialize) -> Result<Begun, CannotAsk> {
    Ok(Begun {
        options: options["publicKey"].to_string(),
        state: serde_json::to_string(state).map_err(|error| internal(&error))?,
    })
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, PasskeyRefused> {
    serde_json::from_str(json).map_err(|_| PasskeyRefused::Wrong)
}

fn internal(error: &impl std::error::Error) -> CannotAsk {
    CannotAsk(error.to_string())
}

fn refused(error: &WebauthnError) -> PasskeyRefused {
    match error {
        WebauthnError::CredentialPossibleCompromise => PasskeyRefused::Counter,
        _ => PasskeyRefused::Wrong,
    }
}
