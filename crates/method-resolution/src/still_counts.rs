//! Whether what a guest proved earlier still counts, after the configuration has changed.

use domain::{
    EmailAddress,
    session::{Authentication, Means},
    upstream::{Connection, Upstream},
};

use crate::Policies;

/// What the configuration can switch off that sessions and grants came of. Tenants, providers, guests and apps are switched off by
/// their rows, which end theirs in the same transaction.
#[derive(Clone, Copy, Debug)]
pub struct Switches<'a> {
    /// Codes and refused domains, for everybody and for single domains.
    pub policies: &'a Policies,
    /// Whether guests may come back by a passkey.
    pub passkeys: bool,
    /// Whether SAML is spoken.
    pub saml: bool,
}

/// Why it no longer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Off {
    /// The guest's domain is refused.
    DomainRefused,
    /// Sign-in codes are switched off.
    Codes,
    /// Passkeys are switched off.
    Passkeys,
    /// SAML is switched off, and the guest's tenant uses it.
    Saml,
}

impl Off {
    /// The word for the audit log.
    pub fn name(self) -> &'static str {
        match self {
            Self::DomainRefused => "domain_refused",
            Self::Codes => "codes_off",
            Self::Passkeys => "passkeys_off",
            Self::Saml => "saml_off",
        }
    }
}

impl Switches<'_> {
    /// Whether anything is off at all.
    pub fn any_off(&self) -> bool {
        let is_strict = |policy: &crate::Policy| !policy.codes || policy.refuses_any();
        !self.passkeys || !self.saml || self.policies.all().any(is_strict)
    }

    /// What is off that the proof of a guest with this address came of.
    pub fn speak_against(
        &self,
        email: &EmailAddress,
        proof: &Authentication,
        upstreams: &[Upstream],
    ) -> Option<Off> {
        let policy = self.policies.of(email);
        if policy.refuses(email) {
            return Some(Off::DomainRefused);
        }
        let by_saml = |id| {
            let upstream = upstreams.iter().find(|upstream| upstream.id == id);
            upstream.is_some_and(|upstream| matches!(upstream.connection, Some(Connection::Saml(_))))
        };
        match proof.means {
            Means::Passkey(_) if !self.passkeys => Some(Off::Passkeys),
            // A passkey stands for a code, of a guest who signs in by codes.
            Means::Code | Means::Passkey(_) if !policy.codes => Some(Off::Codes),
            Means::Upstream { id, .. } if !self.saml && by_saml(id) => Some(Off::Saml),
            Means::Code | Means::Passkey(_) | Means::Upstream { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::{
        Id,
        domain_claim::Proof,
        method::Method,
        passkey::PasskeyKind,
        upstream::{SamlConnection, UpstreamKind},
    };
    use uuid::Uuid;

    use super::*;
    use crate::Policy;

    fn tenant(id: u128, connection: Option<Connection>) -> Upstream {
        Upstream {
            kind: UpstreamKind::Tenant,
            id: Id::from_uuid(Uuid::from_u128(id)),
            name: "contoso".into(),
            display_name: "Contoso".into(),
            enabled: true,
            declared: false,
            domains: vec!["contoso.test".into()],
            domain_proof: Proof::Operator,
            unproven: Vec::new(),
            addresses: Vec::new(),
            connection,
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    fn saml() -> Connection {
        Connection::Saml(SamlConnection {
            entity_id: "https://idp.contoso.test".into(),
            metadata: domain::upstream::SamlMetadata::Document(String::new()),
            subject: None,
            email: None,
            name: None,
            trusts_mfa: false,
            mfa_contexts: Vec::new(),
            encryption: true,
        })
    }

    #[test]
    fn what_is_off_speaks_against_what_came_of_it_alone() {
        let tenants = [tenant(1, Some(saml())), tenant(2, None)];
        let federation = |at: usize| Means::of(tenants[at].method(), false);
        let account = Means::of(
            Method::Upstream(UpstreamKind::Provider, Id::from_uuid(Uuid::from_u128(3))),
            false,
        );
        let (bound, synced) = (
            Means::Passkey(PasskeyKind::Bound),
            Means::Passkey(PasskeyKind::Synced),
        );
        let usual = Policies::default();
        let no_codes = Policies::from(Policy {
            codes: false,
            ..Policy::default()
        });
        let refused = Policies::from(Policy {
            refused_domains: vec!["contoso.test".into()],
            ..Policy::default()
        });
        let anna = EmailAddress::parse("anna@contoso.test").unwrap();
        for (policies, passkeys, saml, means, expected) in [
            (&usual, true, true, Means::Code, None),
            (&usual, true, true, bound, None),
            (&usual, false, true, Means::Code, None),
            (&usual, false, true, bound, Some(Off::Passkeys)),
            (&usual, false, true, synced, Some(Off::Passkeys)),
            (&usual, false, false, account, None),
            (&usual, true, false, federation(0), Some(Off::Saml)),
            (&usual, true, false, federation(1), None),
            (&usual, true, true, federation(0), None),
            (&no_codes, true, true, Means::Code, Some(Off::Codes)),
            (&no_codes, true, true, bound, Some(Off::Codes)),
            (&no_codes, true, true, federation(0), None),
            (&no_codes, true, true, account, None),
            (&refused, true, true, Means::Code, Some(Off::DomainRefused)),
            (&refused, true, true, federation(1), Some(Off::DomainRefused)),
            (&refused, true, true, account, Some(Off::DomainRefused)),
        ] {
            let switches = Switches {
                policies,
                passkeys,
                saml,
            };
            let proof = Authentication {
                means,
                at: DateTime::UNIX_EPOCH,
            };
            let off = switches.speak_against(&anna, &proof, &tenants);
            assert_eq!(off, expected, "{switches:?} {proof:?}");
            assert!(off.is_none() || switches.any_off(), "{switches:?}");
        }
    }

    /// Where nothing is off no session needs to be looked at.
    #[test]
    fn whether_anything_is_off() {
        let usual = Policies::default();
        let refusing = Policies::from(Policy {
            refused_domains: vec!["contoso.test".into()],
            ..Policy::default()
        });
        for (policies, passkeys, saml, any) in [
            (&usual, true, true, false),
            (&usual, false, true, true),
            (&usual, true, false, true),
            (&refusing, true, true, true),
        ] {
            let switches = Switches {
                policies,
                passkeys,
                saml,
            };
            assert_eq!(switches.any_off(), any, "{switches:?}");
        }
    }
}
