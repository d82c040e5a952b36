//! Where the browser of a sign-in belongs: the one place that knows the order of the pages.

use domain::sign_in::{SignIn, Step};

/// Where an address leads before anything is proven: the same for everyone with such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To the code page: a code is mailed, or an explanation, or nothing, where it is suppressed.
    Mail,
    /// To an upstream that is connected.
    Upstream,
    /// To a choice between several.
    Choice,
    /// Nowhere: what there would be is not open, or codes are off.
    Nowhere,
}

/// A page of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageName {
    /// G1: asks for the address.
    Identify,
    /// G2-send: confirms an address that was given, before the first mail.
    Send,
    /// G1b: several ways fit.
    Choose,
    /// The page that leads to an upstream.
    Leave,
    /// The way there, without a page.
    Away,
    /// What there would be for this address is not open.
    Unavailable,
    /// G6: a better method.
    Offer,
    /// Registers a passkey.
    NewPasskey,
    /// G3: consent.
    Consent,
    /// G5: the guest may not enter.
    Refused,
    /// The dispatcher itself: the app is answered, or the sign-in is over.
    Answer,
}

/// What decides which page comes.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// The step that the sign-in is at.
    pub step: Step,
    /// The sign-in.
    pub sign_in: &'a SignIn,
    /// Where its address leads, for those who have looked.
    pub way: Option<Way>,
    /// Whether a form of ours was answered on the way here: Chrome applies `form-action` to redirects, so that a page stands
    /// before the upstream.
    pub after_form: bool,
}

/// The page that the browser belongs to.
pub fn next_page(position: &Position<'_>) -> PageName {
    match position.step {
        Step::Identify => identify(position),
        Step::Move => PageName::Offer,
        Step::MakePasskey => PageName::NewPasskey,
        Step::Consent => PageName::Consent,
        Step::Refuse(_) => PageName::Refused,
        Step::Issue | Step::Deny | Step::Interrupt(_) | Step::Expired => PageName::Answer,
    }
}

fn identify(position: &Position<'_>) -> PageName {
    let sign_in = position.sign_in;
    if sign_in.email.is_none() {
        // Nothing is shown on the way to an upstream that the app names.
        return if sign_in.request.names_upstream() {
            PageName::Away
        } else {
            PageName::Identify
        };
    }
    match position.way {
        // An address that was given is confirmed first: a GET sends no mail.
        None if sign_in.challenge.is_none() && !sign_in.email_typed => PageName::Send,
        None => PageName::Identify,
        Some(Way::Upstream) if position.after_form => PageName::Leave,
        Some(Way::Upstream) => PageName::Away,
        Some(Way::Choice) => PageName::Choose,
        Some(Way::Nowhere) if position.after_form => PageName::Unavailable,
        // Where there is nothing yet, the form asks the host of the domain first (WebFinger): it may name a provider.
        Some(Way::Mail | Way::Nowhere) => PageName::Send,
    }
}

impl PageName {
    /// Whether a browser whose address leads that way may stay on this page. `Send`, `Choose` and `Unavailable` ask it before
    /// they are shown, and send the browser to [`next_page`] otherwise. `Leave` and `Away` open to a few more: to an account
    /// that waits for a code, and to a guest who is offered a better method.
    pub fn admits(self, way: Way) -> bool {
        match self {
            Self::Send => matches!(way, Way::Mail | Way::Nowhere),
            Self::Leave | Self::Away => way == Way::Upstream,
            Self::Choose => way == Way::Choice,
            Self::Unavailable => way == Way::Nowhere,
            Self::Identify
            | Self::Offer
            | Self::NewPasskey
            | Self::Consent
            | Self::Refused
            | Self::Answer => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Id, access::AccessRefusal, sign_in::Interaction};
    use test_support::samples;

    use super::*;

    const WAYS: [Way; 4] = [Way::Mail, Way::Upstream, Way::Choice, Way::Nowhere];
    const STEPS: [Step; 9] = [
        Step::Identify,
        Step::Move,
        Step::MakePasskey,
        Step::Consent,
        Step::Issue,
        Step::Refuse(AccessRefusal::NotInvited),
        Step::Deny,
        Step::Interrupt(Interaction::Login),
        Step::Expired,
    ];

    /// Sign-ins without an address, with one that was given, with one that was typed, with a code under way; each for an app
    /// that names an upstream, and for one that does not.
    fn sign_ins() -> Vec<(&'static str, SignIn)> {
        let bare = samples::sign_in(&samples::app());
        let mut all = Vec::new();
        for hinted in [false, true] {
            let mut none = bare.clone();
            (none.email, none.email_typed, none.challenge) = (None, false, None);
            none.request.domain_hint = hinted.then(|| "contoso.test".into());
            let mut given = none.clone();
            given.email = Some(samples::email("anna@contoso.test"));
            let mut typed = given.clone();
            typed.email_typed = true;
            let mut mailed = given.clone();
            mailed.challenge = Some(Id::from_uuid(uuid::Uuid::nil()));
            let none = (if hinted { "hinted" } else { "none" }, none);
            all.extend([none, ("given", given), ("typed", typed), ("mailed", mailed)]);
        }
        all
    }

    #[test]
    fn which_page_comes() {
        use PageName::{Away, Choose, Identify, Leave, Send, Unavailable};
        for (address, sign_in) in sign_ins() {
            for (way, after_form, expected) in [
                (None, false, [Identify, Send, Identify, Identify]),
                (Some(Way::Mail), false, [Identify, Send, Send, Send]),
                (Some(Way::Upstream), false, [Identify, Away, Away, Away]),
                (Some(Way::Upstream), true, [Identify, Leave, Leave, Leave]),
                (Some(Way::Choice), true, [Identify, Choose, Choose, Choose]),
                (
                    Some(Way::Nowhere),
                    true,
                    [Identify, Unavailable, Unavailable, Unavailable],
                ),
                (Some(Way::Nowhere), false, [Identify, Send, Send, Send]),
            ] {
                let position = Position {
                    step: Step::Identify,
                    sign_in: &sign_in,
                    way,
                    after_form,
                };
                let expected = match address {
                    "hinted" => Away,
                    "none" => expected[0],
                    "given" => expected[1],
                    "typed" => expected[2],
                    _ => expected[3],
                };
                assert_eq!(next_page(&position), expected, "{address} {way:?} {after_form}");
            }
        }
        let (_, sign_in) = &sign_ins()[0];
        for (step, expected) in STEPS.into_iter().skip(1).zip([
            PageName::Offer,
            PageName::NewPasskey,
            PageName::Consent,
            PageName::Answer,
            PageName::Refused,
            PageName::Answer,
            PageName::Answer,
            PageName::Answer,
        ]) {
            let position = Position {
                step,
                sign_in,
                way: None,
                after_form: false,
            };
            assert_eq!(next_page(&position), expected, "{step:?}");
        }
    }

    /// Mail, upstream, choice, nowhere: which of them a page is for.
    #[test]
    fn which_addresses_a_page_is_for() {
        for (page, admitted) in [
            (PageName::Send, [true, false, false, true]),
            (PageName::Leave, [false, true, false, false]),
            (PageName::Away, [false, true, false, false]),
            (PageName::Choose, [false, false, true, false]),
            (PageName::Unavailable, [false, false, false, true]),
            (PageName::Identify, [true; 4]),
            (PageName::Offer, [true; 4]),
            (PageName::NewPasskey, [true; 4]),
            (PageName::Consent, [true; 4]),
            (PageName::Refused, [true; 4]),
            (PageName::Answer, [true; 4]),
        ] {
            assert_eq!(WAYS.map(|way| page.admits(way)), admitted, "{page:?}");
        }
    }

    /// No page sends a browser on that would be sent back, or on again, before something has changed.
    #[test]
    fn the_page_that_comes_admits_whoever_is_sent_there() {
        for (address, sign_in) in sign_ins() {
            for (step, way) in STEPS.into_iter().flat_map(|step| WAYS.map(|way| (step, way))) {
                for after_form in [false, true] {
                    let position = Position {
                        step,
                        sign_in: &sign_in,
                        way: Some(way),
                        after_form,
                    };
                    let page = next_page(&position);
                    let without_address = sign_in.email.is_none();
                    assert!(without_address || page.admits(way), "{address} {position:?}");
                }
            }
        }
    }
}
