//! The pages of a round trip that an operator tries out. The upstream's operators may look at them too.

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
