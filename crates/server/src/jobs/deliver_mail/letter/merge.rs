//! The mails to two guests: whether they are one person, that they are one now, and that they are two again.

use domain::{
    Id,
    audit::Action,
    merge::{Merge, MergeRole, MergeState, may_merge},
};
use sign_in::{Core, merge::BothGuests};
use store::{OutboxMail, StoreError};
use web::routes;

use super::parts::{About, Letter, house, language, ready};
use crate::mail::{
    Recipient, Sender, Stamp,
    merge::{MergeAskedMail, MergeMail},
};

/// Whether they are one person.
pub(super) async fn question(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    (merge, to): (Id<Merge>, MergeRole),
) -> Result<Letter, StoreError> {
    let Some((merge, both)) = found(core, merge).await? else {
        return Ok(Letter::Moot("no merge"));
    };
    if !merge.is_open(core.now()) {
        return Ok(Letter::Moot("nobody is asked any more"));
    }
    if may_merge(&both.kept, &both.other, core.now()).is_err() {
        return Ok(Letter::Moot("one of them is shut out"));
    }
    let help = &core.settings.help;
    let content = MergeAskedMail {
        house: house(core, help, spoken(core, row, &both, to)),
        kept: &both.kept.email,
        other: &both.other.email,
        link: &core.settings.issuer.at(routes::MY_MERGE),
        expires_at: merge.expires_at,
    }
    .content();
    let stamp = Stamp::of(row, merge.expires_at);
    let mail = content.and_then(|content| sender.compose(stamp, recipient(&both, to), content));
    Ok(ready(row, mail, about(Action::MergeAskedMailed, Some(merge), to)))
}

/// That they are one from now on: also to the address that opens nothing any more.
pub(super) async fn notice(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    (merge, to): (Id<Merge>, MergeRole),
) -> Result<Letter, StoreError> {
    let Some((merge, both)) = found(core, merge).await? else {
        return Ok(Letter::Moot("no merge"));
    };
    if merge.state != MergeState::Merged {
        return Ok(Letter::Moot("it was taken back"));
    }
    let content = both_named(core, row, &both, to).merged();
    let stamp = Stamp::of(row, row.deadline);
    let mail = content.and_then(|content| sender.compose(stamp, recipient(&both, to), content));
    let about = about(Action::GuestMergedMailed, Some(merge), to);
    Ok(ready(row, mail, about))
}

/// That they are two again.
pub(super) async fn undone(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    (merge, to): (Id<Merge>, MergeRole),
) -> Result<Letter, StoreError> {
    let Some((merge, both)) = found(core, merge).await? else {
        return Ok(Letter::Moot("no merge"));
    };
    if !both.guest(to).status.is_in() {
        return Ok(Letter::Moot("the guest is shut out"));
    }
    let content = both_named(core, row, &both, to).undone();
    let stamp = Stamp::of(row, row.deadline);
    let mail = content.and_then(|content| sender.compose(stamp, recipient(&both, to), content));
    let about = about(Action::GuestUnmergedMailed, Some(merge), to);
    Ok(ready(row, mail, about))
}

fn both_named<'a>(core: &'a Core, row: &OutboxMail, both: &'a BothGuests, to: MergeRole) -> MergeMail<'a> {
    MergeMail {
        house: house(core, &core.settings.help, spoken(core, row, both, to)),
        kept: &both.kept.email,
        other: &both.other.email,
    }
}

fn recipient(both: &BothGuests, to: MergeRole) -> Recipient<'_> {
    Recipient {
        to: &both.guest(to).email,
        reply_to: None,
    }
}

/// What to record of it.
pub(super) fn about(sent: Action, merge: Option<Merge>, to: MergeRole) -> About {
    About {
        sent,
        guest: merge.as_ref().map(|merge| merge.guest(to)),
        details: merge
            .map(|merge| ("merge", merge.id.to_string()))
            .into_iter()
            .collect(),
        ..About::default()
    }
}

async fn found(core: &Core, id: Id<Merge>) -> Result<Option<(Merge, BothGuests)>, StoreError> {
    let reader = core.store.reader();
    let Some(merge) = reader.merge(id).await? else {
        return Ok(None);
    };
    let both = BothGuests::read(&reader, &merge).await?;
    Ok(both.map(|both| (merge, both)))
}

fn spoken(core: &Core, row: &OutboxMail, both: &BothGuests, to: MergeRole) -> domain::Language {
    let wanted = [both.guest(to).language.as_deref(), row.language.as_deref()];
    language(core, wanted.into_iter().flatten())
}
