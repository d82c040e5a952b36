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
        suppressed: false,
        sends: sends
            .iter()
            .map(|(number, minute)| Send {
                number: *number,
                issued_at: minute_(*minute),
                alphabet: Alphabet::Digits,
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
fn what_is_not_a_code_says_what_it_had() {
    for (typed, digits, letters) in [
        ("", 0, 0),
        ("482015", 6, 0),
        ("482015730", 9, 0),
        ("abc", 0, 3),
        ("4820157a3", 8, 1),
        ("BCDFGHJKL", 0, 9),
        ("BCDFGHJKLM!", 0, 10),
    ] {
        let found = Passcode::read(typed).map(|_| ());
        assert_eq!(found, Err(NotACode { digits, letters }), "{typed:?}");
    }
}

#[test]
fn ten_letters_are_read_in_either_case() {
    for typed in [
        "BCDFGHJKLM",
        "bcdfghjklm",
        "BCDFG-HJKLM",
        "bcdfg hjklm\r\n",
        "@login.acme.example #BCDFGHJKLM",
        "\u{ff22}CDFGHJKLM",
    ] {
        let read = Passcode::read(typed);
        assert_eq!(read.as_ref().map(Passcode::expose), Ok("BCDFGHJKLM"), "{typed:?}");
    }
}

/// While many wrong codes arrive, a new code has letters; one that was sent before stays right.
#[test]
fn codes_of_both_alphabets_count_within_one_challenge() {
    let mut challenge = challenge(&[(1, 0), (2, 10)]);
    challenge.sends[1].alphabet = Alphabet::Letters;
    let (digits, letters) = (
        challenge.code(&key(), &challenge.sends[0]),
        challenge.code(&key(), &challenge.sends[1]),
    );
    assert_eq!(letters.expose().len(), 10);
    assert!(letters.expose().bytes().all(|byte| LETTERS.contains(&byte)));
    let read = Passcode::read(&letters.expose().to_lowercase()).unwrap();
    assert_eq!(
        challenge.judge(&key(), &read, minute_(11)),
        Verdict::Correct { send: 2 }
    );
    assert_eq!(
        challenge.judge(&key(), &digits, minute_(11)),
        Verdict::Correct { send: 1 }
    );
}

proptest! {
    #[test]
    fn letters_depend_on_every_secret(a: [u8; 32], b: [u8; 32]) {
        prop_assert_eq!(letters(&a) == letters(&b), a == b);
    }
}

#[test]
fn a_code_is_right_for_exactly_its_lifetime() {
    let challenge = challenge(&[(1, 0)]);
    let code = challenge.code(&key(), &challenge.sends[0]);
    assert_eq!(code.expose().len(), Alphabet::Digits.length());
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
    let (first, second) = (
        challenge.code(&key(), &challenge.sends[0]),
        challenge.code(&key(), &challenge.sends[1]),
    );
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
    let code = one.code(&key(), &one.sends[0]);
    let mut salt = one.clone();
    salt.salt[0] ^= 1;
    let mut id = one.clone();
    id.id = Id::from_uuid(uuid::Uuid::from_u128(70));
    for (other, key) in [(&one, CodeKey::new([4; 32])), (&salt, key()), (&id, key())] {
        assert!(!other.code(&key, &other.sends[0]).matches(&code));
    }
    assert!(one.code(&key(), &one.sends[0]).matches(&code));
}

#[test]
fn no_code_is_right_where_the_mail_was_suppressed() {
    let mut suppressed = challenge(&[(1, 0)]);
    suppressed.suppressed = true;
    let code = suppressed.code(&key(), &suppressed.sends[0]);
    assert_eq!(suppressed.judge(&key(), &code, minute_(1)), Verdict::Wrong);
}

#[test]
fn debug_shows_no_digit() {
    let code = challenge(&[(1, 0)]).code(&key(), &challenge(&[(1, 0)]).sends[0]);
    assert_eq!(format!("{code:?} {:?}", key()), "Passcode(…) CodeKey(…)");
}

proptest! {
    #[test]
    fn reading_never_panics_and_yields_a_code(typed in "\\PC{0,60}") {
        if let Ok(code) = Passcode::read(&typed) {
            let code = code.expose();
            let digits = code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit());
            let letters = code.len() == 10 && code.bytes().all(|b| b.is_ascii_uppercase());
            prop_assert!(digits || letters, "{code}");
        }
    }
}

/// The subject of the mail, or a line of it.
#[test]
fn a_sentence_with_one_code_in_it_is_understood() {
    for text in [
        "40318572 is your Acme sign-in code",
        "Your code: 40318572.",
        "40318572 – valid until 09:30 UTC. Never share it.",
    ] {
        assert_eq!(Passcode::read(text).unwrap().expose(), "40318572", "{text}");
    }
    for text in [
        "40318572 or 11111111",
        "Reference 403185720",
        "is your Acme sign-in code",
        "4031 and 8572 in a sentence",
    ] {
        assert!(Passcode::read(text).is_err(), "{text}");
    }
}

#[test]
fn a_send_is_live_from_when_it_was_made_to_its_end() {
    let challenge = challenge(&[(1, 0), (2, 10)]);
    let (millisecond, skew) = (TimeDelta::milliseconds(1), SKEW);
    let live = |now| challenge.live(now).map(|send| send.number).collect::<Vec<_>>();
    for (now, expected) in [
        // The clock of the replica that made it may be ahead of ours.
        (minute_(0) - skew - millisecond, &[][..]),
        (minute_(0) - skew, &[1]),
        (minute_(10) - skew - millisecond, &[1]),
        (minute_(10) - skew, &[1, 2]),
        (minute_(30) - millisecond, &[1, 2]),
        (minute_(30), &[2]),
        (minute_(40) - millisecond, &[2]),
        (minute_(40), &[]),
    ] {
        assert_eq!(live(now), expected, "{now}");
    }
    assert_eq!(challenge.last_send().map(|send| send.number), Some(2));
    assert_eq!(self::challenge(&[]).last_send(), None);
}

/// What follows the nine in a script is no digit.
#[test]
fn only_ten_characters_of_a_script_are_digits() {
    for (nine, next) in [
        ('9', ':'),
        ('\u{669}', '\u{66a}'),
        ('\u{96f}', '\u{970}'),
        ('\u{e59}', '\u{e5a}'),
    ] {
        assert_eq!(decimal_value(nine), Some(9), "{nine}");
        assert_eq!(decimal_value(next), None, "{next}");
        assert!(Passcode::read(&format!("1234567{nine}")).is_ok());
        assert!(Passcode::read(&format!("1234567{next}")).is_err());
    }
}

#[test]
fn what_a_text_has_of_each_alphabet() {
    let found = NotACode {
        digits: 5,
        letters: 3,
    };
    assert_eq!(
        [Alphabet::Digits, Alphabet::Letters].map(|alphabet| found.count(alphabet)),
        [5, 3]
    );
}
