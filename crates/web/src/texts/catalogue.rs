//! What a language consists of.

use domain::passcode::Alphabet;

use super::{
    access_request, alphabet, common, consent, error, federation, go_on, home, identify, invitation, inviter,
    mail, merge, my_access, passcode, passkey, personal, refused, signed_out, test_sign_in,
};

/// All texts of one language, by page.
#[derive(Debug)]
pub struct Texts {
    /// Every page.
    pub common: common::CommonTexts,
    /// G1, G2-send.
    pub identify: identify::IdentifyTexts,
    /// G2, G2e.
    pub passcode: passcode::PasscodeTexts,
    /// The same page, of codes of digits.
    pub digits: alphabet::AlphabetTexts,
    /// The same page, of codes of letters.
    pub letters: alphabet::AlphabetTexts,
    /// The way to the guest's own organisation and back.
    pub federation: federation::FederationTexts,
    /// Personal accounts, and the choice between several ways in.
    pub personal: personal::PersonalTexts,
    /// A round trip that is tried out.
    pub test_sign_in: test_sign_in::TestTexts,
    /// Passkeys.
    pub passkey: passkey::PasskeyTexts,
    /// G3.
    pub consent: consent::ConsentTexts,
    /// G4.
    pub go_on: go_on::GoOnTexts,
    /// The bare host name.
    pub home: home::HomeTexts,
    /// G5.
    pub refused: refused::RefusedTexts,
    /// G7.
    pub signed_out: signed_out::SignedOutTexts,
    /// G8, G9.
    pub error: error::ErrorTexts,
    /// Where a guest's access request is answered.
    pub access_request: access_request::AccessRequestTexts,
    /// The page behind an invitation's link.
    pub invitation: invitation::InvitationTexts,
    /// Where people invite who have no operator account.
    pub inviter: inviter::InviterTexts,
    /// Whether two guests are one person.
    pub merge: merge::MergeTexts,
    /// My access.
    pub my_access: my_access::MyAccessTexts,
    /// Mails.
    pub mail: mail::MailTexts,
}

impl Texts {
    /// The words of the code page for codes of an alphabet.
    pub fn of_alphabet(&self, alphabet: Alphabet) -> &alphabet::AlphabetTexts {
        match alphabet {
            Alphabet::Digits => &self.digits,
            Alphabet::Letters => &self.letters,
        }
    }
}
