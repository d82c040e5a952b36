//! Passcode challenges and their sends. No code is here, in any form: see `domain::passcode`.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, Id,
    app::App,
    passcode::{Alphabet, ChallengeState, PasscodeChallenge, Send},
    time::from_millis,
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    row::{Sql, row, select},
    value::{self, Place},
};

row! {
    struct ChallengeRow {
        id: Uuid,
        sign_in: Uuid,
        email: String,
        salt: Vec<u8>,
        key_id: String,
        lifetime: i64,
        suppressed: bool,
        state: String,
    }
}

row! {
    struct SendRow {
        number: i64,
        issued_at: i64,
        letters: bool,
    }
}

pub(crate) static BY_ID: Sql =
    Sql::new(|| select(ChallengeRow::COLUMNS, "passcode_challenges WHERE id = $1"));
pub(crate) static SENDS: Sql = Sql::new(|| {
    select(
        SendRow::COLUMNS,
        "passcode_sends WHERE challenge = $1 ORDER BY number",
    )
});
pub(crate) const LEAVE_OPEN: &str =
    "UPDATE passcode_challenges SET state = $2, state_since = $3 WHERE id = $1 AND state = 'open'";

fn state_word(state: ChallengeState) -> &'static str {
    match state {
        ChallengeState::Open => "open",
        ChallengeState::Consumed => "consumed",
        ChallengeState::Dead => "dead",
    }
}

fn to_domain(row: ChallengeRow, sends: Vec<SendRow>) -> Result<PasscodeChallenge, StoreError> {
    let place = Place::new("passcode_challenges", row.id);
    let states = [
        ChallengeState::Open,
        ChallengeState::Consumed,
        ChallengeState::Dead,
    ];
    let state = states.into_iter().find(|state| state_word(*state) == row.state);
    let sends = sends
        .into_iter()
        .map(|send| {
            Ok(Send {
                number: place.count("number", send.number)?,
                issued_at: from_millis(send.issued_at),
                alphabet: if send.letters {
                    Alphabet::Letters
                } else {
                    Alphabet::Digits
                },
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(PasscodeChallenge {
        id: Id::from_uuid(row.id),
        sign_in: Id::from_uuid(row.sign_in),
        email: place.require("email", EmailAddress::stored(&row.email).ok())?,
        salt: place.bytes("salt", row.salt)?,
        key_id: row.key_id,
        lifetime: TimeDelta::milliseconds(row.lifetime),
        suppressed: row.suppressed,
        sends,
        state: place.require("state", state)?,
    })
}

impl<C: ConnectionTrait> Db<C> {
    /// The challenge of that row, with its sends.
    pub async fn challenge(
        &self,
        id: Id<PasscodeChallenge>,
    ) -> Result<Option<PasscodeChallenge>, StoreError> {
        let row = self.one::<ChallengeRow>(&BY_ID, [value::id(id)]).await?;
        let Some(row) = row else { return Ok(None) };
        let sends = self.all::<SendRow>(&SENDS, [value::id(id)]).await?;
        to_domain(row, sends).map(Some)
    }
}

/// A code that was asked for and not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// For which address.
    pub email: EmailAddress,
    /// To which app.
    pub app: Id<App>,
    /// When it was asked for first.
    pub asked_at: DateTime<Utc>,
}

impl<C: ConnectionTrait> Db<C> {
    /// The newest codes that were asked for and not sent. For development: it walks the table.
    pub async fn unsent_codes(&self, max: u32) -> Result<Vec<Unsent>, StoreError> {
        #[derive(FromQueryResult)]
        struct UnsentRow {
            id: Uuid,
            email: String,
            app: Uuid,
            asked_at: i64,
        }
        let sql = "SELECT c.id AS id, c.email AS email, s.app AS app, MIN(d.issued_at) AS asked_at \
                   FROM passcode_challenges c JOIN sign_ins s ON s.id = c.sign_in \
                   JOIN passcode_sends d ON d.challenge = c.id WHERE c.suppressed \
                   GROUP BY c.id, c.email, s.app ORDER BY asked_at DESC LIMIT $1";
        let rows = self.all::<UnsentRow>(sql, [i64::from(max).into()]).await?;
        rows.into_iter()
            .map(|row| {
                let place = Place::new("passcode_challenges", row.id);
                Ok(Unsent {
                    email: place.require("email", EmailAddress::stored(&row.email).ok())?,
                    app: Id::from_uuid(row.app),
                    asked_at: from_millis(row.asked_at),
                })
            })
            .collect()
    }
}

impl Tx {
    /// Opens a challenge, with the sends it begins with.
    pub async fn insert_challenge(&self, challenge: &PasscodeChallenge) -> Result<(), StoreError> {
        let since = challenge
            .sends
            .first()
            .map_or(0, |send| value::millis(send.issued_at));
        self.insert(
            "passcode_challenges",
            [
                ("id", value::id(challenge.id)),
                ("sign_in", value::id(challenge.sign_in)),
                ("email", challenge.email.as_str().into()),
                ("salt", challenge.salt.to_vec().into()),
                ("key_id", challenge.key_id.as_str().into()),
                ("lifetime", challenge.lifetime.num_milliseconds().into()),
                ("suppressed", challenge.suppressed.into()),
                ("state", state_word(challenge.state).into()),
                ("state_since", since.into()),
            ],
        )
        .await?;
        for send in &challenge.sends {
            self.add_send(challenge.id, *send).await?;
        }
        Ok(())
    }

    /// Adds a send. The same number twice is a conflict.
    pub async fn add_send(&self, id: Id<PasscodeChallenge>, send: Send) -> Result<(), StoreError> {
        self.insert(
            "passcode_sends",
            [
                ("challenge", value::id(id)),
                ("number", i64::from(send.number).into()),
                ("issued_at", value::at(send.issued_at)),
                ("letters", (send.alphabet == Alphabet::Letters).into()),
            ],
        )
        .await
    }

    /// Consumes a challenge; says whether this call did. One conditional write: of any number of racers one wins.
    pub async fn consume_challenge(
        &self,
        id: Id<PasscodeChallenge>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.leave_open(id, ChallengeState::Consumed, now).await
    }

    /// Ends a challenge that was not answered; says whether it was open.
    pub async fn kill_challenge(
        &self,
        id: Id<PasscodeChallenge>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.leave_open(id, ChallengeState::Dead, now).await
    }

    async fn leave_open(
        &self,
        id: Id<PasscodeChallenge>,
        to: ChallengeState,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(LEAVE_OPEN, [value::id(id), state_word(to).into(), value::at(now)])
            .await?;
        Ok(changed == 1)
    }
}
