//! `bench seed`: a folder whose database holds made-up guests, as many as are asked for.

use std::{fs, path::Path, sync::Arc, time::SystemTime};

use anyhow::{Context, Result};
use data_encoding::HEXLOWER;
use domain::{
    entropy::Entropy,
    master_key::{MasterKey, MasterKeys},
    time::from_millis,
};
use store::{Store, StoreSettings, Synchronous};

use crate::{
    arguments::SeedArguments,
    installation::{CLIENT, Installation},
};

/// How many are added by one transaction.
const BATCH: u32 = 50_000;

pub(crate) async fn seed(arguments: &SeedArguments) -> Result<()> {
    let mut installation = if arguments.directory.join("installation.json").exists() {
        Installation::open(&arguments.directory)?
    } else {
        let (binary, alg) = (&arguments.vestibule, &arguments.alg);
        Installation::prepare(binary, &arguments.directory, arguments.postgres.as_deref(), alg)?
    };
    let facts = &installation.facts;
    let settings = StoreSettings {
        url: facts.database.clone(),
        readers: 2,
        // What is made up can be made again.
        synchronous: Synchronous::Normal,
    };
    let keys = master_keys(&installation.directory)?;
    let store = Store::connect(&settings, keys, Arc::new(OsEntropy)).await?;
    let app = store.reader().app_by_client_id(CLIENT).await?;
    let (app, now) = (app.context("the app is gone")?.id, now()?);
    while installation.facts.seeded < arguments.guests {
        let first = installation.facts.seeded + 1;
        let last = arguments.guests.min(first + BATCH - 1);
        let added = store.seed_guests(app, first..=last, now).await;
        added.context("where the numbers are there already, remove the folder and its database")?;
        installation.facts.seeded = last;
        installation.note()?;
        println!("{last} of {}", arguments.guests);
    }
    store.analyze().await?;
    Ok(())
}

fn master_keys(directory: &Path) -> Result<MasterKeys> {
    let text = fs::read_to_string(directory.join("master.key"))?;
    let bytes = HEXLOWER.decode(text.trim().as_bytes())?;
    let bytes: [u8; 32] = bytes
        .try_into()
        .ok()
        .context("the master key has another length")?;
    Ok(MasterKeys::new(MasterKey::new(bytes), Vec::new()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the sessions must hold for the run that follows"
)]
fn now() -> Result<chrono::DateTime<chrono::Utc>> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(from_millis(i64::try_from(since.as_millis())?))
}

/// What the store seals, of which the seed writes nothing.
struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(clippy::expect_used, reason = "nothing can be done without")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system's randomness");
    }
}
