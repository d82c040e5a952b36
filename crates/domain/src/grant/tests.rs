use super::*;
use crate::{session::Means, time::from_millis};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn id<T>(n: u128) -> Id<T> {
    Id::from_uuid(uuid::Uuid::from_u128(n))
}

fn now() -> DateTime<Utc> {
    from_millis(1_700_000_000_000)
}

fn session() -> Session {
    Session {
        id: id(3),
        guest: id(4),
        authentication: Authentication {
            means: Means::Code,
            at: now(),
        },
        expires_at: now() + TimeDelta::hours(24),
        ends_with_browser: false,
        ended_at: None,
    }
}

fn grant(scopes: &str) -> Grant {
    Grant {
        id: id(1),
        guest: id(4),
        app: id(2),
        session: id(3),
        scopes: Scopes::parse(scopes),
        authentication: session().authentication,
        nonce: None,
        created_at: now(),
        revoked_at: None,
    }
}

fn code() -> AuthorizationCode {
    AuthorizationCode {
        hash: SecretHash([1; 32]),
        redirect_uri: "https://app.example/cb".into(),
        challenge: CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        expires_at: now() + CODE_LIFETIME,
    }
}

#[test]
fn a_code_is_bound_to_everything() {
    let good = Presented {
        app: id(2),
        redirect_uri: "https://app.example/cb",
        verifier: Some(VERIFIER),
    };
    let check = |presented: Presented<'_>, grant: Grant, session: Session, now| {
        redeem(&code(), &grant, &session, &presented, now)
    };
    assert_eq!(check(good, grant("openid"), session(), now()), Ok(()));
    let last = now() + CODE_LIFETIME;
    assert_eq!(
        check(
            good,
            grant("openid"),
            session(),
            last - TimeDelta::milliseconds(1)
        ),
        Ok(())
    );
    assert_eq!(
        check(good, grant("openid"), session(), last),
        Err(Invalid::Expired)
    );
    assert_eq!(
        check(
            Presented { app: id(9), ..good },
            grant("openid"),
            session(),
            now()
        ),
        Err(Invalid::WrongApp)
    );
    let other_uri = Presented {
        redirect_uri: "https://app.example/cb/",
        ..good
    };
    assert_eq!(
        check(other_uri, grant("openid"), session(), now()),
        Err(Invalid::WrongRedirectUri)
    );
    for verifier in [Some(""), None] {
        let other_verifier = Presented { verifier, ..good };
        assert_eq!(
            check(other_verifier, grant("openid"), session(), now()),
            Err(Invalid::WrongVerifier)
        );
    }
    // A verifier without a challenge: somebody took the challenge out of the request (RFC 9700 §4.8.2).
    let without = AuthorizationCode {
        challenge: None,
        ..code()
    };
    for (verifier, expected) in [(None, Ok(())), (Some(VERIFIER), Err(Invalid::WrongVerifier))] {
        let presented = Presented { verifier, ..good };
        let found = redeem(&without, &grant("openid"), &session(), &presented, now());
        assert_eq!(found, expected, "{verifier:?}");
    }
    let revoked = Grant {
        revoked_at: Some(now()),
        ..grant("openid")
    };
    assert_eq!(check(good, revoked, session(), now()), Err(Invalid::Revoked));
    let ended = Session {
        ended_at: Some(now()),
        ..session()
    };
    assert_eq!(check(good, grant("openid"), ended, now()), Err(Invalid::Revoked));
}

#[test]
fn a_refresh_token_ends_with_its_session_unless_offline() {
    let token = RefreshToken {
        hash: SecretHash([2; 32]),
        grant: id(1),
        expires_at: now() + TimeDelta::days(30),
    };
    let check = |grant: Grant, session: Session, app, now| refresh(&token, &grant, &session, app, now);
    let tomorrow = now() + TimeDelta::hours(25);
    assert_eq!(check(grant("openid"), session(), id(2), now()), Ok(()));
    assert_eq!(
        check(grant("openid"), session(), id(9), now()),
        Err(Invalid::WrongApp)
    );
    assert_eq!(
        check(grant("openid"), session(), id(2), tomorrow),
        Err(Invalid::Revoked)
    );
    assert_eq!(
        check(grant("openid offline_access"), session(), id(2), tomorrow),
        Ok(())
    );
    let ended = Session {
        ended_at: Some(now()),
        ..session()
    };
    assert_eq!(
        check(grant("openid offline_access"), ended, id(2), tomorrow),
        Err(Invalid::Revoked)
    );
    assert_eq!(
        check(grant("openid offline_access"), session(), id(2), token.expires_at),
        Err(Invalid::Expired)
    );
}

/// A client that asks twice is no thief; one that comes late, or with an older token, may be.
#[test]
fn a_spent_refresh_token_repeats_its_answer_for_a_moment() {
    let (half_a_minute, never) = (TimeDelta::seconds(30), TimeDelta::zero());
    for (after, unspent, within, repeats) in [
        (0, true, half_a_minute, true),
        (30, true, half_a_minute, true),
        (31, true, half_a_minute, false),
        (0, false, half_a_minute, false),
        (0, true, never, false),
    ] {
        let at = now() + TimeDelta::seconds(after);
        assert_eq!(
            repeats_refresh(now(), unspent, within, at),
            repeats,
            "{after} {unspent} {within}"
        );
    }
}
