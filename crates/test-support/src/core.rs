//! A core as handlers need it: the default settings at an issuer, over a given store and clock.

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{Language, key_rotation::RotationPolicy, limits::Limits, passcode::PasscodePolicy, time::Clock};
use sign_in::{Core, Help, Issuer, Outgoing, SessionSettings, Settings, TokenLifetimes};
use store::Store;
use url::Url;

use crate::samples;

/// The default settings of a provider at `issuer`.
///
/// # Panics
///
/// When `issuer` is not a bare origin.
pub fn settings(issuer: &str) -> Settings {
    let issuer = Url::parse(issuer).ok().as_ref().and_then(Issuer::new);
    Settings {
        issuer: issuer.unwrap_or_else(|| panic!("an issuer is an origin")),
        organisation: "Acme".into(),
        help: Help {
            name: Some("Acme helpdesk".into()),
            email: Some("helpdesk@acme.example".into()),
            ..Help::default()
        },
        passcode: PasscodePolicy::default(),
        limits: Limits::default(),
        session: SessionSettings::default(),
        passkeys: true,
        audit_kept_for: None,
        saml: true,
        tokens: TokenLifetimes::default(),
        renewal_notice: TimeDelta::days(14),
        guest_rules: Vec::new(),
        removed_kept_for: TimeDelta::days(30),
        invitation_lifetime: TimeDelta::days(30),
        resolution: method_resolution::Policies::default(),
        keys: RotationPolicy::default(),
        default_language: Language::En,
        trusted_proxies: Vec::new(),
        egress_allowed: Vec::new(),
        egress_ca_file: None,
        name_servers: Vec::new(),
        dev: false,
    }
}

/// A core at `https://login.acme.example`.
pub fn core(store: Store, clock: impl Clock) -> Core {
    core_with(store, clock, settings("https://login.acme.example"))
}

/// A core with settings of the test's own.
pub fn core_with(store: Store, clock: impl Clock, settings: Settings) -> Core {
    Core {
        store,
        clock: Arc::new(clock),
        entropy: Arc::new(samples::entropy()),
        settings: Arc::new(settings),
        outgoing: Outgoing::default(),
    }
}
