//! Where several ways fit, and the guest chooses.

use super::*;

type Change = fn(&mut Facts);

fn open(id: u128, down: bool) -> OpenProvider {
    OpenProvider {
        provider: Id::from_uuid(uuid::Uuid::from_u128(id)),
        down,
    }
}

/// One that is down is not offered, and stays chosen by a guest who chose it before: they are on their way.
#[test]
fn a_provider_that_is_down_stays_chosen() {
    let with = |chosen| {
        ask(|f| {
            f.policy.personal_accounts_beside_codes = true;
            f.open_providers = vec![open(2, true), open(3, false)];
            f.chosen = chosen;
        })
    };
    let other = Method::Upstream(UpstreamKind::Provider, open(3, false).provider);
    assert_eq!(
        with(None),
        (Decision::Ask(vec![CODE, other]), Reason::TwoFit, None)
    );
    assert_eq!(with(Some(personal())), uses(personal(), Reason::Chosen));
    assert_eq!(with(Some(other)), uses(other, Reason::Chosen));
}

#[test]
fn any_provider_beside_a_code_where_people_may_choose_one() {
    let other = Method::Upstream(UpstreamKind::Provider, Id::from_uuid(uuid::Uuid::from_u128(3)));
    let may = |f: &mut Facts| {
        f.policy.personal_accounts_beside_codes = true;
        f.open_providers = [2, 3].map(|id| open(id, false)).to_vec();
    };
    let asked = (Decision::Ask(vec![CODE, personal(), other]), Reason::TwoFit, None);
    assert_eq!(ask(may), asked);
    assert_eq!(
        ask(|f| (may(f), f.chosen = Some(tenant())).0),
        asked,
        "what does not fit is not chosen"
    );
    for chosen in [CODE, personal(), other] {
        let answer = ask(|f| {
            may(f);
            f.chosen = Some(chosen);
        });
        assert_eq!(answer, uses(chosen, Reason::Chosen));
    }
    let rows: [(Change, Method, Reason); 7] = [
        (
            |f| f.policy.personal_accounts_beside_codes = false,
            CODE,
            Reason::Fallback,
        ),
        (|f| f.open_providers.clear(), CODE, Reason::Fallback),
        (
            |f| f.policy.order = vec![UpstreamKind::Tenant],
            CODE,
            Reason::Fallback,
        ),
        // It is no way around the guest's own organisation, nor around the account that the address belongs to.
        (
            |f| f.tenant = Some(partner(false)),
            tenant(),
            Reason::FederatedDomain,
        ),
        (
            |f| f.personal = Some(own_account()),
            personal(),
            Reason::PersonalAccount,
        ),
        // Who has redeemed is not asked again.
        (|f| f.person = Some(person(Some(CODE))), CODE, Reason::Sticky),
        (
            |f| f.person = Some(person(Some(personal()))),
            personal(),
            Reason::Sticky,
        ),
    ];
    for (change, method, because) in rows {
        let answer = ask(|f| {
            may(f);
            change(f);
        });
        assert_eq!(answer, uses(method, because));
    }
    let without_codes = ask(|f| {
        may(f);
        f.policy.codes = false;
    });
    assert_eq!(
        without_codes,
        refuses(Refusal::NoMethod, Reason::Fallback),
        "no code could confirm"
    );
}

#[test]
fn a_code_beside_a_personal_account_where_people_may_choose() {
    let may = |f: &mut Facts| {
        f.personal = Some(own_account());
        f.policy.codes_beside_personal_accounts = true;
    };
    assert_eq!(
        ask(may),
        (Decision::Ask(vec![personal(), CODE]), Reason::TwoFit, None)
    );
    for chosen in [personal(), CODE] {
        let answer = ask(|f| {
            may(f);
            f.chosen = Some(chosen);
        });
        assert_eq!(answer, uses(chosen, Reason::Chosen));
    }
    assert_eq!(
        ask(|f| {
            may(f);
            f.policy.codes = false;
        }),
        uses(personal(), Reason::PersonalAccount)
    );
    // It is no way around the guest's own organisation.
    let with_tenant = |f: &mut Facts| {
        may(f);
        f.tenant = Some(partner(false));
        f.chosen = Some(CODE);
    };
    assert_eq!(
        ask(with_tenant),
        (Decision::Ask(vec![tenant(), personal()]), Reason::TwoFit, None)
    );
    // Who redeemed by one of them keeps to it.
    let redeemed = ask(|f| {
        may(f);
        f.person = Some(person(Some(CODE)));
    });
    assert_eq!(redeemed, uses(CODE, Reason::Sticky));
}
