//! The rules, in order.

use domain::{domain_claim::ClaimState, guest::GuestStatus, method::Method, upstream::UpstreamKind};

use crate::{
    CodesWhenFederationFails, Decision, Facts, MatchedBy, Moving, Reason, Refusal, Resolution, Trace,
};

/// Raised when a rule changes its meaning; kept with every audited decision.
pub const VERSION: u32 = 5;

/// Decides, first match wins:
///
/// 1. blocked, converted, removed, expired, or from a refused domain: refused;
/// 2. pinned by an operator: that method;
/// 3. redeemed: the method that sticks, and after it a better one is offered, or from a date on required: a move
///    proves both;
/// 4. the domain belongs to a federated tenant: federation, and never a code instead, unless codes may stand
///    in while the tenant is down (for whom it is new, and for whom it sticks);
/// 5. the address belongs to a personal-account provider: personal account, and a code beside it, if the policy lets
///    people choose one;
/// 6. several fit: ask once;
/// 7. nothing fits: a code, if codes are on, and any provider beside it, if the policy lets people choose one.
///
/// The policy's order swaps 4 and 5 or leaves one out. The same facts always give the same answer.
pub fn resolve(facts: &Facts) -> Resolution {
    let mut notes = Notes(Vec::with_capacity(8));
    if let Some(refusal) = refusal(facts) {
        return notes.decide(
            Reason::Refused,
            "the guest or the domain may not come in",
            Decision::Refuse(refusal),
        );
    }
    notes.pass(Reason::Refused, "no block on the guest or the domain");

    if let Some(method) = facts.person.as_ref().and_then(|person| person.pinned) {
        let decision = held_to(facts, method);
        return notes.decide(Reason::Pinned, "an operator chose this guest's method", decision);
    }
    notes.pass(Reason::Pinned, "no method is pinned");

    let fresh = by_address(facts);
    if let Some(method) = facts.person.as_ref().and_then(|person| person.sticky) {
        return sticky(facts, method, &fresh, notes);
    }
    notes.pass(Reason::Sticky, "the guest has not redeemed, or was reset");
    fresh.conclude(notes)
}

fn refusal(facts: &Facts) -> Option<Refusal> {
    let person = facts.person.as_ref();
    match person.map(|person| person.status) {
        None | Some(GuestStatus::Invited | GuestStatus::Active) => {}
        Some(GuestStatus::Blocked) => return Some(Refusal::Blocked),
        Some(GuestStatus::Converted) => return Some(Refusal::Converted),
        Some(GuestStatus::Removed) => return Some(Refusal::Removed),
    }
    if person.is_some_and(|person| person.expired) {
        return Some(Refusal::Expired);
    }
    facts
        .policy
        .refuses(&facts.email)
        .then_some(Refusal::DomainRefused)
}

/// A guest who is held to a method gets that one or none: another method would be a way around it.
fn held_to(facts: &Facts, method: Method) -> Decision {
    let switched_off = match method {
        Method::Passcode => !facts.policy.codes,
        Method::Upstream(..) => facts
            .person
            .as_ref()
            .is_some_and(|person| person.unavailable.contains(&method)),
    };
    if switched_off {
        Decision::Refuse(Refusal::MethodUnavailable)
    } else {
        Decision::Use(method)
    }
}

fn sticky(facts: &Facts, method: Method, fresh: &Fresh, mut notes: Notes) -> Resolution {
    let better = match &fresh.decision {
        Decision::Use(other) if *other != method && opens(facts, *other) => Some(*other),
        _ => None,
    };
    if let (Method::Upstream(UpstreamKind::Tenant, id), Some(partner)) = (method, facts.tenant)
        && partner.tenant == id
        && partner.down
        && stands_in(facts)
    {
        notes.pass(Reason::Sticky, "the guest's tenant is down");
        let said = "the tenant is down, and codes may stand in for it";
        return notes.decide(Reason::FederationDown, said, Decision::Use(Method::Passcode));
    }
    let decision = held_to(facts, method);
    let mut resolution = match (facts.policy.moving, better) {
        (Moving::RequireFrom(date), Some(_)) if date <= facts.now => {
            notes.pass(
                Reason::Sticky,
                "a better method exists, and the date to move has passed",
            );
            notes.decide(
                Reason::MoveRequired,
                "keeps the method of the first sign-in, and must move to the better one then",
                decision,
            )
        }
        _ => notes.decide(Reason::Sticky, "keeps the method of the first sign-in", decision),
    };
    resolution.offer = better.filter(|_| facts.policy.moving != Moving::Keep);
    resolution
}

/// Whether a method is one to move to: better than a code, and open.
fn opens(facts: &Facts, method: Method) -> bool {
    match method {
        Method::Upstream(UpstreamKind::Tenant, id) => facts
            .tenant
            .is_some_and(|partner| partner.tenant == id && partner.connected && !partner.down),
        // One that a rule names for an address, or the domain's host, owns nothing: a code would have to prove the
        // address there as well.
        Method::Upstream(UpstreamKind::Provider, id) => facts.personal.is_some_and(|personal| {
            personal.provider == id
                && personal.connected
                && !personal.down
                && personal.by == MatchedBy::Domain
        }),
        Method::Passcode => false,
    }
}

/// What the address alone says, with the notes that belong to it.
struct Fresh {
    notes: Vec<(Reason, &'static str)>,
    because: Reason,
    said: &'static str,
    decision: Decision,
}

impl Fresh {
    fn conclude(self, mut notes: Notes) -> Resolution {
        for (rule, said) in self.notes {
            notes.pass(rule, said);
        }
        notes.decide(self.because, self.said, self.decision)
    }
}

fn by_address(facts: &Facts) -> Fresh {
    let mut notes = Vec::new();
    let mut fit: Vec<(Reason, &'static str, Method)> = Vec::new();
    for kind in &facts.policy.order {
        match kind {
            UpstreamKind::Tenant => match facts.tenant {
                Some(partner) if partner.down && stands_in(facts) => {
                    notes.push((
                        Reason::FederatedDomain,
                        "the domain belongs to a tenant that is down",
                    ));
                    let said = "the tenant is down, and codes may stand in for it";
                    return Fresh {
                        notes,
                        because: Reason::FederationDown,
                        said,
                        decision: Decision::Use(Method::Passcode),
                    };
                }
                Some(partner) => {
                    fit.push((
                        Reason::FederatedDomain,
                        "the domain belongs to a federated tenant",
                        Method::Upstream(UpstreamKind::Tenant, partner.tenant),
                    ));
                }
                None => notes.push((Reason::FederatedDomain, no_tenant(facts))),
            },
            UpstreamKind::Provider => match facts.personal {
                Some(personal) => {
                    let said = match personal.by {
                        MatchedBy::Address => "a rule sends this address to a personal-account provider",
                        MatchedBy::Domain => "the domain is a personal-account provider's",
                        MatchedBy::WebFinger => {
                            "the domain's host names a personal-account provider (WebFinger)"
                        }
                    };
                    fit.push((
                        Reason::PersonalAccount,
                        said,
                        Method::Upstream(UpstreamKind::Provider, personal.provider),
                    ));
                }
                None => notes.push((
                    Reason::PersonalAccount,
                    "the address belongs to no personal-account provider",
                )),
            },
        }
    }
    let personal_alone = fit
        .iter()
        .all(|(because, ..)| *because == Reason::PersonalAccount);
    if !fit.is_empty() && personal_alone && facts.policy.codes && facts.policy.codes_beside_personal_accounts
    {
        fit.push((Reason::Fallback, "a code may be chosen instead", Method::Passcode));
    }
    let offered: Vec<Method> = facts
        .open_providers
        .iter()
        .map(|open| (Method::Upstream(UpstreamKind::Provider, open.provider), open.down))
        .filter(|(method, down)| !down || facts.chosen == Some(*method))
        .map(|(method, _)| method)
        .collect();
    if fit.is_empty() && facts.policy.offers_any_provider() && !offered.is_empty() {
        fit.push((
            Reason::Fallback,
            "nothing else fits, and codes are on",
            Method::Passcode,
        ));
        let said = "any personal account may be chosen in place of a code, which confirms the address once";
        fit.extend(
            offered
                .into_iter()
                .map(|method| (Reason::PersonalAccount, said, method)),
        );
    }
    conclude(facts, notes, &fit)
}

fn no_tenant(facts: &Facts) -> &'static str {
    match facts.unproven {
        Some(ClaimState::Suspended) => "a tenant claims the domain, and the domain's proof has lapsed",
        Some(_) => "a tenant claims the domain, and has not proven it yet",
        None => "the domain belongs to no federated tenant",
    }
}

/// The decision between the methods that fit.
fn conclude(
    facts: &Facts,
    mut notes: Vec<(Reason, &'static str)>,
    fit: &[(Reason, &'static str, Method)],
) -> Fresh {
    match fit {
        [] if facts.policy.codes => {
            let decision = Decision::Use(Method::Passcode);
            Fresh {
                notes,
                because: Reason::Fallback,
                said: "nothing else fits, and codes are on",
                decision,
            }
        }
        [] => {
            let decision = Decision::Refuse(Refusal::NoMethod);
            Fresh {
                notes,
                because: Reason::Fallback,
                said: "nothing else fits, and codes are off",
                decision,
            }
        }
        [(because, said, method)] => Fresh {
            notes,
            because: *because,
            said,
            decision: Decision::Use(*method),
        },
        several => {
            notes.extend(several.iter().map(|(rule, said, _)| (*rule, *said)));
            let methods: Vec<Method> = several.iter().map(|(_, _, method)| *method).collect();
            match facts.chosen.filter(|chosen| methods.contains(chosen)) {
                Some(chosen) => {
                    notes.push((Reason::TwoFit, "two methods fit"));
                    Fresh {
                        notes,
                        because: Reason::Chosen,
                        said: "the guest chose this one",
                        decision: Decision::Use(chosen),
                    }
                }
                None => Fresh {
                    notes,
                    because: Reason::TwoFit,
                    said: "two methods fit; the guest chooses once",
                    decision: Decision::Ask(methods),
                },
            }
        }
    }
}

fn stands_in(facts: &Facts) -> bool {
    facts.policy.codes && facts.policy.codes_when_federation_fails == CodesWhenFederationFails::WhileDown
}

struct Notes(Vec<Trace>);

impl Notes {
    fn pass(&mut self, rule: Reason, said: &'static str) {
        self.0.push(Trace {
            rule,
            decided: false,
            said,
        });
    }

    fn decide(mut self, because: Reason, said: &'static str, decision: Decision) -> Resolution {
        self.0.push(Trace {
            rule: because,
            decided: true,
            said,
        });
        Resolution {
            decision,
            because,
            offer: None,
            trace: self.0,
        }
    }
}
