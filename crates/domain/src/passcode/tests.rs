use proptest::prelude::*;

use super::*;
use crate::time::from_millis;

fn challenge(sends: &[(u32, i64)]) -> PasscodeChallenge {
    PasscodeChallenge {
        id: Id::from_uuid(uuid::Uuid::from_u128(7)),
        sign_in: Id::from_uuid(uuid::Uuid::from_u128(8)),
        email: EmailAddress::parse("anna@contoso.test").unwrap(),
        salt: [9; 32],
        key_id: "k1".into(),
        lifetime: TimeDelta::minutes(30),
        decoy: false,
        sends: sends
            .iter()
            .map(|(number, minute)| Send {
                number: *number,
                issued_at: minute_(*minute),
            })
            .collect(),
        state: ChallengeState::Open,
    }
}

fn minute_(minute: i64) -> DateTime<Utc> {
    from_millis(1_700_000_000_000 + minute * 60_000)
}

fn key() -> CodeKey {
    CodeKey::new([3; 32])
}

#[test]
fn every_form_of_pasting_is_read() {
    for typed in [
        "48201573",
        "4820 1573",
        "4820-1573",
        "4820\u{a0}1573",
        "4820\u{200b}1573",
        "\u{feff}48201573\r\n",
        "٤٨٢٠١٥٧٣",
        "۴۸۲۰۱۵۷۳",
        "४८२०१५७३",
        "４８２０１５７３",
        "4 8 2 0 1 5 7 3",
        "4820–1573",
        "@login.acme.example #48201573",
        "\u{202a}48201573\u{202c}",
    ] {
        assert_eq!(
            Passcode::read(typed).as_ref().map(Passcode::expose),
            Ok("48201573"),
            "{typed:?}"
        );
    }
}

#[test]
fn what_is_not_a_code_says_how_many_digits_it_had() {
    for (typed, digits) in [
        ("", 0),
        ("482015", 6),
        ("482015730", 9),
        ("abc", 0),
        ("4820157a3", 8),
    ] {
        assert_eq!(Passcode::read(typed).map(|_| ()), Err(digits), "{typed:?}");
    }
}

#[test]
fn a_code_is_right_for_exactly_its_lifetime() {
    let challenge = challenge(&[(1, 0)]);
    let code = challenge.code(&key(), 1);
    assert_eq!(code.expose().len(), DIGITS);
    let at = |millis: i64| challenge.judge(&key(), &code, minute_(0) + TimeDelta::milliseconds(millis));
    assert_eq!(at(0), Verdict::Correct { send: 1 });
    assert_eq!(at(30 * 60_000 - 1), Verdict::Correct { send: 1 });
    assert_eq!(at(30 * 60_000), Verdict::Expired { send: 1 });
    assert_eq!(at(150 * 60_000 - 1), Verdict::Expired { send: 1 });
    assert_eq!(at(150 * 60_000), Verdict::Wrong);
    // The clock of this replica may be a minute behind, not a day.
    assert_eq!(at(-60_000), Verdict::Correct { send: 1 });
    assert_eq!(at(-86_400_000), Verdict::Wrong);
}

#[test]
fn earlier_sends_stay_right_until_their_own_end() {
    let challenge = challenge(&[(1, 0), (2, 10)]);
    let (first, second) = (challenge.code(&key(), 1), challenge.code(&key(), 2));
    assert!(!first.matches(&second));
    assert_eq!(
        challenge.judge(&key(), &first, minute_(29)),
        Verdict::Correct { send: 1 }
    );
    assert_eq!(
        challenge.judge(&key(), &first, minute_(31)),
        Verdict::Expired { send: 1 }
    );
    assert_eq!(
        challenge.judge(&key(), &second, minute_(31)),
        Verdict::Correct { send: 2 }
    );
    assert_eq!(challenge.live(minute_(31)).count(), 1);
}

#[test]
fn a_code_belongs_to_its_key_salt_challenge_and_send() {
    let one = challenge(&[(1, 0)]);
    let code = one.code(&key(), 1);
    let mut salt = one.clone();
    salt.salt[0] ^= 1;
    let mut id = one.clone();
    id.id = Id::from_uuid(uuid::Uuid::from_u128(70));
    for (other, key) in [(&one, CodeKey::new([4; 32])), (&salt, key()), (&id, key())] {
        assert!(!other.code(&key, 1).matches(&code));
    }
    assert!(one.code(&key(), 1).matches(&code));
}

#[test]
fn nothing_is_right_for_a_decoy() {
    let mut decoy = challenge(&[(1, 0)]);
    decoy.decoy = true;
    let code = decoy.code(&key(), 1);
    assert_eq!(decoy.judge(&key(), &code, minute_(1)), Verdict::Wrong);
}

#[test]
fn debug_shows_no_digit() {
    let code = challenge(&[(1, 0)]).code(&key(), 1);
    assert_eq!(format!("{code:?} {:?}", key()), "Passcode(…) CodeKey(…)");
}

proptest! {
    #[test]
    fn reading_never_panics_and_yields_eight_ascii_digits(typed in "\\PC{0,60}") {
        if let Ok(code) = Passcode::read(&typed) {
            prop_assert!(code.expose().len() == DIGITS && code.expose().bytes().all(|b| b.is_ascii_digit()));
        }
    }
}
