//! The validated form of the configuration: what wiring reads. Nothing in it needs checking again.

use std::path::PathBuf;

use domain::{master_key::MasterKeys, upstream::Declared};
use store::StoreSettings;

use super::{
    Purpose,
    reader::Section,
    sections::{
        audit, code, database, egress, guests, help, invitations, keys, limits, log, mail, organisation,
        passkeys, public_url, resolution, saml, secrets, server, session, tokens, upstreams,
    },
};

pub use super::{
    kinds::Mailbox,
    secret::SecretText,
    sections::{
        dkim::{DkimKey, DkimSettings, SecretSeed},
        log::{Log, LogFormat},
        mail::MailSettings,
        server::{Server, Tls},
        smtp::{Encryption, SmtpSettings},
    },
};

/// Everything that the operator set.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// What handlers read.
    pub web: sign_in::Settings,
    /// Where connections come in.
    pub server: Server,
    /// Where the database is.
    pub store: StoreSettings,
    /// Whether `serve` applies migrations itself.
    pub auto_migrate: bool,
    /// The root of every key.
    pub master_keys: MasterKeys,
    /// Where the current one is, when it is in a file of its own.
    pub master_key_file: Option<PathBuf>,
    /// Who mail comes from, and how it leaves.
    pub mail: MailSettings,
    /// What the process says of itself.
    pub log: Log,
    /// The tenants and providers of personal accounts.
    pub upstreams: Declared,
}

/// Reads every section, whatever is wrong in one. `None` where something is missing that has no default; the
/// report then holds an error.
pub(super) fn read(root: &mut Section<'_>, purpose: Purpose) -> Option<ServerSettings> {
    let issuer = public_url::read(root, purpose);
    let organisation = root.section("organisation", |section| {
        organisation::read(section, issuer.as_ref())
    });
    let (server, trusted_proxies) = root.section("server", |section| server::read(section, issuer.as_ref()));
    let database = root.section("database", database::read);
    let secrets = root.section("secrets", secrets::read);
    let mail = root.section("mail", |section| mail::read(section, purpose, issuer.as_ref()));
    let (profile, passcode) = root.section("code", code::read);
    let session = root.section("session", session::read);
    let passkeys = root.section("passkeys", passkeys::read);
    let audit_kept_for = root.section("audit", audit::read);
    let saml = root.section("saml", saml::read);
    let tokens = root.section("tokens", tokens::read);
    let limits = root.section("limits", limits::read);
    let (removed_kept_for, renewal_notice, guest_rules) = root.section("guests", guests::read);
    let invitation_lifetime = root.section("invitations", |section| invitations::read(section, profile));
    let resolution = root.section("resolution", resolution::read);
    let help = root.section("help", help::read);
    let keys = root.section("keys", |section| keys::read(section, &tokens));
    let log = root.section("log", log::read);
    let (egress_allowed, egress_ca_file) = root.section("egress", egress::read);
    let name_servers = root.section("dns", |section| section.get("servers", Vec::new()));
    let upstreams = upstreams::read(root, purpose);
    let (master_keys, master_key_file) = secrets?;
    Some(ServerSettings {
        web: sign_in::Settings {
            issuer: issuer?,
            organisation: organisation.name,
            help,
            passcode,
            limits,
            session,
            passkeys,
            audit_kept_for,
            saml,
            tokens,
            renewal_notice,
            guest_rules,
            removed_kept_for,
            invitation_lifetime,
            resolution,
            keys,
            default_language: organisation.language,
            trusted_proxies,
            egress_allowed,
            egress_ca_file,
            name_servers,
            dev: purpose == Purpose::Dev,
        },
        server,
        store: database.store,
        auto_migrate: database.auto_migrate,
        master_keys,
        master_key_file,
        mail: mail?,
        log,
        upstreams,
    })
}
