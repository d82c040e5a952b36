//! The pages of a round trip that an operator tries out. Whoever runs the upstream may look at them too.

use super::section::section;

section! {
    /// What is about to be tried, and what came of it.
    TestTexts {
        title,
        lead,
        nothing_kept,
        over_title,
        over,
        failed,
        said,
        known,
        new,
        a_code_confirms,
        somebody_else,
        another_account,
        no_address,
        foreign_domain,
        unverified,
        issuer,
        subject,
        address,
        verified,
        yes,
        no,
        name,
        language,
        methods,
        signed_in_at,
        session,
        claims,
        user_info,
        missing,
    }
}

/// English.
pub const EN: TestTexts = TestTexts {
    title: "Trying out {door}",
    lead: "You are sent to {door} to sign in there as {email}, and come back here to see what it said.",
    nothing_kept: "Nobody is signed in to an app by it, and no account is kept.",
    over_title: "This try is over",
    over: "Its link works for an hour. Ask for a new one where you got it.",
    failed: "It did not work, and no guest would have come in.",
    said: "{door} said:",
    known: "It worked. This is the account of the guest {email}.",
    new: "It worked. The account proves {email}, and a guest with that address would have come in.",
    a_code_confirms: "It worked. The account doesn't prove {email}: a guest would confirm it once with a code.",
    somebody_else: "A guest would not have come in: this account belongs to another address than {email}.",
    another_account: "A guest would not have come in: {email} has signed in here by another account before.",
    no_address: "A guest would not have come in: {door} says no address. Let it release the claim with the address, or name \
                 one of those below by --email-claim (SAML: --email-attribute).",
    foreign_domain: "A guest would not have come in: {door} may not speak for the domain of {email}, or has not proven it.",
    unverified: "A guest would not have come in: {door} doesn't say that it has verified {email}. Where the claim is not said \
                 at all, and only its administrators set addresses, --trust-email true accepts it.",
    issuer: "Issuer",
    subject: "Subject",
    address: "Address",
    verified: "Verified",
    yes: "yes",
    no: "no",
    name: "Name",
    language: "Language",
    methods: "Methods (amr)",
    signed_in_at: "Signed in there at",
    session: "Session id for back-channel logout",
    claims: "Claims or attributes that came",
    user_info: "UserInfo failed",
    missing: "not said",
};

/// German.
pub const DE: TestTexts = TestTexts {
    title: "{door} ausprobieren",
    lead: "Sie werden zu {door} geleitet, melden sich dort als {email} an und sehen hier, was zurückkam.",
    nothing_kept: "Niemand wird dadurch bei einer App angemeldet, und kein Konto wird behalten.",
    over_title: "Dieser Versuch ist vorbei",
    over: "Sein Link gilt eine Stunde. Lassen Sie sich dort, wo Sie ihn bekommen haben, einen neuen geben.",
    failed: "Es hat nicht geklappt, und kein Gast wäre hereingekommen.",
    said: "{door} sagte:",
    known: "Es hat geklappt. Das ist das Konto des Gasts {email}.",
    new: "Es hat geklappt. Das Konto weist {email} nach, und ein Gast mit dieser Adresse wäre hereingekommen.",
    a_code_confirms: "Es hat geklappt. Das Konto weist {email} nicht nach: Ein Gast würde die Adresse einmal mit einem Code \
                      bestätigen.",
    somebody_else: "Ein Gast wäre nicht hereingekommen: Dieses Konto gehört zu einer anderen Adresse als {email}.",
    another_account: "Ein Gast wäre nicht hereingekommen: {email} war früher mit einem anderen Konto hier.",
    no_address: "Ein Gast wäre nicht hereingekommen: {door} nennt keine Adresse. Der Claim mit der Adresse muss dort \
                 freigegeben werden, oder --email-claim (SAML: --email-attribute) nennt einen von denen unten.",
    foreign_domain: "Ein Gast wäre nicht hereingekommen: {door} darf nicht für die Domain von {email} sprechen oder hat sie \
                     nicht nachgewiesen.",
    unverified: "Ein Gast wäre nicht hereingekommen: {door} sagt nicht, dass {email} geprüft ist. Wo der Claim ganz fehlt und \
                 nur Administratoren Adressen setzen, nimmt --trust-email true sie an.",
    issuer: "Aussteller (issuer)",
    subject: "Kennung (subject)",
    address: "Adresse",
    verified: "Geprüft",
    yes: "ja",
    no: "nein",
    name: "Name",
    language: "Sprache",
    methods: "Verfahren (amr)",
    signed_in_at: "Dort angemeldet um",
    session: "Sitzungskennung für Back-Channel Logout",
    claims: "Claims oder Attribute, die kamen",
    user_info: "UserInfo ging nicht",
    missing: "nicht genannt",
};
