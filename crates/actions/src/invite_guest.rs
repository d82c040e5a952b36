//! Inviting a guest: the directory, the invitation, its mail and its record, in one transaction.

mod checked;
mod into_groups;
mod listed;
mod named_ids;

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Secret,
    app::App,
    audit::{Action, Actor, AuditEvent},
    email::shown,
    group::Group,
    guest::Guest,
    invitation::{Invitation, InvitationState, InvitationTerms},
};
use method_resolution::{Decision, Refusal, Resolution};
use sign_in::Core;
use store::{Db, InvitationFilter, MailKind, OutboxMail, Reads, StoreError, Tx, invitation_token};
use web::routes;

use super::{
    ActionError, MethodPreview, Pin,
    check::DOMAIN_REFUSED,
    explain_route::preview,
    inviter_quota::take_quota,
    inviters::{is_theirs_to_invite, may_invite_to},
    look_alike::look_alike,
    pin_method, reset_codes,
    sponsors::may_be_sponsor,
};

use checked::{Checked, check};
use into_groups::groups_called;
pub use listed::{Already, Listed, foresee, invite_listed};
use listed::{already, is_assigned};
use named_ids::named_ids;

/// What an inviter says.
#[derive(Clone, Debug, Default)]
pub struct Invite {
    /// The guest's address, as it was typed.
    pub email: String,
    /// To which app: its client id.
    pub app: String,
    /// The guest's name, when the directory does not know it.
    pub name: Option<String>,
    /// What the inviter says.
    pub terms: InvitationTerms,
    /// Into which groups the guest comes with it: their names.
    pub groups: Vec<String>,
    /// The method to which the guest is held from now on.
    pub pin: Option<Pin>,
    /// That the address is meant, although its domain looks like another one.
    pub look_alike_is_meant: bool,
    /// The caller's name for this request: the same name gives the same invitation.
    pub idempotency_key: Option<String>,
    /// That no mail is sent: whoever invites hands the link on.
    pub is_unmailed: bool,
}

/// An invitation that stands.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// The guest, new or known before.
    pub guest: Guest,
    /// To what.
    pub app: App,
    /// How they will sign in.
    pub preview: MethodPreview,
    /// Whether it was made now, and not by an earlier request of the same name.
    pub is_new: bool,
    /// The token of its link, where no mail carries that.
    token: Option<Secret>,
}

impl Invited {
    /// Its link, where no mail carries it. It authenticates nobody.
    pub fn link(&self, core: &Core) -> Option<String> {
        let token = self.token.as_ref()?;
        Some(core.settings.issuer.at(&routes::invitation(token)))
    }
}

/// Where an invite comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InvitedBy {
    /// An inviter, whose day has a limit.
    Hand,
    /// A list.
    List,
}

/// What came of an invite.
enum Tried {
    Invited(Box<Invited>),
    /// Only where it comes from a list.
    Already(Already),
}

/// Invites a guest. One who is assigned already may be invited again: the mail then only shows the way.
/// Refused: a blocked or expired guest, a domain that is refused, an app that is switched off, and
/// an inviter who has invited enough for a day.
pub async fn invite_guest(core: &Core, by: Actor, invite: Invite) -> Result<Invited, ActionError> {
    match invite_once(core, &by, &invite, InvitedBy::Hand).await? {
        Tried::Invited(invited) => Ok(*invited),
        Tried::Already(already) => Err(ActionError::Conflict(format!("the guest {}", already.words()))),
    }
}

async fn invite_once(
    core: &Core,
    by: &Actor,
    invite: &Invite,
    by_what: InvitedBy,
) -> Result<Tried, ActionError> {
    match try_invite(core, by, invite, by_what).await {
        // Somebody else entered the same address, or the same key, since we looked: now we see it.
        // Or two crossed, and the database has ended ours.
        Err(ActionError::Store(error)) if error.is_conflict() || error.is_crossed() => {
            try_invite(core, by, invite, by_what).await
        }
        result => result,
    }
}

async fn try_invite(
    core: &Core,
    by: &Actor,
    invite: &Invite,
    by_what: InvitedBy,
) -> Result<Tried, ActionError> {
    let now = core.now();
    let checked = check(invite, now)?;
    let taken_for = look_alike(core, &checked.email).await?;
    let tx = core.store.begin().await?;
    let app = named_app(&tx, invite).await?;
    may_invite_to(core, &tx, by, &app).await?;

    let ids = named_ids(core, by, invite.idempotency_key.as_deref());
    for id in &ids {
        if let Some(invitation) = tx.invitation(*id).await? {
            let guest = tx.guest(invitation.guest).await?;
            drop(tx);
            let mut repeated = repeated(core, invitation, guest, app, &checked.email).await?;
            if invite.is_unmailed {
                repeated.token = core.store.reader().token_of_invitation(*id).await?;
            }
            return Ok(Tried::Invited(Box::new(repeated)));
        }
    }
    let groups = groups_called(&tx, &invite.groups).await?;
    let fresh = || Id::new(now, &*core.entropy);
    let id = ids.first().copied().unwrap_or_else(fresh);
    let (found, taken_for) = may_be_invited(&tx, invite, &checked, &app, taken_for, now).await?;
    let tx = match by_what {
        InvitedBy::Hand => take_quota(core, tx, by, &checked.terms.invited_by, now).await?,
        InvitedBy::List => tx,
    };
    let is_sponsor = matches!(by, Actor::Sponsor(_));
    let known = match found {
        Some(found) => lock_known(core, &tx, by, &found, &app).await?,
        None => None,
    };
    if let Some(guest) = &known
        && let Some(already) = need_not_come(core, &tx, guest, &app, (&groups, by_what)).await?
    {
        return Ok(Tried::Already(already));
    }

    let mut guest = if let Some(guest) = known {
        if is_sponsor {
            guest
        } else {
            with_name(&tx, guest, &checked, now).await?
        }
    } else {
        let guest = add(core, &tx, by, &checked, now).await?;
        reset_codes::forget(core, &tx, by.clone(), &guest.email).await?;
        guest
    };
    if let Some(pin) = &invite.pin {
        hold_to(&tx, &mut guest, by, pin, now).await?;
    }
    let facts = tx
        .method_facts(&guest.email, Some(&guest), &core.settings.resolution, now)
        .await?;
    let resolution = method_resolution::resolve(&facts);
    may_come(&resolution)?;

    let invitation = Invitation {
        id,
        guest: guest.id,
        app: app.id,
        state: InvitationState::Pending,
        created_at: now,
        expires_at: now + core.settings.invitation_lifetime,
        opened_at: None,
        terms: checked.terms,
    };
    let token = invitation_token(core.store.master_keys(), invitation.id);
    tx.insert_invitation(&invitation, &token.hash()).await?;
    tx.add_invitation_groups(invitation.id, &groups).await?;
    if !invite.is_unmailed {
        enqueue(core, &tx, &invitation, now).await?;
    }
    let event = created(by, invite, &invitation, &groups).detail("method", resolution.because.name());
    let event = match taken_for {
        Some(of) => event.detail("looks_like", of),
        None => event,
    };
    tx.record(event, now).await?;
    tx.commit().await?;
    core.outgoing.wake();

    let preview = preview(core, &resolution).await?;
    Ok(Tried::Invited(Box::new(Invited {
        invitation,
        guest,
        app,
        preview,
        is_new: true,
        token: invite.is_unmailed.then_some(token),
    })))
}

/// What the audit log says of a new invitation.
fn created(by: &Actor, invite: &Invite, invitation: &Invitation, groups: &[Group]) -> AuditEvent {
    let mut event = AuditEvent::new(Action::InvitationCreated, by.clone())
        .guest(invitation.guest)
        .app(invitation.app)
        .detail("invitation", invitation.id.to_string())
        .detail("invited_by", &invitation.terms.invited_by);
    if !groups.is_empty() {
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        event = event.detail("groups", names.join(" "));
    }
    if invite.is_unmailed {
        event = event.detail("mail", "none");
    }
    event
}

/// A guest who is in the directory, as they are by now: who is saved must not lose what another has just written, a block or a first
/// sign-in. Whoever invites may let them try codes again, if they are an operator, who knows them.
async fn lock_known(
    core: &Core,
    tx: &Tx,
    by: &Actor,
    found: &Guest,
    app: &App,
) -> Result<Option<Guest>, ActionError> {
    if !matches!(by, Actor::Sponsor(_)) {
        // Limits before the guest, as whoever tries a code takes them.
        reset_codes::forget(core, tx, by.clone(), &found.email).await?;
    }
    let known = tx.lock_guest(found.id).await?;
    if let Some(guest) = &known {
        is_theirs_to_invite(core, tx, by, guest, app).await?;
    }
    Ok(known)
}

/// Why a guest of the directory is not invited: they need not be, and it is a list. Refused, whoever invites: a guest who has access and is
/// not in one of the groups. They have nothing to redeem, and would never come into it.
async fn need_not_come(
    core: &Core,
    tx: &Tx,
    guest: &Guest,
    app: &App,
    (groups, by_what): (&[Group], InvitedBy),
) -> Result<Option<Already>, ActionError> {
    let now = core.now();
    if by_what == InvitedBy::List {
        let policies = &core.settings.resolution;
        let facts = tx.method_facts(&guest.email, Some(guest), policies, now).await?;
        may_come(&method_resolution::resolve(&facts))?;
        return already(tx, guest, app, groups, now).await;
    }
    if !groups.is_empty() && is_assigned(tx, guest, app, now).await? {
        already(tx, guest, app, groups, now).await?;
    }
    Ok(None)
}

async fn named_app<C: Reads>(db: &Db<C>, invite: &Invite) -> Result<App, ActionError> {
    let app = db.app_by_client_id(&invite.app).await?;
    app.ok_or_else(|| ActionError::NotFound {
        what: "app",
        name: invite.app.clone(),
    })
}

/// The guest of the address, if the directory knows them, and whose address theirs would be taken for. Refused: an app that is
/// switched off, an inviter who was removed as a sponsor, and an address that was not confirmed and looks like another.
async fn may_be_invited<C: Reads>(
    db: &Db<C>,
    invite: &Invite,
    checked: &Checked,
    app: &App,
    taken_for: Option<String>,
    now: DateTime<Utc>,
) -> Result<(Option<Guest>, Option<String>), ActionError> {
    if app.disabled_at.is_some() {
        return Err(ActionError::Conflict(format!(
            "the app \"{}\" is switched off",
            app.client_id
        )));
    }
    let field = match checked.terms.reply_to {
        Some(_) => "reply_to",
        None => "invited_by",
    };
    may_be_sponsor(db, field, Some(checked.terms.sponsor()), now).await?;
    let found = db.guest_by_email(&checked.email).await?;
    if let Some(guest) = &found {
        wants_invitations(db, guest).await?;
    }
    // A guest who was invited before was meant. One who came in by themselves was never asked about.
    let taken_for = match &found {
        Some(guest) if was_invited(db, guest).await? => None,
        _ => taken_for,
    };
    match taken_for {
        Some(of) if !invite.look_alike_is_meant => Err(ActionError::LookAlike {
            address: shown(checked.email.as_str()).into_owned(),
            of,
        }),
        taken_for => Ok((found, taken_for)),
    }
}

/// Refuses a guest who does not want to be invited any more.
pub(super) async fn wants_invitations<C: Reads>(db: &Db<C>, guest: &Guest) -> Result<(), ActionError> {
    match db.invitations_blocked_since(guest.id).await? {
        None => Ok(()),
        Some(since) => Err(ActionError::Conflict(format!(
            "the guest does not want to be invited any more, since {}; they can allow it again at /me, or by the link of an \
             earlier invitation",
            since.format("%Y-%m-%d")
        ))),
    }
}

/// Refuses whom the sign-in would refuse.
fn may_come(resolution: &Resolution) -> Result<(), ActionError> {
    let Decision::Refuse(refusal) = resolution.decision else {
        return Ok(());
    };
    Err(ActionError::Conflict(
        match refusal {
            Refusal::Blocked => "the guest is blocked; unblock them first",
            Refusal::Converted => "the guest works for the organisation by now; restore them first",
            Refusal::Removed => "the guest was removed; restore them first",
            Refusal::Expired => "the guest's access has ended by date",
            Refusal::DomainRefused => DOMAIN_REFUSED,
            Refusal::MethodUnavailable | Refusal::NoMethod => return Ok(()),
        }
        .to_owned(),
    ))
}

/// Pins a guest who has not signed in yet. One who has would lose their sessions: that is a command of its own.
async fn hold_to(
    tx: &Tx,
    guest: &mut Guest,
    by: &Actor,
    pin: &Pin,
    now: DateTime<Utc>,
) -> Result<(), ActionError> {
    let method = pin.find(tx).await?;
    if guest.method.is_some() && guest.method != Some(method) {
        return Err(ActionError::Conflict(
            "the guest signs in another way already: pin or reset their method, then invite".into(),
        ));
    }
    pin_method::hold(tx, guest, by.clone(), Some(method), now).await?;
    Ok(())
}

/// Gives a guest whose name the directory does not know the one that the inviter says.
async fn with_name(
    tx: &Tx,
    mut guest: Guest,
    checked: &Checked,
    now: DateTime<Utc>,
) -> Result<Guest, StoreError> {
    if guest.name.is_none() && checked.name.is_some() && guest.status.is_in() {
        guest.name.clone_from(&checked.name);
        guest.updated_at = now;
        tx.save_guest(&guest).await?;
    }
    Ok(guest)
}

async fn was_invited<C: Reads>(db: &Db<C>, guest: &Guest) -> Result<bool, StoreError> {
    let filter = InvitationFilter {
        guest: Some(guest.id),
        app: None,
        sponsor: None,
        standing: None,
        after: None,
        limit: 1,
    };
    Ok(!db.invitations(&filter).await?.is_empty())
}

/// Enters a guest into the directory.
async fn add(
    core: &Core,
    tx: &Tx,
    by: &Actor,
    checked: &Checked,
    now: DateTime<Utc>,
) -> Result<Guest, StoreError> {
    let mut guest = Guest::invited(checked.email.clone(), checked.name.clone(), now, &*core.entropy);
    guest.language.clone_from(&checked.terms.language);
    tx.insert_guest(&guest).await?;
    let event = AuditEvent::new(Action::GuestAdded, by.clone()).guest(guest.id);
    tx.record(event, now).await?;
    Ok(guest)
}

/// Puts the mail of an invitation into the outbox.
pub(super) async fn enqueue(
    core: &Core,
    tx: &Tx,
    invitation: &Invitation,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mail = OutboxMail::new(
        Id::new(now, &*core.entropy),
        MailKind::Invitation {
            invitation: invitation.id,
        },
        invitation.terms.language.clone(),
        now,
        invitation.expires_at,
    );
    tx.enqueue(&mail).await?;
    Ok(())
}

/// The answer to a request that was made before.
async fn repeated(
    core: &Core,
    invitation: Invitation,
    guest: Option<Guest>,
    app: App,
    email: &EmailAddress,
) -> Result<Invited, ActionError> {
    let guest = guest.filter(|guest| guest.email.key() == email.key() && invitation.app == app.id);
    let Some(guest) = guest else {
        return Err(ActionError::Conflict(
            "this Idempotency-Key was used for another invitation; choose a new one".into(),
        ));
    };
    let reader = core.store.reader();
    let facts = reader
        .method_facts(&guest.email, Some(&guest), &core.settings.resolution, core.now())
        .await?;
    let preview = preview(core, &method_resolution::resolve(&facts)).await?;
    Ok(Invited {
        invitation,
        guest,
        app,
        preview,
        is_new: false,
        token: None,
    })
}
