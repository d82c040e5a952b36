//! From a row of the outbox to a mail: everything it says is read here.

mod access;
mod inviter;
mod merge;
mod notice;
mod parts;

use domain::{
    EmailAddress, Id,
    app::App,
    audit::Action,
    guest::Guest,
    invitation::Invitation,
    passcode::{ChallengeState, PasscodeChallenge},
    sign_in::SignIn,
};
use method_resolution::{resolve, why_no_code};
use sign_in::Core;
use store::{MailKind, MethodChange, OutboxMail, StoreError, Tx};
use url::Url;
use web::{routes, texts};

pub(super) use parts::{About, Letter};
use parts::{house, language, ready};

use crate::mail::{
    Recipient, Sender, Stamp, invitation::InvitationMail, messages::CodeMail,
    method_changed::MethodChangedMail, no_code::NoCodeMail,
};

/// Puts the mail of a row together. `asked` is what was asked for, where the request has just handed it over.
pub(super) async fn write(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    asked: Option<AskedCode>,
) -> Result<Letter, StoreError> {
    match row.kind {
        MailKind::Passcode { challenge, send } => match asked_for(core, challenge, asked).await? {
            Ok(asked) => code(core, sender, row, asked, send).await,
            Err(moot) => Ok(Letter::Moot(moot)),
        },
        MailKind::NoCode { challenge, .. } => match asked_for(core, challenge, asked).await? {
            Ok(asked) => no_code(core, sender, row, asked).await,
            Err(moot) => Ok(Letter::Moot(moot)),
        },
        MailKind::Invitation { invitation } => invite(core, sender, row, invitation).await,
        MailKind::AccessRequest { request } => access::question(core, sender, row, request).await,
        MailKind::AccessAnswer { request } => access::answer(core, sender, row, request).await,
        MailKind::InviterLink { link } => inviter::write(core, sender, row, link).await,
        MailKind::MergeAsked { merge, to } => merge::question(core, sender, row, (merge, to)).await,
        MailKind::GuestMerged { merge, to } => merge::notice(core, sender, row, (merge, to)).await,
        MailKind::GuestUnmerged { merge, to } => merge::undone(core, sender, row, (merge, to)).await,
        MailKind::GuestNotice { guest, .. } => notice::write(core, sender, row, guest).await,
        MailKind::MethodChanged { guest, change } => method_changed(core, sender, row, guest, change).await,
    }
}

/// What to record of a row that is not made into a mail any more.
pub(super) async fn about(tx: &Tx, row: &OutboxMail) -> Result<About, StoreError> {
    let mut about = About::default();
    match row.kind {
        MailKind::Passcode { challenge, send } | MailKind::NoCode { challenge, send } => {
            about.details.push(("send", send.to_string()));
            let Some(challenge) = tx.challenge(challenge).await? else {
                return Ok(about);
            };
            about.guest = tx.guest_by_email(&challenge.email).await?.map(|guest| guest.id);
            about.sign_in = Some(challenge.sign_in);
            about.app = tx.sign_in(challenge.sign_in).await?.map(|sign_in| sign_in.app);
        }
        MailKind::Invitation { invitation } => {
            about.details.push(("invitation", invitation.to_string()));
            if let Some(invitation) = tx.invitation(invitation).await? {
                (about.guest, about.app) = (Some(invitation.guest), Some(invitation.app));
            }
        }
        MailKind::AccessRequest { request } | MailKind::AccessAnswer { request } => {
            if let Some(request) = tx.access_request(request).await? {
                about = access::about(Action::AccessRequestMailed, &request);
            }
        }
        MailKind::InviterLink { link } => about = inviter::about(link),
        MailKind::MergeAsked { merge, to } => {
            about = merge::about(Action::MergeAskedMailed, tx.merge(merge).await?, to);
        }
        MailKind::GuestMerged { merge, to } => {
            about = merge::about(Action::GuestMergedMailed, tx.merge(merge).await?, to);
        }
        MailKind::GuestUnmerged { merge, to } => {
            about = merge::about(Action::GuestUnmergedMailed, tx.merge(merge).await?, to);
        }
        MailKind::GuestNotice { guest, .. } => about = notice::about(guest),
        MailKind::MethodChanged { guest, .. } => {
            about.sent = Action::MethodMailed;
            about.guest = Some(guest);
        }
    }
    Ok(about)
}

/// What a mail that somebody waits for is about.
pub(super) struct AskedCode {
    pub(super) challenge: PasscodeChallenge,
    pub(super) sign_in: SignIn,
    pub(super) app: App,
    pub(super) guest: Option<Guest>,
}

/// What was asked for, or what of it is gone.
async fn asked_for(
    core: &Core,
    challenge: Id<PasscodeChallenge>,
    handed: Option<AskedCode>,
) -> Result<Result<AskedCode, &'static str>, StoreError> {
    if let Some(asked) = handed {
        return Ok(Ok(asked));
    }
    let reader = core.store.reader();
    let Some((challenge, sign_in)) = reader.challenge_and_sign_in(challenge).await? else {
        return Ok(Err("no challenge"));
    };
    let Some(known) = core.store.known_app(sign_in.app).await? else {
        return Ok(Err("no app"));
    };
    let guest = reader.guest_by_email(&challenge.email).await?;
    Ok(Ok(AskedCode {
        challenge,
        sign_in,
        app: known.app.clone(),
        guest,
    }))
}

async fn code(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    asked: AskedCode,
    number: u32,
) -> Result<Letter, StoreError> {
    let AskedCode {
        challenge,
        sign_in,
        app,
        guest,
    } = asked;
    let send = challenge.sends.iter().copied().find(|send| send.number == number);
    let Some(send) = send else {
        return Ok(Letter::Moot("no such send"));
    };
    if challenge.state != ChallengeState::Open || challenge.suppressed {
        return Ok(Letter::Moot("challenge is over"));
    }
    let about = About {
        sent: Action::CodeMailed,
        guest: guest.as_ref().map(|guest| guest.id),
        app: Some(app.id),
        sign_in: Some(sign_in.id),
        details: vec![("send", number.to_string())],
    };
    if core.now() >= challenge.ends_at(send) {
        return Ok(Letter::Impossible {
            why: "too_late",
            about,
        });
    }
    let Some(key) = core.store.master_keys().get(&challenge.key_id) else {
        tracing::error!(
            key = challenge.key_id,
            "the master key of a sign-in code is not configured any more"
        );
        return Ok(Letter::Impossible {
            why: "master_key_missing",
            about,
        });
    };
    let invitation = match sign_in.invitation {
        Some(id) => core.store.reader().invitation(id).await?,
        None => None,
    };
    // Another address may have been typed since: then it is not that guest's.
    let invitation =
        invitation.filter(|invitation| guest.as_ref().is_some_and(|guest| guest.id == invitation.guest));
    let passcode = challenge.code(&key.code_key(), &send);
    let wanted = [
        invitation
            .as_ref()
            .and_then(|invitation| invitation.terms.language.as_deref()),
        guest.as_ref().and_then(|guest| guest.language.as_deref()),
    ];
    let asked = sign_in
        .request
        .ui_locales
        .iter()
        .map(String::as_str)
        .chain(row.language.as_deref());
    let language = language(core, wanted.into_iter().flatten().chain(asked));
    let app = texts::named(app, &core.settings.issuer, language);
    let help = core.settings.help.at(&app);
    let content = CodeMail {
        house: house(core, &help, language),
        app: &app.name,
        address: &challenge.email,
        code: &passcode,
        reference: sign_in.reference.as_str(),
        lifetime: challenge.lifetime,
        number: send.number,
        code_first: sender.code_in_subject(),
    }
    .content();
    let recipient = Recipient {
        to: &challenge.email,
        reply_to: None,
    };
    let mail = content
        .and_then(|content| sender.compose(Stamp::of(row, challenge.ends_at(send)), recipient, content));
    Ok(ready(row, mail, about))
}

/// To a known guest who asked for a code and cannot get one.
async fn no_code(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    asked: AskedCode,
) -> Result<Letter, StoreError> {
    let AskedCode {
        challenge,
        sign_in,
        app,
        guest,
    } = asked;
    let Some(guest) = guest else {
        return Ok(Letter::Moot("no guest"));
    };
    let facts = core
        .store
        .reader()
        .method_facts(&guest.email, Some(&guest), &core.settings.resolution, core.now())
        .await?;
    // What was wrong when it was asked for may be right by now.
    let Some(why) = why_no_code(&facts) else {
        return Ok(Letter::Moot("the way in is open again"));
    };
    let about = About {
        sent: Action::LetterMailed,
        guest: Some(guest.id),
        app: Some(app.id),
        sign_in: Some(sign_in.id),
        details: Vec::new(),
    };
    let wanted = [guest.language.as_deref(), row.language.as_deref()];
    let language = language(core, wanted.into_iter().flatten());
    let app = texts::named(app, &core.settings.issuer, language);
    let help = core.settings.help.at(&app);
    let content = NoCodeMail {
        house: house(core, &help, language),
        app: &app.name,
        address: &challenge.email,
        reference: sign_in.reference.as_str(),
        why,
    }
    .content();
    let recipient = Recipient {
        to: &challenge.email,
        reply_to: None,
    };
    let mail = content.and_then(|content| sender.compose(Stamp::of(row, row.deadline), recipient, content));
    Ok(ready(row, mail, about))
}

async fn invite(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    invitation: Id<Invitation>,
) -> Result<Letter, StoreError> {
    let reader = core.store.reader();
    let Some(invitation) = reader.invitation(invitation).await? else {
        return Ok(Letter::Moot("no invitation"));
    };
    let Some(guest) = reader.guest(invitation.guest).await? else {
        return Ok(Letter::Moot("no guest"));
    };
    // Not from memory: an app that was switched on a moment ago would cost the invitation.
    let Some(app) = reader.app(invitation.app).await? else {
        return Ok(Letter::Moot("no app"));
    };
    if !invitation.is_open(core.now()) {
        return Ok(Letter::Moot("invitation is not open"));
    }
    if !guest.status.is_in() || guest.is_expired(core.now()) {
        return Ok(Letter::Moot("guest is shut out"));
    }
    if app.disabled_at.is_some() {
        return Ok(Letter::Moot("app is switched off"));
    }
    let about = About {
        sent: Action::InvitationMailed,
        guest: Some(guest.id),
        app: Some(app.id),
        sign_in: None,
        details: vec![("invitation", invitation.id.to_string())],
    };
    let Some(token) = reader.token_of_invitation(invitation.id).await? else {
        let why = "master_key";
        return Ok(Letter::Impossible { why, about });
    };
    let link = core.settings.issuer.at(&routes::invitation(&token));
    // What was checked when it was written may have been written by somebody else since.
    let reply_to = invitation
        .terms
        .reply_to
        .as_deref()
        .map(EmailAddress::parse)
        .transpose();
    let Ok(reply_to) = reply_to else {
        return Ok(Letter::Impossible { why: "unfit", about });
    };
    let home = app.home.as_ref().and_then(Url::host_str);
    let known_hosts: Vec<&str> = std::iter::once(core.settings.issuer.host()).chain(home).collect();
    let wanted = [
        invitation.terms.language.as_deref(),
        guest.language.as_deref(),
        row.language.as_deref(),
    ];
    let facts = reader
        .method_facts(&guest.email, Some(&guest), &core.settings.resolution, core.now())
        .await?;
    let upstreams = reader.upstream_names(&resolve(&facts).decision).await?;
    let help = core.settings.help.at(&app);
    let content = InvitationMail {
        house: house(core, &help, language(core, wanted.into_iter().flatten())),
        address: &guest.email,
        app: &app.name,
        known_hosts: &known_hosts,
        terms: &invitation.terms,
        link: &link,
        upstreams: &upstreams,
        expires_at: invitation.expires_at,
    }
    .content();
    let recipient = Recipient {
        to: &guest.email,
        reply_to: reply_to.as_ref(),
    };
    let mail =
        content.and_then(|content| sender.compose(Stamp::of(row, invitation.expires_at), recipient, content));
    Ok(ready(row, mail, about))
}

async fn method_changed(
    core: &Core,
    sender: &Sender,
    row: &OutboxMail,
    guest: Id<Guest>,
    change: MethodChange,
) -> Result<Letter, StoreError> {
    let reader = core.store.reader();
    let Some(guest) = reader.guest(guest).await? else {
        return Ok(Letter::Moot("no guest"));
    };
    let about = About {
        sent: Action::MethodMailed,
        guest: Some(guest.id),
        ..About::default()
    };
    let facts = reader
        .method_facts(&guest.email, Some(&guest), &core.settings.resolution, core.now())
        .await?;
    let upstreams = reader.upstream_names(&resolve(&facts).decision).await?;
    let wanted = [guest.language.as_deref(), row.language.as_deref()];
    let content = MethodChangedMail {
        house: house(
            core,
            &core.settings.help,
            language(core, wanted.into_iter().flatten()),
        ),
        change,
        upstreams: &upstreams,
    }
    .content();
    let recipient = Recipient {
        to: row.recipient.as_ref().unwrap_or(&guest.email),
        reply_to: None,
    };
    let mail = content.and_then(|content| sender.compose(Stamp::of(row, row.deadline), recipient, content));
    Ok(ready(row, mail, about))
}
