//! The mail that a rule will block or remove a guest.

use domain::{
    Id,
    audit::Action,
    guest::Guest,
    guest_rule::{Due, first_due},
};
use sign_in::Core;
use store::{OutboxMail, StoreError};

use super::parts::{About, Letter, house, language, ready};
use crate::mail::{Recipient, Sender, Stamp, guest_notice::GuestNoticeMail};

pub(super) async fn write(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    guest: Id<Guest>,
) -> Result<Letter, StoreError> {
    let reader = core.store.reader();
    let Some((guest, facts)) = reader.guest_under_rules(guest, core.now()).await? else {
        return Ok(Letter::Moot("no guest"));
    };
    // They may have signed in meanwhile, or the rule may be gone.
    let Some((rule, Due::Notice(on) | Due::Noticed(on))) =
        first_due(&core.settings.guest_rules, &guest, &facts, core.now())
    else {
        return Ok(Letter::Moot("no rule applies any more"));
    };
    let wanted = [guest.language.as_deref(), row.language.as_deref()];
    let content = GuestNoticeMail {
        house: house(
            core,
            &core.settings.help,
            language(core, wanted.into_iter().flatten()),
        ),
        when: rule.when,
        on,
    }
    .content();
    let recipient = Recipient {
        to: &guest.email,
        reply_to: None,
    };
    let mail = content.and_then(|content| sender.compose(Stamp::of(row, row.deadline), recipient, content));
    Ok(ready(row, mail, about(guest.id)))
}

/// What to record of it.
pub(super) fn about(guest: Id<Guest>) -> About {
    About {
        sent: Action::GuestNoticeMailed,
        guest: Some(guest),
        ..About::default()
    }
}
