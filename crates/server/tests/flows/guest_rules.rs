//! A guest who does not come for long: told by mail, removed by the job, and told on the page when they come after all.

use chrono::TimeDelta;
use domain::{
    guest::GuestStatus,
    guest_rule::{GuestRule, RuleAct, RuleCondition},
};

use crate::world::{browser, worlds_with};

const ANNA: &str = "anna@contoso.test";

#[tokio::test]
async fn told_removed_and_told_again() {
    let rule = GuestRule {
        when: RuleCondition::Inactive,
        after: TimeDelta::days(100),
        notice: TimeDelta::days(14),
        act: RuleAct::Remove,
    };
    for world in worlds_with(|settings| settings.guest_rules = vec![rule]).await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &rp, ANNA).await;
        let job = async || world.deliverer.apply_guest_rules().await.unwrap();

        world.advance(TimeDelta::days(90));
        assert_eq!((job().await.noticed, job().await.noticed), (1, 0));
        world.deliver().await;
        let told = world.inbox.to(ANNA).pop().unwrap();
        assert!(
            told.subject.starts_with("Your guest access to"),
            "{}",
            told.subject
        );
        assert_eq!(
            world.count("guest.notice_mailed").await,
            1,
            "{}",
            world.database.name
        );

        world.advance(TimeDelta::days(14));
        assert_eq!(job().await.acted, 1);
        assert_eq!(world.guest(ANNA).await.status, GuestStatus::Removed);
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert!(page.all_text().contains("was removed"), "{}", page.body);
        assert!(page.form("Ask for access").is_err());
    }
}

/// Who signs in between the notice and its mail is not bothered by it.
#[tokio::test]
async fn who_came_meanwhile_gets_no_mail() {
    let rule = GuestRule {
        when: RuleCondition::Inactive,
        after: TimeDelta::days(100),
        notice: TimeDelta::days(14),
        act: RuleAct::Remove,
    };
    for world in worlds_with(|settings| settings.guest_rules = vec![rule]).await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &rp, ANNA).await;
        world.advance(TimeDelta::days(90));
        world.deliverer.apply_guest_rules().await.unwrap();
        let mut guest = world.guest(ANNA).await;
        guest.last_sign_in_at = Some(world.now() + TimeDelta::seconds(1));
        let tx = world.core.store.begin().await.unwrap();
        tx.save_guest(&guest).await.unwrap();
        tx.commit().await.unwrap();
        world.deliver().await;
        assert_eq!(
            world.count("guest.notice_mailed").await,
            0,
            "{}",
            world.database.name
        );
    }
}
