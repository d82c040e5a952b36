//! Passcode challenges and their sends. No code is here, in any form: see `domain::passcode`.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, Id,
    app::App,
    passcode::{Alphabet, ChallengeState, PasscodeChallenge, Send},
    sign_in::SignIn,
    time::from_millis,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    outbox::DOWN_SINCE,
    row::{Sql, joined, select},
    sign_ins::{self, SignInRow},
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
        sends: String,
        state: String,
    }
}

/// A send as the column holds it. Fields are only ever added, with a default.
#[derive(Serialize, Deserialize)]
struct StoredSend {
    number: u32,
    /// Unix milliseconds.
    issued_at: i64,
    letters: bool,
}

fn sends_to_text(sends: &[Send]) -> String {
    let stored = sends.iter().map(|send| StoredSend {
        number: send.number,
        issued_at: value::millis(send.issued_at),
        letters: send.alphabet == Alphabet::Letters,
    });
    let stored: Vec<StoredSend> = stored.collect();
    // Numbers and a bool always become JSON.
    serde_json::to_string(&stored).unwrap_or_default()
}

fn count(sends: &[Send]) -> i64 {
    i64::try_from(sends.len()).unwrap_or(i64::MAX)
}

fn sends_of(text: &str) -> Option<Vec<Send>> {
    let stored: Vec<StoredSend> = serde_json::from_str(text).ok()?;
    let sends = stored.into_iter().map(|send| Send {
        number: send.number,
        issued_at: from_millis(send.issued_at),
        alphabet: if send.letters {
            Alphabet::Letters
        } else {
            Alphabet::Digits
        },
    });
    Some(sends.collect())
}

pub(crate) static BY_ID: Sql =
    Sql::new(|| select(ChallengeRow::COLUMNS, "passcode_challenges WHERE id = $1"));
/// Hot: asked for each code that is mailed.
pub(crate) static WITH_SIGN_IN: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {} FROM passcode_challenges c JOIN sign_ins s ON s.id = c.sign_in WHERE c.id = $1",
        joined("c", ChallengeRow::COLUMNS),
        joined("s", SignInRow::COLUMNS)
    )
});
/// Hot: asked by the page that takes the code.
pub(crate) static OF_SIGN_IN: Sql = Sql::new(|| {
    format!(
        "SELECT {}, {}, {DOWN_SINCE} FROM sign_ins s LEFT JOIN passcode_challenges c ON c.id = s.challenge WHERE s.id = $1",
        joined("s", SignInRow::COLUMNS),
        joined("c", ChallengeRow::COLUMNS)
    )
});
pub(crate) const ADD_SEND: &str = "UPDATE passcode_challenges SET sends = $2, send_count = send_count + 1 \
     WHERE id = $1 AND send_count = $3";
pub(crate) const LEAVE_OPEN: &str =
    "UPDATE passcode_challenges SET state = $2, state_since = $3 WHERE id = $1 AND state = 'open'";

fn state_word(state: ChallengeState) -> &'static str {
    match state {
        ChallengeState::Open => "open",
        ChallengeState::Consumed => "consumed",
        ChallengeState::Dead => "dead",
    }
}

fn to_domain(row: ChallengeRow) -> Result<PasscodeChallenge, StoreError> {
    let place = Place::new("passcode_challenges", row.id);
    let states = [
        ChallengeState::Open,
        ChallengeState::Consumed,
        ChallengeState::Dead,
    ];
    let state = states.into_iter().find(|state| state_word(*state) == row.state);
    Ok(PasscodeChallenge {
        id: Id::from_uuid(row.id),
        sign_in: Id::from_uuid(row.sign_in),
        email: place.require("email", EmailAddress::stored(&row.email).ok())?,
        salt: place.bytes("salt", row.salt)?,
        key_id: row.key_id,
        lifetime: TimeDelta::milliseconds(row.lifetime),
        suppressed: row.suppressed,
        sends: place.require("sends", sends_of(&row.sends))?,
        state: place.require("state", state)?,
    })
}

impl<C: Reads> Db<C> {
    /// The challenge of that row, with its sends.
    pub async fn challenge(
        &self,
        id: Id<PasscodeChallenge>,
    ) -> Result<Option<PasscodeChallenge>, StoreError> {
        let row = self.one::<ChallengeRow>(&BY_ID, [value::id(id)]).await?;
        row.map(to_domain).transpose()
    }

    /// The challenge of that row, and its sign-in.
    pub async fn challenge_and_sign_in(
        &self,
        id: Id<PasscodeChallenge>,
    ) -> Result<Option<(PasscodeChallenge, SignIn)>, StoreError> {
        self.row(&WITH_SIGN_IN, [value::id(id)], |row| {
            let challenge = to_domain(ChallengeRow::from_row(row, "c_")?)?;
            Ok((challenge, sign_ins::to_domain(SignInRow::from_row(row, "s_")?)?))
        })
        .await
    }

    /// The sign-in of that row, its challenge, and since when no mail leaves at all, as [`Db::mail_transport_down_since`] says.
    pub async fn sign_in_and_challenge(
        &self,
        id: Id<SignIn>,
    ) -> Result<Option<SignInAndChallenge>, StoreError> {
        self.row(&OF_SIGN_IN, [value::id(id)], |row| {
            let challenge = row.optional::<ChallengeRow>("c_", "id")?;
            Ok(SignInAndChallenge {
                sign_in: sign_ins::to_domain(SignInRow::from_row(row, "s_")?)?,
                challenge: challenge.map(to_domain).transpose()?,
                down_since: value::opt_from_millis(row.get("", "down_since")?),
            })
        })
        .await
    }
}

/// What the page that takes a code shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInAndChallenge {
    /// The sign-in.
    pub sign_in: SignIn,
    /// Its challenge, once there is one.
    pub challenge: Option<PasscodeChallenge>,
    /// Since when no mail leaves at all; `None` while it does.
    pub down_since: Option<DateTime<Utc>>,
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

impl<C: Reads> Db<C> {
    /// The newest codes that were asked for and not sent. For development: it walks the table.
    pub async fn unsent_codes(&self, max: u32) -> Result<Vec<Unsent>, StoreError> {
        let sql = format!(
            "SELECT {}, s.app FROM passcode_challenges c JOIN sign_ins s ON s.id = c.sign_in \
             WHERE c.suppressed ORDER BY c.id DESC LIMIT $1",
            joined("c", ChallengeRow::COLUMNS)
        );
        self.rows(&sql, [i64::from(max).into()], |row| {
            let challenge = to_domain(ChallengeRow::from_row(row, "c_")?)?;
            let app: Uuid = row.get("", "app")?;
            let first = challenge.sends.first().map(|send| send.issued_at);
            Ok(Unsent {
                email: challenge.email,
                app: Id::from_uuid(app),
                asked_at: first.unwrap_or_default(),
            })
        })
        .await
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
                ("sends", sends_to_text(&challenge.sends).into()),
                ("send_count", count(&challenge.sends).into()),
                ("state", state_word(challenge.state).into()),
                ("state_since", since.into()),
            ],
        )
        .await
    }

    /// Adds a send to a challenge that was read before. A conflict where another send came in between.
    pub async fn add_send(&self, challenge: &PasscodeChallenge, send: Send) -> Result<(), StoreError> {
        let mut sends = challenge.sends.clone();
        sends.push(send);
        let values = [
            value::id(challenge.id),
            sends_to_text(&sends).into(),
            count(&challenge.sends).into(),
        ];
        if self.run(ADD_SEND, values).await? == 1 {
            Ok(())
        } else {
            Err(StoreError::Conflict("a challenge has other sends by now".into()))
        }
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
