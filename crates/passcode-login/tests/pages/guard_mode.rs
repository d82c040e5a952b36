//! Guard mode: while somebody guesses codes everywhere, new codes are longer.

use chrono::TimeDelta;
use domain::{limits::LimitName, rate::Limit};
use web::routes;

use crate::{
    limits::{from, miss},
    world::{ANNA, World, open_to_all},
};

/// Guard mode (E04): somebody guesses, codes get longer, and no guest is turned away.
#[tokio::test]
async fn too_many_wrong_codes_everywhere_make_new_codes_longer() {
    let world = World::with(
        |settings| settings.limits[LimitName::WrongEverywhereHour] = Limit::per_hour(8),
        open_to_all,
    )
    .await;
    let mut waiting = world.browser();
    let in_hand = waiting.ask(&world, ANNA).await;
    let digits = world.code(in_hand).await;
    miss(&world, "a@fabrikam.test", 4, 1).await;
    miss(&world, "b@fabrikam.test", 5, 2).await;
    assert_eq!(
        waiting.try_code(in_hand, &digits).await.goes_to(),
        routes::resume(in_hand),
        "a code in hand counts"
    );
    assert_eq!(world.count("limit.reached").await, 1);

    let mut carol = world.browser();
    carol.peer = Some(from(3));
    let id = carol.ask(&world, "carol@fabrikam.test").await;
    let letters = world.code(id).await;
    assert!(letters.len() == 10 && letters.bytes().all(|byte| byte.is_ascii_uppercase()));
    let page = carol.get(&routes::passcode(id)).await;
    assert!(
        page.text("main").contains("We sent a code of 10 letters"),
        "{}",
        page.text("main")
    );
    assert_eq!(page.attribute("#code", "inputmode").as_deref(), Some("text"));
    let page = carol.try_code(id, "BCDFGH").await;
    assert!(
        page.text("main")
            .contains("The code has 10 letters. You entered 6")
    );
    let typed = format!("{}-{}", &letters[..5], &letters[5..]).to_lowercase();
    assert_eq!(carol.try_code(id, &typed).await.goes_to(), routes::resume(id));

    world.advance(TimeDelta::hours(1));
    let id = world.browser().ask(&world, "dave@fabrikam.test").await;
    assert_eq!(world.code(id).await.len(), 8, "it is over");
}
