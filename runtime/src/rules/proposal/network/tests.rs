//! Claims about what of the network itself changes: params, offices, and the version of the rules.

use chain::event::Event;
use chain::height::Height;
use chain::param::{Param, ParamChange, ParamsChange};
use chain::params::Upgrade;
use chain::proposal::{Change, Office, ProposalEnded, ProposalEvent};
use chain::time::Millis;

use crate::block::InvalidBlock;
use crate::rejection::Rejection;
use crate::state::View;
use crate::testing::account;
use crate::testing::council::council;

fn set(changes: &[(Param, u128, u128)]) -> Change {
    let change = |(param, before, value): &(Param, u128, u128)| ParamChange {
        param: *param,
        before: *before,
        value: *value,
    };
    Change::Params(ParamsChange::new(changes.iter().map(change)).unwrap())
}

#[test]
fn params_change_from_the_block_after_and_what_stands_keeps_its_deposit() {
    let mut ledger = council();
    ledger.step("alice holds 10 for b until 900 as h");
    let change = set(&[(Param::FeeBase, 0, 3), (Param::DepositHold, 0, 5)]);
    let (how, events) = ledger.decide(change);
    assert_eq!(how, ProposalEnded::Enacted);
    assert!(matches!(
        events[0],
        Event::Proposal(ProposalEvent::ParamSet { change, .. })
            if change == ParamChange { param: Param::FeeBase, before: 0, value: 3 }
    ));
    ledger.step("alice holds 10 for b until 900 as g");
    ledger.step("alice 997/25");
    ledger.step("b releases h");
    ledger.step("b releases g");
    ledger.step("alice 997/0");
}

#[test]
fn block_runs_by_the_params_of_its_parent() {
    let mut ledger = council();
    ledger.agreed(set(&[(Param::FeeBase, 0, 3)]));
    ledger.apply(ledger.time.after(Millis(10)), &[]).unwrap();
    // Its timer fires in this very block, whose transactions still cost nothing.
    ledger.step("alice -> b 1");
    ledger.step("alice 999");
    ledger.step("alice -> b 1");
    ledger.step("alice 995");
}

#[test]
fn change_of_a_param_says_what_it_was_or_is_none() {
    let mut ledger = council();
    for (change, rejection) in [
        (set(&[(Param::FeeBase, 1, 2)]), Rejection::ParamMismatch),
        (set(&[(Param::FeeBase, 0, 0)]), Rejection::ParamUnchanged),
        (set(&[(Param::FeeBase, 0, u128::MAX)]), Rejection::ParamUnsound),
        (set(&[(Param::FeeBase, 0, 10_u128.pow(24) + 1)]), Rejection::ParamUnsound),
        (set(&[(Param::CommissionBps, 0, 1_001)]), Rejection::ParamUnsound),
        (set(&[(Param::ProposalDelay, 10, 0)]), Rejection::ParamUnsound),
        (set(&[(Param::SettleDelayMin, 10, 1_001)]), Rejection::ParamUnsound),
    ] {
        ledger.refuses_change("a", change, rejection);
    }
    let both = set(&[(Param::SettleDelayMin, 10, 1_001), (Param::SettleDelayMax, 1_000, 1_001)]);
    let first = ledger.agreed(set(&[(Param::SettleDelayMin, 10, 20)]));
    let second = ledger.agreed(both);
    ledger.pass(20);
    let params = View::new(&ledger.state, &[]).params().clone();
    assert_eq!((params.settle_delay_min, params.settle_delay_max), (Millis(20), Millis(1_000)));
    for id in [first, second] {
        assert!(View::new(&ledger.state, &[]).proposal(&id).is_none());
    }
}

#[test]
fn cashier_is_whoever_was_appointed_last() {
    let mut ledger = council();
    let office = Change::Appoint { office: Office::Cashier, account: account("alice") };
    ledger.step("cashier deposits 1 to b as r");
    ledger.step("b withdraws 5 as w");
    assert_eq!(ledger.decide(office.clone()).0, ProposalEnded::Enacted);
    ledger.step("cashier deposits 1 to b as s NOT_CASHIER");
    ledger.step("cashier confirms w as s NOT_CASHIER");
    ledger.step("alice deposits 1 to b as s");
    ledger.step("alice confirms w as t");
    ledger.refuses_change("a", office, Rejection::OfficeUnchanged);
    let nobody = Change::Appoint { office: Office::Treasury, account: account("nobody") };
    ledger.refuses_change("a", nobody, Rejection::AccountUnknown);
}

#[test]
fn block_of_a_version_that_is_not_known_is_built_by_nobody() {
    let mut ledger = council();
    let upgrade = |version, height| Some(Upgrade { version, height: Height(height) });
    for (upgrade, rejection) in [
        (upgrade(1, 20), Rejection::VersionNotNext),
        (upgrade(3, 20), Rejection::VersionNotNext),
        (upgrade(2, 21), Rejection::UpgradeHeight),
        (upgrade(2, 0), Rejection::UpgradeHeight),
        (None, Rejection::UpgradeUnchanged),
    ] {
        ledger.refuses_change("a", Change::Upgrade(upgrade), rejection);
    }
    assert_eq!(ledger.decide(Change::Upgrade(upgrade(2, 40))).0, ProposalEnded::Enacted);
    assert_eq!(ledger.decide(Change::Upgrade(None)).0, ProposalEnded::Enacted);
    assert_eq!(ledger.decide(Change::Upgrade(upgrade(2, 40))).0, ProposalEnded::Enacted);
    while ledger.height < Height(39) {
        ledger.apply(ledger.time.after(Millis(1)), &[]).unwrap();
    }
    let refused = ledger.apply(ledger.time.after(Millis(1)), &[]).unwrap_err();
    assert_eq!(refused, InvalidBlock::VersionUnknown { version: 2 });
}
