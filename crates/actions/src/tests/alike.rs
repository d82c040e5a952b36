//! Previews decide once for guests who are alike; those whom a rule names are like nobody.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::upstream::{Declared, Upstream};
use method_resolution::Policy;
use test_support::samples;

use super::{World, impact, impact_of_configuration, quiet};

#[tokio::test]
async fn whom_a_rule_names_is_decided_alone() {
    for world in World::each().await {
        let google = Upstream {
            addresses: vec![samples::email("boss@northwind.test")],
            connection: Some(samples::connection("https://accounts.google.test")),
            ..samples::provider("google", &[])
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&google).await.unwrap();
        for name in ["anna", "boss", "cy", "dana"] {
            let guest = samples::guest(&format!("{name}@northwind.test"));
            tx.insert_guest(&guest).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut settings = (*world.core.settings).clone();
        settings.resolution = Policy {
            codes: false,
            ..Policy::default()
        }
        .into();
        let core = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        let names = |found: &crate::Impact| -> Vec<String> {
            let names = found
                .guests
                .iter()
                .map(|guest| guest.email.local_part().to_owned());
            names.collect()
        };

        let found = impact(&core, &google, &quiet).await.unwrap();
        assert_eq!(
            names(&found),
            ["boss"],
            "{}: the others had no way in",
            world.name
        );

        // The planned rules count as well as those of today.
        for (named, lost) in [
            ("cy@northwind.test", ["anna", "boss", "dana"]),
            ("boss@northwind.test", ["anna", "cy", "dana"]),
        ] {
            let mut planned = google.declaration();
            planned.addresses = vec![samples::email(named)];
            let declared = Declared {
                providers: vec![planned],
                ..Declared::default()
            };
            let looked_at = AtomicUsize::new(0);
            let count = |guests| {
                looked_at.fetch_add(guests, Ordering::Relaxed);
            };
            let found = impact_of_configuration(&core, &declared, &count).await.unwrap();
            assert_eq!(names(&found), lost, "{}: {named}", world.name);
            assert_eq!(looked_at.into_inner(), 4, "{}", world.name);
        }
    }
}
