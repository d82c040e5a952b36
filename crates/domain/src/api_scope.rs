//! What a token of the API may do: scopes (RFC 6749 §3.3) of an area, to read or to change.

/// A part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiArea {
    /// Apps and their secrets.
    Apps,
    /// Invitations.
    Invitations,
    /// Guests, how they sign in, what they may use and ask for.
    Guests,
    /// Groups and their apps; who is in them belongs to guests.
    Groups,
    /// Sponsors: who answers for guests and owns apps.
    Sponsors,
    /// The audit log.
    Audit,
    /// Tenants, providers, and the domains that tenants claim.
    Upstreams,
    /// Signing keys.
    Keys,
    /// Tokens of the API.
    Tokens,
    /// Mail on its way, and what became of it.
    Mail,
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiScope {
    /// Read apps.
    AppsRead,
    /// Read and change apps.
    AppsWrite,
    /// Read invitations.
    InvitationsRead,
    /// Read and change invitations.
    InvitationsWrite,
    /// Read guests.
    GuestsRead,
    /// Read and change guests.
    GuestsWrite,
    /// Read groups.
    GroupsRead,
    /// Read and change groups.
    GroupsWrite,
    /// Read who answers for guests and owns apps.
    SponsorsRead,
    /// Say who answers for guests and owns apps, and so gives access.
    SponsorsWrite,
    /// Read the audit log.
    AuditRead,
    /// Read tenants, providers and domains.
    UpstreamsRead,
    /// Read and change tenants, providers and domains.
    UpstreamsWrite,
    /// Read which signing keys there are.
    KeysRead,
    /// Rotate and revoke signing keys.
    KeysWrite,
    /// Read which tokens of the API there are.
    TokensRead,
    /// Make tokens of the API, with scopes that one has, and revoke them.
    TokensWrite,
    /// Read what became of mails.
    MailRead,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::AppsRead,
        Self::AppsWrite,
        Self::InvitationsRead,
        Self::InvitationsWrite,
        Self::GuestsRead,
        Self::GuestsWrite,
        Self::GroupsRead,
        Self::GroupsWrite,
        Self::SponsorsRead,
        Self::SponsorsWrite,
        Self::AuditRead,
        Self::UpstreamsRead,
        Self::UpstreamsWrite,
        Self::KeysRead,
        Self::KeysWrite,
        Self::TokensRead,
        Self::TokensWrite,
        Self::MailRead,
    ];

    /// The word that rows, the command line and `WWW-Authenticate` use.
    pub fn name(self) -> &'static str {
        match self {
            Self::AppsRead => "apps:read",
            Self::AppsWrite => "apps:write",
            Self::InvitationsRead => "invitations:read",
            Self::InvitationsWrite => "invitations:write",
            Self::GuestsRead => "guests:read",
            Self::GuestsWrite => "guests:write",
            Self::GroupsRead => "groups:read",
            Self::GroupsWrite => "groups:write",
            Self::SponsorsRead => "sponsors:read",
            Self::SponsorsWrite => "sponsors:write",
            Self::AuditRead => "audit:read",
            Self::UpstreamsRead => "upstreams:read",
            Self::UpstreamsWrite => "upstreams:write",
            Self::KeysRead => "keys:read",
            Self::KeysWrite => "keys:write",
            Self::TokensRead => "tokens:read",
            Self::TokensWrite => "tokens:write",
            Self::MailRead => "mail:read",
        }
    }

    /// The scope of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// What a request needs: a `change`, or only a look. The audit log and mails are never changed.
    pub fn needed(area: ApiArea, change: bool) -> Self {
        match (area, change) {
            (ApiArea::Apps, false) => Self::AppsRead,
            (ApiArea::Apps, true) => Self::AppsWrite,
            (ApiArea::Invitations, false) => Self::InvitationsRead,
            (ApiArea::Invitations, true) => Self::InvitationsWrite,
            (ApiArea::Guests, false) => Self::GuestsRead,
            (ApiArea::Guests, true) => Self::GuestsWrite,
            (ApiArea::Groups, false) => Self::GroupsRead,
            (ApiArea::Groups, true) => Self::GroupsWrite,
            (ApiArea::Sponsors, false) => Self::SponsorsRead,
            (ApiArea::Sponsors, true) => Self::SponsorsWrite,
            (ApiArea::Audit, _) => Self::AuditRead,
            (ApiArea::Upstreams, false) => Self::UpstreamsRead,
            (ApiArea::Upstreams, true) => Self::UpstreamsWrite,
            (ApiArea::Keys, false) => Self::KeysRead,
            (ApiArea::Keys, true) => Self::KeysWrite,
            (ApiArea::Tokens, false) => Self::TokensRead,
            (ApiArea::Tokens, true) => Self::TokensWrite,
            (ApiArea::Mail, _) => Self::MailRead,
        }
    }

    /// Whether who holds this one may do what needs `needed`: who may change may read.
    pub fn allows(self, needed: Self) -> bool {
        self == needed
            || matches!(
                (self, needed),
                (Self::AppsWrite, Self::AppsRead)
                    | (Self::InvitationsWrite, Self::InvitationsRead)
                    | (Self::GuestsWrite, Self::GuestsRead)
                    | (Self::GroupsWrite, Self::GroupsRead)
                    | (Self::SponsorsWrite, Self::SponsorsRead)
                    | (Self::UpstreamsWrite, Self::UpstreamsRead)
                    | (Self::KeysWrite, Self::KeysRead)
                    | (Self::TokensWrite, Self::TokensRead)
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_change_an_area_may_read_it_and_nothing_else() {
        for held in ApiScope::ALL {
            assert_eq!(ApiScope::parse(held.name()), Some(held));
            let (area, what) = held.name().split_once(':').unwrap();
            for needed in ApiScope::ALL {
                let (wanted, change) = needed.name().split_once(':').unwrap();
                let may = area == wanted && (what == "write" || change == "read");
                assert_eq!(held.allows(needed), may, "{held:?} for {needed:?}");
            }
        }
        assert_eq!(ApiScope::parse("all"), None);
    }

    #[test]
    fn a_look_needs_to_read_and_a_change_to_write() {
        for (area, look, change) in [
            (ApiArea::Apps, "apps:read", "apps:write"),
            (ApiArea::Invitations, "invitations:read", "invitations:write"),
            (ApiArea::Guests, "guests:read", "guests:write"),
            (ApiArea::Sponsors, "sponsors:read", "sponsors:write"),
            (ApiArea::Audit, "audit:read", "audit:read"),
            (ApiArea::Upstreams, "upstreams:read", "upstreams:write"),
            (ApiArea::Keys, "keys:read", "keys:write"),
            (ApiArea::Tokens, "tokens:read", "tokens:write"),
            (ApiArea::Mail, "mail:read", "mail:read"),
        ] {
            assert_eq!(ApiScope::needed(area, false).name(), look);
            assert_eq!(ApiScope::needed(area, true).name(), change);
        }
    }
}
