//! What must hold between the values of a genesis, and the bounds of each.

use std::collections::BTreeSet;

use chain::account::AccountId;
use chain::address;
use chain::amount::Amount;
use chain::limits::{
    AUTHORITIES_MAX, BPS, EPOCH_BLOCKS_MIN, GENESIS_ACCOUNTS_MAX, GRADES_MAX,
    MARKET_NAME_BYTES_MAX, MARKETS_MAX, NETWORK_NAME_BYTES_MAX, OPERATIONS_MAX, SETTLE_BLOCKS_MAX,
    TRANSACTION_BYTES_MAX,
};
use chain::market::{Market, is_name};
use chain::params::{ContractTerms, ProposalTerms};

use crate::error::{GenesisError, Problem};
use crate::genesis::Genesis;

pub(crate) fn check(genesis: &Genesis) -> Result<(), GenesisError> {
    if !is_name(&genesis.name, NETWORK_NAME_BYTES_MAX) {
        let bytes_max = NETWORK_NAME_BYTES_MAX;
        return Err(GenesisError::at("name", Problem::Name { bytes_max }));
    }
    at_least("epoch_blocks", genesis.epoch_blocks, EPOCH_BLOCKS_MIN)?;
    check_fees(genesis)?;
    above_zero("holds.span_max", genesis.hold_span_max.0)?;
    above_zero("withdrawals.span", genesis.withdrawal_span.0)?;
    above_zero("refunds.span", genesis.refund_span.0)?;
    check_contracts(&genesis.contracts)?;
    check_proposals(genesis.proposals)?;
    at_most("channels.settle_blocks", genesis.settle_blocks, SETTLE_BLOCKS_MAX)?;
    if genesis.settle_delay_min > genesis.settle_delay_max {
        let than = "settle_delay_max";
        return Err(GenesisError::at("channels.settle_delay_min", Problem::Longer { than }));
    }
    check_accounts(genesis)?;
    check_authorities(genesis)?;
    check_markets(&genesis.markets)
}

fn check_fees(genesis: &Genesis) -> Result<(), GenesisError> {
    at_most("fees.proposer_bps", genesis.fees.proposer_bps.into(), BPS.into())?;
    match genesis.fees.of(TRANSACTION_BYTES_MAX, OPERATIONS_MAX) {
        Some(_) => Ok(()),
        None => Err(GenesisError::at("fees", Problem::FeeTooLarge)),
    }
}

fn check_contracts(terms: &ContractTerms) -> Result<(), GenesisError> {
    above_zero("contracts.stage_grace", terms.stage_grace.0)?;
    above_zero("contracts.ready_grace", terms.ready_grace.0)?;
    above_zero("contracts.result_grace", terms.result_grace.0)?;
    above_zero("contracts.sign_off_grace", terms.sign_off_grace.0)?;
    above_zero("contracts.dispute_span", terms.dispute_span.0)?;
    at_most("contracts.holdback_bps", terms.holdback_bps.into(), BPS.into())?;
    at_most("contracts.booking_bps", terms.booking_bps.into(), BPS.into())?;
    at_most("contracts.commission_bps_max", terms.commission_bps_max.into(), BPS.into())?;
    at_most(
        "contracts.commission_bps",
        terms.commission_bps.into(),
        terms.commission_bps_max.into(),
    )?;
    // Two brokers get no more than there is.
    at_most("contracts.broker_bps", terms.broker_bps.into(), u64::from(BPS) / 2)
}

fn check_proposals(terms: ProposalTerms) -> Result<(), GenesisError> {
    above_zero("proposals.span", terms.span.0)?;
    above_zero("proposals.delay", terms.delay.0)
}

fn check_accounts(genesis: &Genesis) -> Result<(), GenesisError> {
    no_more_than("accounts", genesis.accounts.len(), GENESIS_ACCOUNTS_MAX)?;
    let place = |account| format!("accounts[{}]", address::encode(genesis.network, account));
    let deposit = genesis.deposits.account;
    for balance in &genesis.accounts {
        if balance.amount < deposit {
            let problem = Problem::BelowDeposit {
                balance: genesis.token.format(balance.amount),
                deposit: genesis.token.format(deposit),
            };
            return Err(GenesisError::at(place(&balance.account) + ".balance", problem));
        }
    }
    for (one, other) in genesis.accounts.iter().zip(genesis.accounts.iter().skip(1)) {
        if one.account == other.account {
            return Err(GenesisError::at(place(&one.account), Problem::Duplicate));
        }
    }
    if Amount::sum(genesis.accounts.iter().map(|balance| balance.amount)).is_none() {
        return Err(GenesisError::at("accounts", Problem::SupplyTooLarge));
    }
    exists(genesis, "cashier", &genesis.cashier)?;
    exists(genesis, "treasury", &genesis.treasury)
}

fn check_authorities(genesis: &Genesis) -> Result<(), GenesisError> {
    if genesis.authorities.is_empty() {
        return Err(GenesisError::at("authorities", Problem::None));
    }
    no_more_than("authorities", genesis.authorities.len(), AUTHORITIES_MAX)?;
    for (one, other) in genesis.authorities.iter().zip(genesis.authorities.iter().skip(1)) {
        if one.key == other.key {
            return Err(GenesisError::at(format!("authorities[{}]", one.key), Problem::Duplicate));
        }
    }
    for authority in &genesis.authorities {
        let place = format!("authorities[{}].account", authority.key);
        exists(genesis, &place, &authority.account)?;
    }
    Ok(())
}

fn check_markets(markets: &[Market]) -> Result<(), GenesisError> {
    no_more_than("markets", markets.len(), MARKETS_MAX)?;
    let mut names = BTreeSet::new();
    for market in markets {
        check_market(market)?;
        if !names.insert(&market.name) {
            return Err(GenesisError::at(format!("markets[{}]", market.name), Problem::Duplicate));
        }
    }
    check_schemas(markets)
}

/// Checks that a key means the same in every market.
fn check_schemas(markets: &[Market]) -> Result<(), GenesisError> {
    for (one, other) in pairs(markets) {
        if let Some(key) = other.attributes.conflict(&one.attributes) {
            let place = format!("markets[{}].attributes", other.name);
            let (key, market) = (key.to_string(), one.name.clone());
            return Err(GenesisError::at(place, Problem::AttributeDiffers { key, market }));
        }
    }
    Ok(())
}

/// Each market with each one after it.
fn pairs(markets: &[Market]) -> impl Iterator<Item = (&Market, &Market)> {
    let after = |index: usize| markets.iter().skip(index + 1);
    markets.iter().enumerate().flat_map(move |(index, one)| after(index).map(move |it| (one, it)))
}

fn check_market(market: &Market) -> Result<(), GenesisError> {
    let place = |field| format!("markets[{}].{field}", market.name);
    let bytes_max = MARKET_NAME_BYTES_MAX;
    if !is_name(&market.name, bytes_max) {
        return Err(GenesisError::at(place("name"), Problem::Name { bytes_max }));
    }
    if !is_name(&market.unit.to_ascii_lowercase(), bytes_max) {
        return Err(GenesisError::at(place("unit"), Problem::Unit { bytes_max }));
    }
    above_zero(place("lot"), market.lot.0)?;
    above_zero(place("tick"), market.tick.0)?;
    at_least(place("quantity_min"), market.quantity_min.0, market.lot.0)?;
    if !market.quantity_min.is_multiple_of(market.lot) {
        return Err(GenesisError::at(place("quantity_min"), Problem::NotMultiple { of: "lot" }));
    }
    above_zero(place("horizon"), market.horizon_slots)?;
    if market.lead >= market.slot.times(market.horizon_slots) {
        return Err(GenesisError::at(place("lead"), Problem::NotShorter { than: "horizon" }));
    }
    at_most(place("k_bps"), market.k_bps.into(), BPS.into())?;
    check_grades(market, &place("grades"))?;
    assert!(market.is_sound(), "a market whose parts were checked is within the bounds of all");
    Ok(())
}

fn check_grades(market: &Market, place: &str) -> Result<(), GenesisError> {
    no_more_than(place, market.grades.len(), GRADES_MAX)?;
    let mut names = BTreeSet::new();
    for name in &market.grades {
        let bytes_max = MARKET_NAME_BYTES_MAX;
        if !is_name(name, bytes_max) {
            return Err(GenesisError::at(place, Problem::Name { bytes_max }));
        }
        if !names.insert(name) {
            return Err(GenesisError::at(place, Problem::Duplicate));
        }
    }
    Ok(())
}

fn exists(genesis: &Genesis, place: &str, account: &AccountId) -> Result<(), GenesisError> {
    match genesis.accounts.binary_search_by_key(account, |balance| balance.account) {
        Ok(_) => Ok(()),
        Err(_) => Err(GenesisError::at(place, Problem::AccountMissing)),
    }
}

fn above_zero(place: impl Into<String>, value: u64) -> Result<(), GenesisError> {
    if value > 0 { Ok(()) } else { Err(GenesisError::at(place, Problem::Zero)) }
}

fn at_least(place: impl Into<String>, value: u64, min: u64) -> Result<(), GenesisError> {
    if value >= min { Ok(()) } else { Err(GenesisError::at(place, Problem::TooSmall { min })) }
}

fn at_most(place: impl Into<String>, value: u64, max: u64) -> Result<(), GenesisError> {
    if value <= max { Ok(()) } else { Err(GenesisError::at(place, Problem::TooLarge { max })) }
}

fn no_more_than(place: &str, length: usize, max: usize) -> Result<(), GenesisError> {
    if length <= max { Ok(()) } else { Err(GenesisError::at(place, Problem::TooMany { max })) }
}
