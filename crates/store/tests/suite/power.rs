//! The power goes: what the disk was never asked for may be there, in any part, or not; nothing that was acknowledged is lost.
//!
//! A process writes from eight tasks while `power/recorder.c` records what it writes and what it waits for. Of that record, each of
//! two hundred moments gives the files that a loss of power might have left then.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    hash::{DefaultHasher, Hash, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::Arc,
};

use domain::{Id, app::App};
use store::{Store, StoreError, StoreSettings, Synchronous, sqlite_url, verify_backup};
use test_support::samples;
use uuid::Uuid;

/// How many moments of the record are looked at.
const CUTS: usize = 200;
const TASKS: usize = 8;
const ROUNDS: usize = 40;
/// What a disk writes whole, in bytes.
const SECTOR: usize = 512;
const DATABASE: &str = "vestibule.db";
const ACKNOWLEDGED: &str = "acknowledged";

/// The same number for the same value, in every process.
fn digest(value: &impl Hash) -> u64 {
    let mut hash = DefaultHasher::new();
    value.hash(&mut hash);
    hash.finish()
}

async fn open(folder: &Path, synchronous: Synchronous) -> Store {
    let settings = StoreSettings {
        url: sqlite_url(&folder.join(DATABASE)),
        readers: 1,
        synchronous,
    };
    let entropy = Arc::new(samples::entropy());
    let store = Store::connect(&settings, samples::master_keys(), entropy).await;
    store.unwrap()
}

/// Two apps in one transaction.
async fn add(store: &Store, name: &str) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    for half in ["one", "two"] {
        let client_id = format!("{name} {half}");
        // The samples' own ids begin anew in each process.
        let id = Id::from_uuid(Uuid::from_u128(u128::from(digest(&client_id))));
        tx.insert_app(&App {
            id,
            client_id,
            ..samples::app()
        })
        .await?;
    }
    tx.commit().await
}

/// Run by the test below in a process of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the process that loses its power"]
#[expect(clippy::disallowed_methods, reason = "the test that runs it says where")]
async fn a_process_that_writes_and_says_what_is_stored() {
    let folder = PathBuf::from(env::var_os("RECORD_FOLDER").unwrap());
    let synchronous = match env::var("SYNCHRONOUS").unwrap().as_str() {
        "FULL" => Synchronous::Full,
        _ => Synchronous::Normal,
    };
    let store = open(&folder, synchronous).await;
    store.migrate().await.unwrap();
    let acknowledged = Arc::new(fs::File::create(folder.join(ACKNOWLEDGED)).unwrap());
    let tasks = (0..TASKS).map(|task| {
        let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                let name = format!("{task}-{round}");
                add(&store, &name).await.unwrap();
                (&*acknowledged)
                    .write_all(format!("{name}\n").as_bytes())
                    .unwrap();
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    // Without closing: that would fold the log into the database.
    process::exit(0);
}

/// What a process did to a file.
enum Act {
    Wrote { at: usize, bytes: Vec<u8> },
    Cut { length: usize },
    Synced,
    Removed,
}

struct Record {
    file: String,
    act: Act,
}

/// Lets such a process write, and gives what it did.
fn records(synchronous: &str) -> Vec<Record> {
    let directory = tempfile::tempdir().unwrap();
    let recorder = directory.path().join("recorder.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/power/recorder.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-Wall", "-Werror", "-O1", "-o"])
        .args([&recorder, &source])
        .status();
    assert!(built.unwrap().success(), "the recorder does not build");
    let (folder, record) = (directory.path().join("data"), directory.path().join("record"));
    fs::create_dir(&folder).unwrap();
    let child = "power::a_process_that_writes_and_says_what_is_stored";
    let ran = Command::new(env::current_exe().unwrap())
        .args(["--exact", child, "--ignored"])
        .env("LD_PRELOAD", &recorder)
        .env("RECORD_FILE", &record)
        .env("RECORD_FOLDER", &folder)
        .env("SYNCHRONOUS", synchronous)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    read(&fs::read(record).unwrap(), &folder)
}

fn read(mut bytes: &[u8], folder: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    while let Some((kind, rest)) = bytes.split_first() {
        let number = |from: usize, length: usize| {
            let digits = rest[from..from + length].iter().rev();
            digits.fold(0_usize, |number, digit| number << 8 | usize::from(*digit))
        };
        let (path_length, offset, length) = (number(0, 4), number(4, 8), number(12, 8));
        let (path, data) = rest[20..].split_at(path_length);
        let path = Path::new(std::str::from_utf8(path).unwrap());
        let act = match kind {
            b'w' => Act::Wrote {
                at: offset,
                bytes: data[..length].to_vec(),
            },
            b't' => Act::Cut { length: offset },
            b's' => Act::Synced,
            b'u' => Act::Removed,
            other => panic!("{other} is no kind of record"),
        };
        // What lies in memory that processes share is gone with them.
        let file = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        if !file.ends_with("-shm") {
            records.push(Record { file, act });
        }
        bytes = &data[length..];
    }
    records
}

/// What is on the disk when the power goes after so many records: all of a file up to its last sync, and of what came later
/// any part. Removing a file counts at once: SQLite waits for it where it matters.
fn left_over(records: &[Record]) -> BTreeMap<&str, Vec<u8>> {
    let chance = |record: usize, sector: usize| digest(&(records.len(), record, sector)).is_multiple_of(2);
    let mut synced = BTreeMap::new();
    for (number, record) in records.iter().enumerate() {
        if matches!(record.act, Act::Synced) {
            synced.insert(record.file.as_str(), number);
        }
    }
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (number, record) in records.iter().enumerate() {
        let is_certain = synced
            .get(record.file.as_str())
            .is_some_and(|sync| *sync > number);
        match &record.act {
            Act::Removed => {
                files.remove(record.file.as_str());
            }
            Act::Cut { length } if is_certain || chance(number, 0) => {
                files.entry(&record.file).or_default().resize(*length, 0);
            }
            Act::Wrote { at, bytes } => {
                let file = files.entry(&record.file).or_default();
                let mut at = *at;
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let (part, later) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
                    let end = at + part.len();
                    if is_certain || chance(number, at / SECTOR) {
                        file.resize(file.len().max(end), 0);
                        file[at..end].copy_from_slice(part);
                    }
                    (at, rest) = (end, later);
                }
            }
            Act::Cut { .. } | Act::Synced => {}
        }
    }
    files
}

/// What was acknowledged by then.
fn acknowledged(records: &[Record]) -> BTreeSet<String> {
    let of_file = records.iter().filter(|record| record.file == ACKNOWLEDGED);
    let names = of_file.filter_map(|record| match &record.act {
        Act::Wrote { bytes, .. } => Some(String::from_utf8_lossy(bytes).trim().to_owned()),
        _ => None,
    });
    names.collect()
}

/// How many of the two hundred moments lose something that was acknowledged.
async fn losing_moments(synchronous: &str) -> usize {
    let records = records(synchronous);
    let first = records
        .iter()
        .position(|record| record.file == ACKNOWLEDGED)
        .unwrap();
    let all = acknowledged(&records);
    assert_eq!(all.len(), TASKS * ROUNDS);
    let mut losing = 0;
    for moment in 1..=CUTS {
        let by_then = &records[..first + (records.len() - first) * moment / CUTS];
        let directory = tempfile::tempdir().unwrap();
        for (file, bytes) in left_over(by_then) {
            fs::write(directory.path().join(file), bytes).unwrap();
        }
        let store = open(directory.path(), Synchronous::Normal).await;
        let apps = store.reader().apps().await.unwrap();
        let stored: BTreeSet<String> = apps.into_iter().map(|app| app.client_id).collect();
        let has = |name: &str, half: &str| stored.contains(&format!("{name} {half}"));
        for name in &all {
            assert_eq!(has(name, "one"), has(name, "two"), "half a change at {moment}");
        }
        let lost = acknowledged(by_then).iter().any(|name| !has(name, "one"));
        losing += usize::from(lost);
        add(&store, "after").await.unwrap();
        if moment % 10 == 0 {
            let copy = directory.path().join("copy");
            store.back_up(&copy).await.unwrap();
            let entropy = Arc::new(samples::entropy());
            verify_backup(&copy, samples::master_keys(), entropy)
                .await
                .unwrap();
        }
        store.close().await.unwrap();
    }
    losing
}

#[tokio::test]
async fn nothing_that_was_acknowledged_is_lost_with_the_power() {
    assert_eq!(losing_moments("FULL").await, 0);
}

/// As `database.synchronous` says of itself; and the recorder is seen to lose what it may.
#[tokio::test]
async fn what_does_not_wait_for_the_disk_may_be_lost_but_never_in_halves() {
    assert!(losing_moments("NORMAL").await > 0);
}
