use super::*;
use crate::{
    app::RedirectUri,
    authorization::{CodeChallenge, Prompts, ResponseMode, Scopes},
    guest::{GuestStatus, Subject},
    method::Method,
    passkey::PasskeyKind,
    session::{Authentication, Means},
    time::from_millis,
    upstream::UpstreamKind,
};

fn id<T>(n: u128) -> Id<T> {
    Id::from_uuid(uuid::Uuid::from_u128(n))
}

struct World {
    sign_in: SignIn,
    session: Session,
    guest: Guest,
    signed_in: bool,
    access: Access,
    offer: Option<Offer>,
    consent_missing: bool,
    now: DateTime<Utc>,
}

/// The sign-in goes on with the world's session: what its guest says in it.
fn within(world: &mut World) -> &mut InSession {
    let session = world.session.id;
    world
        .sign_in
        .progress
        .go_on_with(session)
        .expect("nobody said no")
}

fn world() -> World {
    let now = from_millis(1_700_000_000_000);
    let request = AuthorizationRequest {
        redirect_uri: RedirectUri::stored("https://app.example/cb").unwrap(),
        response_mode: ResponseMode::Query,
        scopes: Scopes::parse("openid"),
        state: None,
        nonce: None,
        challenge: CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        prompt: Prompts::default(),
        max_age: None,
        login_hint: None,
        domain_hint: None,
        idp_hint: None,
        hinted_subject: None,
        ui_locales: vec![],
    };
    World {
        sign_in: SignIn {
            id: id(1),
            app: id(2),
            request,
            browser: SecretHash([0; 32]),
            former: None,
            reference: Reference::stored("K7QF"),
            email: None,
            email_typed: false,
            invitation: None,
            challenge: None,
            tries: 0,
            locked_until: None,
            chosen: None,
            progress: Progress::Begun,
            agreed: None,
            started_at: now,
            expires_at: now + PENDING_FOR,
        },
        session: Session {
            id: id(3),
            guest: id(4),
            authentication: Authentication {
                means: Means::Code,
                at: now - TimeDelta::seconds(100),
            },
            expires_at: now + TimeDelta::hours(23),
            ends_with_browser: false,
            ended_at: None,
        },
        guest: Guest {
            id: id(4),
            subject: Subject::stored("anna"),
            email: EmailAddress::parse("anna@contoso.test").unwrap(),
            name: None,
            language: None,
            status: GuestStatus::Active,
            status_since: now,
            former_status: None,
            valid_until: None,
            pinned_method: None,
            method: None,
            redeemed_at: None,
            last_sign_in_at: None,
            email_proven_at: None,
            created_at: now,
            updated_at: now,
        },
        signed_in: true,
        access: Access::Allow,
        offer: None,
        consent_missing: false,
        now,
    }
}

fn step(change: impl FnOnce(&mut World)) -> Step {
    let mut w = world();
    change(&mut w);
    let facts = SignInFacts {
        sign_in: &w.sign_in,
        session: w.signed_in.then_some((&w.session, &w.guest)),
        access: w.signed_in.then_some(w.access),
        offer: w.offer,
        consent_missing: w.consent_missing,
    };
    next_step(&facts, w.now)
}

fn prompt(words: &str) -> Prompts {
    Prompts::parse(words).unwrap()
}

#[test]
fn the_order_of_steps() {
    use Step::*;
    let refused = Access::Refuse(AccessRefusal::NotInvited);
    assert_eq!(step(|_| ()), Issue);
    assert_eq!(step(|w| w.signed_in = false), Identify);
    assert_eq!(step(|w| w.now = w.sign_in.expires_at), Expired);
    assert_eq!(step(|w| w.now = w.session.expires_at), Identify);
    assert_eq!(step(|w| w.session.ended_at = Some(w.now)), Identify);
    assert_eq!(step(|w| w.access = refused), Refuse(AccessRefusal::NotInvited));
    assert_eq!(step(|w| w.access = Access::AllowByInvitation(id(9))), Issue);
    assert_eq!(step(|w| w.consent_missing = true), Consent);
    assert_eq!(
        step(|w| {
            w.consent_missing = true;
            w.sign_in.agreed = Some(w.guest.id);
        }),
        Issue
    );
    let another = |w: &mut World| {
        w.consent_missing = true;
        w.sign_in.agreed = Some(id(8));
    };
    assert_eq!(step(another), Consent, "somebody else agreed");
    let by_another_session = |w: &mut World| {
        w.consent_missing = true;
        w.sign_in.agreed = Some(w.guest.id);
        w.sign_in.progress = Progress::InSession(InSession::new(id(8)));
    };
    assert_eq!(step(by_another_session), Issue, "the same person");
    assert_eq!(step(|w| w.sign_in.progress.deny()), Deny);
    assert_eq!(step(|w| w.sign_in.request.prompt = prompt("consent")), Consent);
    assert_eq!(
        step(|w| {
            w.sign_in.request.prompt = prompt("consent");
            w.sign_in.agreed = Some(w.guest.id);
        }),
        Issue
    );
}

#[test]
fn what_makes_a_session_too_little() {
    use Step::*;
    assert_eq!(step(|w| w.sign_in.request.prompt = prompt("login")), Identify);
    assert_eq!(
        step(|w| {
            w.sign_in.request.prompt = prompt("login");
            within(w);
        }),
        Issue
    );
    assert_eq!(
        step(|w| w.sign_in.request.prompt = prompt("select_account")),
        Identify
    );
    assert_eq!(step(|w| w.sign_in.request.max_age = Some(100)), Identify);
    assert_eq!(step(|w| w.sign_in.request.max_age = Some(101)), Issue);
    assert_eq!(step(|w| w.sign_in.request.max_age = Some(0)), Identify);
    assert_eq!(
        step(|w| {
            w.sign_in.request.max_age = Some(0);
            within(w);
        }),
        Issue
    );
    assert_eq!(
        step(|w| w.sign_in.email = Some(EmailAddress::parse("bob@contoso.test").unwrap())),
        Identify
    );
    assert_eq!(
        step(|w| w.sign_in.email = Some(EmailAddress::parse("ANNA@contoso.test").unwrap())),
        Issue
    );
    assert_eq!(
        step(|w| w.sign_in.request.hinted_subject = Some("bob".into())),
        Identify
    );
    assert_eq!(
        step(|w| w.sign_in.request.hinted_subject = Some("anna".into())),
        Issue
    );
    // Even a fresh proof does not turn Anna into Bob.
    assert_eq!(
        step(|w| {
            w.sign_in.request.hinted_subject = Some("bob".into());
            within(w);
        }),
        Identify
    );
}

/// Who agrees with a session of before proves nothing by it: it must be enough by itself when the code is issued.
#[test]
fn agreeing_makes_no_session_enough() {
    for change in [
        (|w| w.sign_in.request.max_age = Some(100)) as fn(&mut World),
        |w| w.sign_in.request.prompt = prompt("login"),
        |w| w.sign_in.email = Some(EmailAddress::parse("bob@contoso.test").unwrap()),
    ] {
        let agreed = |w: &mut World| {
            w.sign_in.agreed = Some(w.guest.id);
            change(w);
        };
        assert_eq!(step(agreed), Step::Identify);
    }
}

#[test]
fn prompt_none_shows_nothing() {
    use Interaction as I;
    let silent = |change: fn(&mut World)| {
        step(|w| {
            w.sign_in.request.prompt = prompt("none");
            change(w);
        })
    };
    assert_eq!(silent(|_| ()), Step::Issue);
    assert_eq!(silent(|w| w.signed_in = false), Step::Interrupt(I::Login));
    assert_eq!(
        silent(|w| w.sign_in.request.max_age = Some(1)),
        Step::Interrupt(I::Login)
    );
    assert_eq!(silent(|w| w.consent_missing = true), Step::Interrupt(I::Consent));
    assert_eq!(
        silent(|w| w.access = Access::Refuse(AccessRefusal::Blocked)),
        Step::Interrupt(I::Access(AccessRefusal::Blocked))
    );
}

#[test]
fn an_offer_comes_after_its_own_proof_and_before_consent() {
    let own = |w: &mut World| {
        within(w);
        w.session.authentication.at = w.now;
        w.guest.method = Some(Method::Passcode);
        w.offer = Some(Offer::May);
        w.consent_missing = true;
    };
    assert_eq!(step(own), Step::Move);
    let kept = |w: &mut World| {
        own(w);
        within(w).keeps_method = true;
    };
    assert_eq!(step(kept), Step::Consent);
    assert_eq!(
        step(|w| {
            kept(w);
            w.offer = Some(Offer::Must);
        }),
        Step::Move,
        "a move that is required cannot be declined"
    );
    // Not to a session of before, not after another method, not to whom the app is shut.
    assert_eq!(
        step(|w| {
            own(w);
            w.session.authentication.at = w.sign_in.started_at - TimeDelta::seconds(1);
        }),
        Step::Consent,
        "they went on with it, and proved nothing"
    );
    assert_eq!(
        step(|w| {
            own(w);
            w.sign_in.progress = Progress::Begun;
        }),
        Step::Consent
    );
    assert_eq!(
        step(|w| {
            own(w);
            w.guest.method = Some(Method::Upstream(UpstreamKind::Tenant, id(7)));
        }),
        Step::Consent
    );
    assert_eq!(
        step(|w| {
            own(w);
            w.access = Access::Refuse(AccessRefusal::NotInvited);
        }),
        Step::Refuse(AccessRefusal::NotInvited)
    );
}

#[test]
fn a_passkey_is_registered_after_a_code_of_this_very_sign_in() {
    let own = |w: &mut World| {
        within(w).makes_passkey = true;
        w.session.authentication.at = w.now;
        w.session.authentication.means = Means::Code;
        w.guest.method = Some(Method::Passcode);
        w.consent_missing = true;
    };
    let but = |change: fn(&mut World)| {
        step(|w| {
            own(w);
            change(w);
        })
    };
    assert_eq!(step(own), Step::MakePasskey);
    for (change, expected) in [
        (
            (|w| within(w).makes_passkey = false) as fn(&mut World),
            Step::Consent,
        ),
        (|w| w.offer = Some(Offer::May), Step::Move),
        (
            |w| w.access = Access::Refuse(AccessRefusal::Blocked),
            Step::Refuse(AccessRefusal::Blocked),
        ),
        (|w| w.sign_in.progress = Progress::Begun, Step::Consent),
        (|w| w.session.ends_with_browser = true, Step::Consent),
        (
            |w| w.session.authentication.means = Means::Passkey(PasskeyKind::Bound),
            Step::Consent,
        ),
        (
            |w| w.session.authentication.at = w.sign_in.started_at - TimeDelta::seconds(1),
            Step::Consent,
        ),
        (|w| w.guest.method = None, Step::Consent),
        (
            |w| w.guest.method = Some(Method::Upstream(UpstreamKind::Tenant, id(7))),
            Step::Consent,
        ),
        (
            |w| {
                let tenant = Method::Upstream(UpstreamKind::Tenant, id(7));
                (w.session.authentication.means, w.guest.method) = (Means::of(tenant, false), Some(tenant));
            },
            Step::Consent,
        ),
        (
            |w| w.sign_in.request.prompt = prompt("none"),
            Step::Interrupt(Interaction::Consent),
        ),
    ] {
        assert_eq!(but(change), expected);
    }
}

#[test]
fn who_must_move_does_not_go_on_with_an_older_session() {
    let older = |w: &mut World| {
        w.guest.method = Some(Method::Passcode);
        w.offer = Some(Offer::Must);
    };
    assert_eq!(step(older), Step::Identify);
    assert_eq!(
        step(|w| {
            older(w);
            w.sign_in.request.prompt = prompt("none");
        }),
        Step::Interrupt(Interaction::Login)
    );
    assert_eq!(
        step(|w| {
            older(w);
            w.guest.method = Some(Method::Upstream(UpstreamKind::Tenant, id(7)));
        }),
        Step::Issue,
        "the session is not by the method that is left"
    );
    assert_eq!(
        step(|w| {
            older(w);
            w.offer = Some(Offer::May);
        }),
        Step::Issue
    );
}

/// A reference of digits alone was read as a second code.
#[test]
fn a_browser_holds_its_former_secret_for_a_minute_after_a_session_began() {
    let World { mut sign_in, now, .. } = world();
    let [first, second, third, stranger] = [0, 1, 2, 3].map(|n| SecretHash([n; 32]));
    let minute = now + REPEATED_FOR;
    let after = minute + TimeDelta::milliseconds(1);
    let owners = |sign_in: &SignIn, now| {
        [first, second, third, stranger].map(|browser| sign_in.belongs_to(&browser, now))
    };
    assert_eq!(owners(&sign_in, now), [true, false, false, false]);
    assert!(!sign_in.belonged_to(&first));

    sign_in.renew_browser(first, second, now);
    assert_eq!(owners(&sign_in, minute), [true, true, false, false]);
    assert_eq!(owners(&sign_in, after), [false, true, false, false]);
    assert!(sign_in.belonged_to(&first) && !sign_in.belonged_to(&stranger));

    // Another session begins: what was before the last one is worth nothing at once.
    sign_in.renew_browser(second, third, now);
    assert_eq!(owners(&sign_in, minute), [false, true, true, false]);
    assert_eq!(owners(&sign_in, after), [false, false, true, false]);
}

#[test]
fn a_sign_in_is_given_up_after_a_day() {
    let World { sign_in, now, .. } = world();
    let begun = SignIn::begin(id(2), sign_in.request, sign_in.browser, now, &Drawn(7));
    assert_eq!(begun.started_at, now);
    assert_eq!(begun.expires_at, now + TimeDelta::hours(24));
}

/// Bytes that begin with this one, each the next.
struct Drawn(u8);

impl Entropy for Drawn {
    fn fill(&self, bytes: &mut [u8]) {
        for (byte, at) in bytes.iter_mut().zip(0..) {
            *byte = self.0.wrapping_add(at);
        }
    }
}

/// A better method is offered after a proof of this very sign-in by the method that sticks; where moving is required, a session
/// by that method is enough.
#[test]
fn when_a_move_is_offered() {
    let tenant = Method::Upstream(UpstreamKind::Tenant, id(7));
    for (sticks_to, of_this_sign_in, offered, offered_where_required) in [
        (Some(Method::Passcode), true, true, true),
        (Some(Method::Passcode), false, false, true),
        (Some(tenant), true, false, false),
        (None, true, false, false),
    ] {
        let mut w = world();
        w.session.authentication.at = w.now;
        w.guest.method = sticks_to;
        if of_this_sign_in {
            within(&mut w);
        }
        let offers = |required| may_be_offered(&w.sign_in, &w.session, &w.guest, required);
        assert_eq!(
            (offers(false), offers(true)),
            (offered, offered_where_required),
            "{sticks_to:?} {of_this_sign_in}"
        );
    }
}

/// An invitation's link may have been forwarded: what only it knows is masked.
#[test]
fn which_address_is_shown_in_full() {
    let email = EmailAddress::parse("anna@contoso.test").unwrap();
    for (invitation, typed, masked) in [
        (None, false, false),
        (None, true, false),
        (Some(id(5)), true, false),
        (Some(id(5)), false, true),
    ] {
        let mut w = world();
        (w.sign_in.invitation, w.sign_in.email_typed) = (invitation, typed);
        let expected = if masked {
            email.masked()
        } else {
            email.as_str().to_owned()
        };
        assert_eq!(w.sign_in.shown(&email), expected, "{invitation:?} {typed}");
    }
    assert_ne!(email.masked(), email.as_str());
}
