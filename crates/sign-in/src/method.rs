//! Which method an address gets, before its mailbox is proven and once more afterwards.

use domain::{
    EmailAddress, Id,
    access::is_mailed,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    method::Method,
    sign_in::Offer,
    upstream::{Unconfirmed, Upstream, UpstreamKind},
};
use method_resolution::{Decision, Leads, Partner, PersonalMatch, Refusal, Resolution, resolve};
use store::{Db, Reads, StoreError, Tx};

use crate::{next_page::Way, visit::Visit};

/// What is mailed to an address that asks for a sign-in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailing {
    /// A code is mailed.
    Passcode,
    /// The same page and the same work, and a mail that says why there is no code, to a guest whom we know: only the mailbox
    /// learns that their method is switched off.
    NoCode,
    /// The same page and the same work, and no mail, so that a visitor cannot learn who is a guest (threat E15).
    Suppressed,
    /// The address does not sign in by code: another method is used, or none.
    Elsewhere,
}

/// What is known of an address: its guest, and the resolution with its reasons.
pub struct Found {
    /// What was read to decide it.
    leads: Leads,
    /// The guest of that address.
    pub guest: Option<Guest>,
    /// What was decided for them, and why.
    pub resolution: Resolution,
    /// What everyone with such an address may be told.
    pub told: Decision,
    /// What is mailed when they ask for a code.
    pub mail: Mailing,
    /// The upstream that everyone with such an address is sent to, when there is a connection to it.
    pub upstream: Option<Upstream>,
    /// Those of the ways to choose from that are open, where there are several.
    pub choices: Vec<Choice>,
    /// The account of that upstream that waits in this sign-in for a code to confirm the address.
    pub waiting: Option<Unconfirmed>,
    /// The tenant that the address's domain leads to.
    partner: Option<Partner>,
    /// The provider that the address leads to.
    personal: Option<PersonalMatch>,
}

/// One of several ways to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The method that the guest may choose.
    pub method: Method,
    /// What its upstream is called; a code has no name.
    pub name: Option<String>,
}

impl Found {
    /// Where everyone with such an address goes.
    pub fn way(&self) -> Way {
        match self.mail {
            _ if self.upstream.is_some() => Way::Upstream,
            _ if !self.choices.is_empty() => Way::Choice,
            Mailing::Elsewhere => Way::Nowhere,
            Mailing::Passcode | Mailing::NoCode | Mailing::Suppressed => Way::Mail,
        }
    }

    /// Whether no guest is sent to this upstream at the moment.
    pub fn is_down(&self, upstream: Id<Upstream>) -> bool {
        let tenant = self.partner.filter(|partner| partner.down);
        let provider = self.personal.filter(|personal| personal.down);
        tenant.is_some_and(|partner| partner.tenant == upstream)
            || provider.is_some_and(|personal| personal.provider == upstream)
    }

    /// The better method that is open to them, now that they are this guest.
    pub(crate) fn offer(&self, guest: &Guest) -> Option<(Method, Offer)> {
        let mut leads = self.leads.clone();
        leads.guest = Some(guest.clone());
        resolve(&leads.facts()).to_move()
    }

    /// Whether an account may wait for a code here: everyone with such an address is sent to a provider.
    fn may_wait(&self) -> bool {
        matches!(
            self.told,
            Decision::Use(Method::Upstream(UpstreamKind::Provider, _))
        )
    }

    /// With the account that waits in this sign-in: a code stands where the upstream stood.
    fn waiting(mut self, visit: &Visit, waiting: Option<Unconfirmed>) -> Self {
        let here = waiting.filter(|waiting| {
            self.told == Decision::Use(Method::Upstream(UpstreamKind::Provider, waiting.upstream))
                && visit.now < waiting.until
        });
        let Some(waiting) = here else {
            return self;
        };
        let mailed = is_mailed(&visit.app, &self.leads.email, self.guest.as_ref());
        let known = match &self.resolution.decision {
            Decision::Refuse(refusal) => refusal.is_of_the_guest(),
            decision => *decision == self.told,
        };
        self.mail = match (mailed, known, &self.guest) {
            (true, true, _) => Mailing::Passcode,
            (true, false, Some(_)) => Mailing::NoCode,
            _ => Mailing::Suppressed,
        };
        self.upstream = None;
        self.waiting = Some(waiting);
        self
    }
}

/// Gathers the facts, and asks the one function that decides. A caller that changes something asks within its transaction.
///
/// # Errors
///
/// When the database does not answer.
pub async fn find<C: Reads>(visit: &Visit, db: &Db<C>, email: &EmailAddress) -> Result<Found, StoreError> {
    let guest = db.guest_by_email(email).await?;
    find_for(visit, db, email, guest).await
}

/// The same, for the guest of that address, whom the caller has locked.
pub(crate) async fn find_for<C: Reads>(
    visit: &Visit,
    db: &Db<C>,
    email: &EmailAddress,
    guest: Option<Guest>,
) -> Result<Found, StoreError> {
    let policies = &visit.core.settings.resolution;
    let leads = db.leads(email, guest.as_ref(), policies, visit.now).await?;
    let chosen = match wished(visit) {
        Some(name) => db.upstream_called(name).await?.map(|upstream| upstream.method()),
        None => visit.sign_in.chosen,
    };
    let mut found = judge(visit, leads, chosen);
    if let Decision::Use(method) = found.told {
        found.upstream = db.upstream_of(method).await?.filter(is_connected);
    }
    if let Decision::Ask(methods) = &found.told {
        found.choices = open(db, methods).await?;
    }
    if found.may_wait() {
        let waiting = db.unconfirmed_account(visit.sign_in.id).await?;
        found = found.waiting(visit, waiting);
    }
    Ok(found)
}

/// Those of the ways that are open.
async fn open<C: Reads>(db: &Db<C>, methods: &[Method]) -> Result<Vec<Choice>, StoreError> {
    let mut choices = Vec::with_capacity(methods.len());
    for &method in methods {
        let name = match method {
            Method::Passcode => None,
            Method::Upstream(_, id) => match db.upstream(id).await?.filter(is_connected) {
                Some(upstream) => Some(upstream.display_name),
                None => continue,
            },
        };
        choices.push(Choice { method, name });
    }
    Ok(choices)
}

/// The upstream that the app chose by `idp_hint`, where several methods fit and the guest has not chosen. Neither makes a
/// method fit that does not.
fn wished(visit: &Visit) -> Option<&str> {
    let sign_in = &visit.sign_in;
    let open = sign_in.chosen.is_none() && !sign_in.request.prompt.select_account;
    sign_in.request.idp_hint.as_deref().filter(|_| open)
}

fn is_connected(upstream: &Upstream) -> bool {
    upstream.connection.is_some()
}

fn judge(visit: &Visit, leads: Leads, chosen: Option<Method>) -> Found {
    let guest = leads.guest.clone();
    let mut facts = leads.facts();
    facts.chosen = chosen;
    let resolution = resolve(&facts);
    let (partner, personal) = (facts.tenant, facts.personal);
    let mailed = is_mailed(&visit.app, &facts.email, guest.as_ref());
    let told = match &resolution.decision {
        // Before the proof a refusal of the person looks like the answer to a stranger with such an address.
        Decision::Refuse(_) => {
            facts.person = None;
            resolve(&facts).decision
        }
        decision => decision.clone(),
    };
    Found {
        mail: code_mail(&resolution.decision, &told, mailed, guest.is_some()),
        guest,
        resolution,
        told,
        upstream: None,
        choices: Vec::new(),
        waiting: None,
        partner,
        personal,
        leads,
    }
}

/// In this order:
///
/// 1. elsewhere, where everyone with such an address uses another method, or codes are off;
/// 2. suppressed, where we do not know the address and the app would not let it in;
/// 3. a code, also for a guest who is shut out themselves: only the holder of the mailbox may learn that;
/// 4. an explanation in place of the code, for a guest whom we know, whose domain is refused or whose method is off: without
///    it they would wait for a mail that is never sent;
/// 5. suppressed, for everyone else of a refused domain.
fn code_mail(decision: &Decision, told: &Decision, mailed: bool, known: bool) -> Mailing {
    if matches!(
        told,
        Decision::Use(Method::Upstream(..)) | Decision::Ask(_) | Decision::Refuse(Refusal::NoMethod)
    ) {
        return Mailing::Elsewhere;
    }
    if !mailed {
        return Mailing::Suppressed;
    }
    match (told, decision) {
        (Decision::Use(Method::Passcode), Decision::Use(Method::Passcode)) => Mailing::Passcode,
        (Decision::Use(Method::Passcode), Decision::Refuse(refusal)) if refusal.is_of_the_guest() => {
            Mailing::Passcode
        }
        _ if known => Mailing::NoCode,
        _ => Mailing::Suppressed,
    }
}

/// Keeps the decision and its reasons in the audit log: never the address.
///
/// # Errors
///
/// When the database does not answer.
pub async fn record(visit: &Visit, tx: &Tx, found: &Found) -> Result<(), StoreError> {
    let sign_in = &visit.sign_in;
    let mut event = AuditEvent::new(Action::MethodChosen, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .mailbox(&found.leads.email);
    event.guest = found.guest.as_ref().map(|guest| guest.id);
    event.details = in_words(&found.resolution);
    tx.record(event, visit.now).await
}

/// The decision and its reasons, as an audit event has them.
pub fn in_words(resolution: &Resolution) -> Vec<(&'static str, String)> {
    let decision = match &resolution.decision {
        Decision::Use(method) => method.kind().to_owned(),
        Decision::Ask(_) => "ask".to_owned(),
        Decision::Refuse(refusal) => format!("refuse: {}", refusal.name()),
    };
    let steps: Vec<String> = resolution.trace.iter().map(ToString::to_string).collect();
    vec![
        ("decision", decision),
        ("because", resolution.because.name().to_owned()),
        ("trace", steps.join("\n")),
        ("version", method_resolution::VERSION.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gets_a_code_by_mail() {
        let code = Decision::Use(Method::Passcode);
        let tenant = Decision::Use(Method::Upstream(
            UpstreamKind::Tenant,
            domain::Id::from_uuid(uuid::Uuid::nil()),
        ));
        let refuse = Decision::Refuse;
        for (decision, told, mailed, known, expected) in [
            (code.clone(), code.clone(), true, true, Mailing::Passcode),
            (code.clone(), code.clone(), false, true, Mailing::Suppressed),
            (tenant.clone(), tenant.clone(), true, true, Mailing::Elsewhere),
            (
                refuse(Refusal::Blocked),
                code.clone(),
                true,
                true,
                Mailing::Passcode,
            ),
            (
                refuse(Refusal::Expired),
                code.clone(),
                true,
                true,
                Mailing::Passcode,
            ),
            (
                refuse(Refusal::Blocked),
                tenant.clone(),
                true,
                true,
                Mailing::Elsewhere,
            ),
            (
                refuse(Refusal::MethodUnavailable),
                code.clone(),
                true,
                true,
                Mailing::NoCode,
            ),
            (
                refuse(Refusal::MethodUnavailable),
                refuse(Refusal::NoMethod),
                true,
                true,
                Mailing::Elsewhere,
            ),
            (
                refuse(Refusal::NoMethod),
                refuse(Refusal::NoMethod),
                false,
                true,
                Mailing::Elsewhere,
            ),
            (
                refuse(Refusal::DomainRefused),
                refuse(Refusal::DomainRefused),
                true,
                true,
                Mailing::NoCode,
            ),
            (
                refuse(Refusal::DomainRefused),
                refuse(Refusal::DomainRefused),
                true,
                false,
                Mailing::Suppressed,
            ),
            (
                refuse(Refusal::MethodUnavailable),
                code.clone(),
                false,
                true,
                Mailing::Suppressed,
            ),
            (
                refuse(Refusal::Blocked),
                refuse(Refusal::DomainRefused),
                true,
                true,
                Mailing::NoCode,
            ),
        ] {
            assert_eq!(
                code_mail(&decision, &told, mailed, known),
                expected,
                "{decision:?} {told:?} {known}"
            );
        }
    }
}
