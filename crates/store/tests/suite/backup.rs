//! Backups: whole while the database is in use, noticed when they are not, and put back without losing what was there.

use std::{fs, path::Path, sync::Arc};

use domain::master_key::{MasterKey, MasterKeys};
use store::{
    Backend, Backup, BackupError, GuestFilter, Store, StoreError, StoreSettings, Synchronous, beside,
    sqlite_file, sqlite_url, swap_in, unpack, verify_backup,
};
use test_support::{databases, samples};

async fn verify(path: &Path) -> Result<Backup, BackupError> {
    verify_backup(path, samples::master_keys(), Arc::new(samples::entropy())).await
}

fn settings(path: &Path) -> StoreSettings {
    StoreSettings {
        url: sqlite_url(path),
        readers: 1,
        synchronous: Synchronous::Full,
    }
}

async fn open(path: &Path) -> Store {
    let settings = settings(path);
    let store = Store::connect(&settings, samples::master_keys(), Arc::new(samples::entropy()));
    store.await.unwrap()
}

#[tokio::test]
async fn a_backup_is_one_moment_of_a_database_in_use() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases().await {
        let file = folder.path().join("a backup, 100%.db");
        if db.store.backend() == Backend::Postgres {
            let refused = db.store.back_up(&file).await;
            assert!(matches!(refused, Err(BackupError::NotSqlite)), "{refused:?}");
            continue;
        }
        // Two guests in each transaction: a copy in the middle of one would have an odd number.
        let writing = tokio::spawn({
            let store = db.store.clone();
            async move {
                for i in 0..50 {
                    let tx = store.begin().await.unwrap();
                    for half in ["a", "b"] {
                        let guest = samples::guest(&format!("guest-{i}-{half}@contoso.test"));
                        tx.insert_guest(&guest).await.unwrap();
                    }
                    tx.commit().await.unwrap();
                }
            }
        });
        for i in 0..3 {
            let file = folder.path().join(format!("{i}.db"));
            let backup = db.store.back_up(&file).await.unwrap();
            assert_eq!(backup.guests % 2, 0, "{backup:?}");
        }
        writing.await.unwrap();
        let backup = db.store.back_up(&file).await.unwrap();
        assert_eq!((backup.guests, &backup.pending[..]), (100, &[][..]));
        assert_eq!(backup.bytes, fs::metadata(&file).unwrap().len());
        assert_eq!(verify(&file).await.unwrap(), backup);
        let again = db.store.back_up(&file).await;
        assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "nobody else reads it");
        }
        let nowhere = db.store.back_up(&folder.path().join("nowhere/backup.db")).await;
        assert!(matches!(nowhere, Err(BackupError::File { .. })), "{nowhere:?}");
    }
}

/// A byte that flipped is noticed wherever it is.
#[tokio::test]
async fn a_damaged_backup_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (live, file) = (folder.path().join("live.db"), folder.path().join("backup.db"));
    let store = open(&live).await;
    store.migrate().await.unwrap();
    store.back_up(&file).await.unwrap();
    let whole = fs::read(&file).unwrap();
    for i in 0..20 {
        let mut bytes = whole.clone();
        let place = bytes.len() * i / 20 + i;
        bytes[place] ^= 1 << (i % 8);
        fs::write(&file, &bytes).unwrap();
        let refused = verify(&file).await;
        assert!(
            matches!(refused, Err(BackupError::Damaged { .. })),
            "{place}: {refused:?}"
        );
    }
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    let refused = verify(&file).await;
    assert!(matches!(refused, Err(BackupError::Damaged { .. })), "{refused:?}");
    fs::write(&file, &whole).unwrap();
    verify(&file).await.unwrap();

    let other = MasterKeys::new(MasterKey::new([9; 32]), vec![]);
    let refused = verify_backup(&file, other, Arc::new(samples::entropy())).await;
    let of_another_key = matches!(
        refused,
        Err(BackupError::Store(StoreError::WrongMasterKey { .. }))
    );
    assert!(of_another_key, "{refused:?}");
    fs::remove_file(beside(&file, ".sha256")).unwrap();
    let refused = verify(&file).await;
    assert!(matches!(refused, Err(BackupError::File { .. })), "{refused:?}");
}

#[tokio::test]
async fn what_is_replaced_is_kept_and_nobody_has_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let store = open(&path("live.db")).await;
    store.migrate().await.unwrap();
    store.back_up(&path("backup.db")).await.unwrap();
    let tx = store.begin().await.unwrap();
    tx.insert_guest(&samples::guest("anna@contoso.test"))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    unpack(&path("backup.db"), &path("new.db")).unwrap();
    let twice = unpack(&path("backup.db"), &path("new.db"));
    assert!(matches!(twice, Err(BackupError::Exists(_))), "{twice:?}");
    let refused = swap_in(&path("new.db"), &path("live.db"), &path("aside.db")).await;
    assert!(matches!(refused, Err(BackupError::InUse)), "{refused:?}");
    begin_and_end(&store).await;

    store.close().await.unwrap();
    let there = swap_in(&path("new.db"), &path("live.db"), &path("aside.db"))
        .await
        .unwrap();
    assert!(there);
    let guests = async |name: &str| {
        let store = open(&path(name)).await;
        let all = store.reader().guests(&GuestFilter::default()).await.unwrap();
        store.close().await.unwrap();
        all.len()
    };
    assert_eq!((guests("live.db").await, guests("aside.db").await), (0, 1));

    // Also in the place of what is no database any more, and of nothing.
    fs::write(path("broken.db"), b"no database, and long enough to look at").unwrap();
    unpack(&path("backup.db"), &path("new.db")).unwrap();
    assert!(
        swap_in(&path("new.db"), &path("broken.db"), &path("kept.db"))
            .await
            .unwrap()
    );
    assert!(path("kept.db").exists());
    unpack(&path("backup.db"), &path("new.db")).unwrap();
    assert!(
        !swap_in(&path("new.db"), &path("fresh.db"), &path("none.db"))
            .await
            .unwrap()
    );
    assert_eq!((guests("broken.db").await, guests("fresh.db").await), (0, 0));
}

/// The refused attempt took nothing away.
async fn begin_and_end(store: &Store) {
    let tx = store.begin().await.unwrap();
    tx.insert_guest(&samples::guest("bob@contoso.test"))
        .await
        .unwrap();
    drop(tx);
    store.prove_write(samples::now()).await.unwrap();
}

#[test]
fn the_file_of_a_url() {
    let file = |url: &str| {
        let settings = StoreSettings {
            url: url.into(),
            ..settings(Path::new("x"))
        };
        sqlite_file(&settings).ok()
    };
    for path in ["/var/lib/vestibule/vestibule.db", "a b/100%?.db", "Gäste.db"] {
        assert_eq!(file(&sqlite_url(Path::new(path))), Some(path.into()), "{path}");
    }
    assert_eq!(file("sqlite:vestibule.db?mode=rwc"), Some("vestibule.db".into()));
    assert_eq!(file("postgres://vestibule@db/vestibule"), None);
}

/// What an ended database left behind beside its name is not read into the one that takes its place.
#[tokio::test]
async fn a_log_of_another_database_is_not_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let store = open(&path("live.db")).await;
    store.migrate().await.unwrap();
    store.back_up(&path("backup.db")).await.unwrap();
    let tx = store.begin().await.unwrap();
    tx.insert_guest(&samples::guest("anna@contoso.test"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // As a crash leaves it, and an operator who moves the database away.
    for file in ["live.db-wal", "live.db-shm"] {
        fs::copy(path(file), path(&file.replace("live", "crashed"))).unwrap();
        fs::copy(path(file), path(&file.replace("live", "new"))).unwrap();
    }
    store.close().await.unwrap();
    #[cfg(unix)]
    fs::set_permissions(
        path("backup.db"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    unpack(&path("backup.db"), &path("new.db")).unwrap();
    assert!(!path("new.db-wal").exists(), "of an attempt before");
    let there = swap_in(&path("new.db"), &path("crashed.db"), &path("aside.db"))
        .await
        .unwrap();
    assert!(!there && path("aside.db-wal").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(path("crashed.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "not what the backup has by now");
    }
    let restored = open(&path("crashed.db")).await;
    let guests = restored.reader().guests(&GuestFilter::default()).await.unwrap();
    assert_eq!(guests.len(), 0);
    restored.close().await.unwrap();
}
