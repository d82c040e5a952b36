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
    /// The audit log.
    Audit,
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
    /// Read the audit log.
    AuditRead,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::AppsRead,
        Self::AppsWrite,
        Self::InvitationsRead,
        Self::InvitationsWrite,
        Self::GuestsRead,
        Self::GuestsWrite,
        Self::AuditRead,
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
            Self::AuditRead => "audit:read",
        }
    }

    /// The scope of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// What a request needs: a `change`, or only a look. The audit log is never changed.
    pub fn needed(area: ApiArea, change: bool) -> Self {
        match (area, change) {
            (ApiArea::Apps, false) => Self::AppsRead,
            (ApiArea::Apps, true) => Self::AppsWrite,
            (ApiArea::Invitations, false) => Self::InvitationsRead,
            (ApiArea::Invitations, true) => Self::InvitationsWrite,
            (ApiArea::Guests, false) => Self::GuestsRead,
            (ApiArea::Guests, true) => Self::GuestsWrite,
            (ApiArea::Audit, _) => Self::AuditRead,
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
            (ApiArea::Audit, "audit:read", "audit:read"),
        ] {
            assert_eq!(ApiScope::needed(area, false).name(), look);
            assert_eq!(ApiScope::needed(area, true).name(), change);
        }
    }
}
