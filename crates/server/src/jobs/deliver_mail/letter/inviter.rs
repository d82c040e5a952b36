//! The mail with an inviter's link.

use actions::apps_of_inviter;
use domain::{Id, audit::Action, inviter::InviterLink};
use sign_in::Core;
use store::{OutboxMail, StoreError};
use web::routes;

use super::parts::{About, Letter, house, language, ready};
use crate::mail::{Recipient, Sender, Stamp, inviter::InviterMail};

/// The mail of a row.
pub(super) async fn write(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    link: Id<InviterLink>,
) -> Result<Letter, StoreError> {
    let reader = core.store.reader();
    let about = about(link);
    let Some(link) = reader.inviter_link(link).await? else {
        return Ok(Letter::Moot("no link"));
    };
    if apps_of_inviter(&reader, core, &link.inviter).await?.is_empty() {
        return Ok(Letter::Moot("they may not invite any more"));
    }
    let Some(token) = reader.token_of_inviter_link(link.id).await? else {
        let why = "master_key";
        return Ok(Letter::Impossible { why, about });
    };
    let address = core.settings.issuer.at(&routes::inviter(&token));
    let content = InviterMail {
        house: house(
            core,
            &core.settings.help,
            language(core, row.language.as_deref().into_iter()),
        ),
        link: &address,
    }
    .content();
    let recipient = Recipient {
        to: &link.inviter,
        reply_to: None,
    };
    let mail =
        content.and_then(|content| sender.compose(Stamp::of(row, link.expires_at), recipient, content));
    Ok(ready(row, mail, about))
}

/// What to record of it.
pub(super) fn about(link: Id<InviterLink>) -> About {
    About {
        sent: Action::InviterLinkMailed,
        details: vec![("link", link.to_string())],
        ..About::default()
    }
}
