//! Claims about params one by one.

use super::*;
use crate::account::AccountId;
use crate::encoding::{decode, encode};
use crate::hash::Hash;
use crate::params::{ContractTerms, Deposits, Fees, ProposalTerms};

fn params() -> Params {
    let (amount, span) = (Amount::ZERO, Millis(1));
    Params {
        chain: Hash::ZERO,
        version: 1,
        upgrade: None,
        epoch_blocks: 10,
        cashier: AccountId([1; 20]),
        treasury: AccountId([2; 20]),
        fees: Fees { base: amount, per_byte: amount, per_operation: amount, proposer_bps: 0 },
        deposits: Deposits {
            account: amount,
            hold: amount,
            order: amount,
            channel: amount,
            name: amount,
            keys: amount,
            agent: amount,
            host: amount,
            pool: amount,
            proposal: amount,
        },
        settle_delay_min: span,
        settle_delay_max: span,
        settle_blocks: 0,
        hold_span_max: span,
        withdrawal_span: span,
        refund_span: span,
        contracts: ContractTerms {
            stage_grace: span,
            ready_grace: span,
            result_grace: span,
            sign_off_grace: span,
            dispute_span: span,
            holdback_bps: 0,
            booking_bps: 0,
            commission_bps: 0,
            commission_bps_max: 500,
            broker_bps: 0,
        },
        proposals: ProposalTerms { span, delay: span },
    }
}

#[test]
fn every_param_has_a_name_and_a_number_of_its_own() {
    for (param, number) in Param::ALL.into_iter().zip(1_u8..) {
        assert_eq!(Param::named(param.name()), Some(param));
        assert_eq!(encode(&param), [number - 1]);
        let mut changed = params();
        changed.set(param, u128::from(number) + 1).unwrap();
        for other in Param::ALL {
            let expected =
                if other == param { u128::from(number) + 1 } else { params().value(other) };
            assert_eq!(changed.value(other), expected, "{other:?} after {param:?}");
        }
    }
    assert_eq!(Param::named("epoch_blocks"), None);
}

#[test]
fn number_beyond_its_type_is_none_and_one_beyond_its_bounds_is_unsound() {
    assert!(Param::ALL.into_iter().all(|param| params().is_within(param)));
    for (param, most) in [
        (Param::FeeBase, 10_u128.pow(24)),
        (Param::DepositOrder, 10_u128.pow(24)),
        (Param::FeeProposerBps, 10_000),
        (Param::HoldbackBps, 10_000),
        (Param::BrokerBps, 5_000),
        (Param::CommissionBps, 500),
        (Param::SettleBlocks, 86_400),
        (Param::RefundSpan, 3_660 * 86_400_000),
        (Param::ProposalDelay, 90 * 86_400_000),
        (Param::ProposalSpan, 90 * 86_400_000),
    ] {
        for (value, sound) in [(most, true), (most + 1, false)] {
            let mut changed = params();
            changed.set(param, value).unwrap();
            assert_eq!(changed.is_within(param), sound, "{param:?} {value}");
        }
        assert_eq!(params().set(param, u128::MAX), None, "{param:?}");
    }
    for param in [Param::RefundSpan, Param::StageGrace, Param::ProposalDelay, Param::HoldSpanMax] {
        let mut changed = params();
        changed.set(param, 0).unwrap();
        assert!(!changed.is_within(param), "{param:?}");
    }
    let mut crossed = params();
    crossed.set(Param::SettleDelayMin, 2).unwrap();
    assert!(
        !crossed.is_within(Param::SettleDelayMin),
        "the shortest delay is longer than the longest"
    );
}

#[test]
fn changes_are_of_params_in_order_none_twice() {
    let change = |param, value| ParamChange { param, before: 0, value };
    let (fee, hold) = (change(Param::FeeBase, 1), change(Param::DepositHold, 2));
    let both = ParamsChange::new([hold, fee]).unwrap();
    assert_eq!(both.iter().copied().collect::<Vec<_>>(), [fee, hold]);
    assert_eq!(decode::<ParamsChange>(&encode(&both)), Ok(both));
    assert_eq!(ParamsChange::new([]), None);
    assert_eq!(ParamsChange::new([fee, change(Param::FeeBase, 2)]), None);
    assert!(decode::<ParamsChange>(&encode(&vec![hold, fee])).is_err(), "falling");
    assert!(decode::<ParamsChange>(&encode(&vec![fee, fee])).is_err(), "twice");
    assert!(decode::<ParamsChange>(&encode(&Vec::<ParamChange>::new())).is_err(), "none");
}
