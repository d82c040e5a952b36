//! What the name servers said of a claim.

use super::KEY;

/// What was asked of the name servers, and what they said. Texts are those of TXT records, each record's strings
/// joined; no record and no such name are both an empty list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// At the name of the record itself.
    pub record: Result<Vec<String>, Unanswered>,
    /// Whether that name is an alias (CNAME).
    pub is_alias: bool,
    /// At names where the record is put by mistake: the domain, and the record's name with the domain twice.
    pub elsewhere: Vec<String>,
    /// The zone's name servers and the primary of its SOA record, in order; `None` when no server said.
    pub authority: Option<String>,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unanswered {
    /// The name server could not find out (SERVFAIL): often DNSSEC, or the domain's own servers are down.
    ServerFailure,
    /// The name server does not answer for this domain, or us (REFUSED and the like).
    Refused,
    /// No server answered in time.
    Timeout,
    /// No name server could be reached from here.
    Unreachable,
    /// What came back was no answer.
    Garbage,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The record, with this claim's token.
    Found,
    /// The record, and the domain is another tenant's, whose proof holds as well.
    Held,
    /// A record with the token of another tenant.
    OtherTenant,
    /// A record with an unknown token.
    WrongToken,
    /// TXT records, and none of ours.
    OtherText,
    /// The record at another name.
    Misplaced,
    /// The name is an alias.
    Alias,
    /// No record.
    Nothing,
    /// No answer.
    Unanswered(Unanswered),
}

impl Answer {
    pub(super) const ALL: [Self; 13] = [
        Self::Found,
        Self::Held,
        Self::OtherTenant,
        Self::WrongToken,
        Self::OtherText,
        Self::Misplaced,
        Self::Alias,
        Self::Nothing,
        Self::Unanswered(Unanswered::ServerFailure),
        Self::Unanswered(Unanswered::Refused),
        Self::Unanswered(Unanswered::Timeout),
        Self::Unanswered(Unanswered::Unreachable),
        Self::Unanswered(Unanswered::Garbage),
    ];

    /// The word that rows, the audit log and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Held => "held_by_another_tenant",
            Self::OtherTenant => "token_of_another_tenant",
            Self::WrongToken => "wrong_token",
            Self::OtherText => "other_text",
            Self::Misplaced => "wrong_name",
            Self::Alias => "alias",
            Self::Nothing => "nothing",
            Self::Unanswered(Unanswered::ServerFailure) => "server_failure",
            Self::Unanswered(Unanswered::Refused) => "refused",
            Self::Unanswered(Unanswered::Timeout) => "timeout",
            Self::Unanswered(Unanswered::Unreachable) => "unreachable",
            Self::Unanswered(Unanswered::Garbage) => "garbage",
        }
    }

    /// The answer of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.name() == name)
    }

    /// The same for an operator, with what to do.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Found => "the record is there",
            Self::Held => {
                "the record is there, but the domain is another tenant's: its proof holds as well, or the operator \
                 vouches for it"
            }
            Self::OtherTenant => {
                "the record holds the token of another tenant: add one with this tenant's (several may stand side \
                 by side)"
            }
            Self::WrongToken => {
                "there is a record with another token: copy the value exactly, or add a second record beside it"
            }
            Self::OtherText => "there are TXT records at the name, and none of them is ours",
            Self::Misplaced => {
                "the record stands at another name, at the domain itself or with the domain twice: zone editors \
                 often append the domain themselves"
            }
            Self::Alias => {
                "the name is an alias (CNAME): whoever runs its target is not the domain's owner, so the record \
                 must stand at the name itself"
            }
            Self::Nothing => {
                "there is no TXT record at the name (a new one may take as long as the zone's TTL to show)"
            }
            Self::Unanswered(Unanswered::ServerFailure) => {
                "the name server could not find out (SERVFAIL): the domain's own servers are down, or its DNSSEC \
                 is broken"
            }
            Self::Unanswered(Unanswered::Refused) => "the name server refuses to answer for this domain",
            Self::Unanswered(Unanswered::Timeout) => {
                "no name server answered in time: look at `dns.servers` and this machine's network, if others answer"
            }
            Self::Unanswered(Unanswered::Unreachable) => {
                "no name server can be reached from here: look at `dns.servers` and this machine's network"
            }
            Self::Unanswered(Unanswered::Garbage) => "what the name server sent back is no answer",
        }
    }
}

/// What the answers say of the claim with `token`. `others` are the tokens of other tenants' claims of the domain.
pub fn judge(asked: &Asked, token: &str, others: &[&str]) -> Answer {
    let texts = match &asked.record {
        Ok(texts) => texts,
        Err(why) => return Answer::Unanswered(*why),
    };
    // What an alias leads to is somebody else's zone, and a wildcard alias covers every name.
    if asked.is_alias {
        return Answer::Alias;
    }
    let tokens = tokens(texts);
    if tokens.contains(&token) {
        Answer::Found
    } else if tokens.iter().any(|token| others.contains(token)) {
        Answer::OtherTenant
    } else if !tokens.is_empty() {
        Answer::WrongToken
    } else if self::tokens(&asked.elsewhere).contains(&token) {
        Answer::Misplaced
    } else if texts.is_empty() {
        Answer::Nothing
    } else {
        Answer::OtherText
    }
}

/// The tokens among texts. Blanks and quotes around are forgiven: zone editors add them.
pub(super) fn tokens(texts: &[String]) -> Vec<&str> {
    texts
        .iter()
        .filter_map(|text| {
            text.trim_matches(|c: char| c == '"' || c.is_ascii_whitespace())
                .strip_prefix(KEY)
        })
        .collect()
}
