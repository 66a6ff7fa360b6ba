//! Every refusal by its place, and what a genesis means: pinned bytes, whatever the order of the file.

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::authority_set::AuthoritySet;
use chain::charter::{Balance, Charter};
use chain::encoding::{decode, encode};
use chain::hash::Hash;
use chain::limits::{AUTHORITIES_MAX, MARKETS_MAX, SETTLE_BLOCKS_MAX};
use chain::state::{Key, Object};
use chain::time::{Millis, Time};
use chain::token::AmountInvalid;
use runtime::tree::Tree;

use super::*;

const ALICE: AccountId = AccountId([1; 20]);
const BOB: AccountId = AccountId([2; 20]);
const AUTHORITY: AccountId = AccountId([3; 20]);
const CASHIER: AccountId = AccountId([4; 20]);
const TREASURY: AccountId = AccountId([5; 20]);

fn spec() -> Spec {
    let authority = Authority { key: AuthorityKey([9; 32]), account: AUTHORITY };
    dev_spec(authority, CASHIER, TREASURY, &[ALICE, BOB])
}

fn changed(change: impl FnOnce(&mut Spec)) -> Result<Genesis, GenesisError> {
    let mut spec = spec();
    change(&mut spec);
    spec.genesis()
}

/// The file with one piece of text replaced.
fn replaced(from: &str, to: &str) -> Result<Genesis, GenesisError> {
    let text = spec().to_toml().unwrap();
    assert!(text.contains(from), "{from} is in {text}");
    Spec::from_toml(&text.replacen(from, to, 1))?.genesis()
}

#[track_caller]
fn refused(result: Result<Genesis, GenesisError>, place: &str, problem: impl Into<Problem>) {
    assert_eq!(result.unwrap_err(), GenesisError::at(place, problem));
}

fn dev(account: AccountId) -> String {
    address::encode(Network::Dev, &account)
}

#[test]
fn dev_genesis_has_pinned_identity_and_block() {
    let genesis = spec().genesis().unwrap();
    let block = genesis.block();
    let pinned = [genesis.hash(), block.header.state_root, block.header.digest()];
    assert_eq!(
        pinned.map(|hash| hash.to_string()),
        [
            "61d5daab18c6425dbba26fc0869d19abd3b01f84bf5c0a85e70648b055f3e3c0",
            "bfe33a39277c1d187b7e45d363459d78d6f4692989e3e817bd99a47377faf4e4",
            "1632452e58e67d4e008808a4ec4df946f0f5ecf31a5fea0c8f4a42d188748fb5",
        ]
    );
}

#[test]
fn canonical_bytes_round_trip() {
    let genesis = spec().genesis().unwrap();
    assert_eq!(decode::<Charter>(&encode(&genesis.charter)).unwrap(), genesis.charter);
}

#[test]
fn file_round_trips_and_means_the_same() {
    let text = spec().to_toml().unwrap();
    assert_eq!(Spec::from_toml(&text).unwrap(), spec());
}

#[test]
fn order_of_accounts_and_authorities_and_units_do_not_matter() {
    let second = AuthoritySpec { key: "08".repeat(32), account: dev(BOB) };
    let genesis = changed(|spec| spec.authorities.push(second.clone())).unwrap();
    let other = changed(|spec| {
        spec.authorities.insert(0, second);
        spec.accounts.reverse();
        spec.fees.base = "1000 utly".to_owned();
        spec.time = "2026-01-01T01:00:00+01:00".to_owned();
    });
    let other = other.unwrap();
    assert_eq!(other.hash(), genesis.hash());
    assert_eq!(other.block(), genesis.block());
}

#[test]
fn every_value_changes_the_identity() {
    let changes: [fn(&mut Spec); 18] = [
        |spec| spec.name = "other".to_owned(),
        |spec| spec.time = "2026-01-01T00:00:00.001Z".to_owned(),
        |spec| spec.epoch_blocks += 1,
        |spec| spec.cashier = dev(ALICE),
        |spec| spec.treasury = dev(ALICE),
        |spec| spec.token.decimals += 1,
        |spec| spec.fees.proposer_bps += 1,
        |spec| spec.deposits.hold = "1TLY".to_owned(),
        |spec| spec.channels.settle_blocks += 1,
        |spec| spec.holds.span_max = "1d".to_owned(),
        |spec| spec.withdrawals.span = "2d".to_owned(),
        |spec| spec.refunds.span = "2d".to_owned(),
        |spec| spec.contracts.stage_grace = "2d".to_owned(),
        |spec| spec.contracts.booking_bps = 77,
        |spec| spec.proposals.delay = "2d".to_owned(),
        |spec| spec.deposits.proposal = "3TLY".to_owned(),
        |spec| spec.markets.reverse(),
        |spec| spec.accounts[0].balance = "3TLY".to_owned(),
    ];
    let genesis = spec().genesis().unwrap();
    for (number, change) in changes.into_iter().enumerate() {
        assert_ne!(changed(change).unwrap().hash(), genesis.hash(), "change {number}");
    }
}

#[test]
fn first_state_holds_deposits_and_counts_the_money() {
    let genesis = spec().genesis().unwrap();
    let objects = genesis.initial_state();
    assert!(objects.is_sorted_by(|a, b| a.0 < b.0));
    assert!(objects.iter().all(|(key, object)| object.belongs_under(key)));

    let mut cash = Amount::ZERO;
    for (_, object) in &objects {
        match object {
            Object::Account(account) => {
                assert_eq!(account.held, Amount::from_u64(10_000));
                cash = cash.checked_add(account.cash).unwrap();
            }
            Object::Supply(supply) => {
                assert_eq!(supply.minted, Amount::from_u64(2_003_000_000_000));
            }
            Object::Params(params) => assert_eq!(params.chain, genesis.hash()),
            Object::Market(market) => {
                let (slot, ahead) = match market.name.as_str() {
                    "storage" => (86_400_000, 366),
                    _ => (3_600_000, 744),
                };
                assert_eq!((market.slot, market.horizon_slots), (Millis(slot), ahead));
            }
            Object::Authorities(set) => {
                assert_eq!(**set, AuthoritySet::new(genesis.authorities.clone()));
            }
            other => panic!("unexpected {other:?}"),
        }
    }
    assert_eq!(cash, Amount::from_u64(2_003_000_000_000));
    assert_eq!(objects.len(), 3 + 5 + 4);
}

#[test]
fn block_commits_to_the_first_state() {
    let genesis = spec().genesis().unwrap();
    let header = genesis.block().header;
    assert_eq!(header.time, Time(1_767_225_600_000));
    assert_eq!(header.parent, Hash::ZERO);
    assert_eq!(header.chain, genesis.hash());
    assert_eq!(header.next_authorities.unwrap(), genesis.authorities);

    let tree: Tree = genesis.initial_tree();
    assert_eq!(header.state_root, tree.root());
    for (key, object) in genesis.initial_state() {
        let proof = tree.prove(&[], &key);
        assert_eq!(proof.verify(&header.state_root, &key, Some(&object)), Ok(()));
    }
    let absent = Key::Account(AccountId([77; 20]));
    assert_eq!(tree.prove(&[], &absent).verify(&header.state_root, &absent, None), Ok(()));
}

#[test]
fn funded_office_has_what_the_funded_have() {
    let authority = Authority { key: AuthorityKey([9; 32]), account: ALICE };
    let genesis = dev_spec(authority, ALICE, ALICE, &[ALICE]).genesis().unwrap();
    let amount = Amount::from_u64(1_000_000_000_000);
    assert_eq!(genesis.accounts, [Balance { account: ALICE, amount }]);
}

#[test]
fn template_alone_is_refused_for_what_it_lacks() {
    let template = Spec::from_toml(DEV).unwrap();
    refused(template.genesis(), "cashier", Problem::Missing);
}

#[test]
fn unknown_key_is_refused_wherever_it_stands() {
    let tables = [
        "network = ",
        "symbol = ",
        "base = ",
        "order = ",
        "settle_blocks = ",
        "span_max = ",
        "key = ",
        "balance = ",
        "slot = ",
    ];
    for known in tables {
        let error = replaced(known, &format!("surprise = 1\n{known}")).unwrap_err();
        assert!(matches!(error, GenesisError::Toml(_)), "{known}");
        let text = error.to_string();
        assert!(text.contains("unknown field `surprise`") && text.contains("line"), "{text}");
    }
}

#[test]
fn what_is_no_toml_or_lacks_a_key_says_where() {
    for (from, to, expected) in [
        ("name = \"tally-dev\"", "name = tally", "line 2"),
        ("epoch_blocks = 600", "", "missing field `epoch_blocks`"),
        ("epoch_blocks = 600", "epoch_blocks = -1", "line 4"),
        ("network = \"dev\"", "network = \"moon\"", "expected one of `main`, `test`, `dev`"),
        ("base = \"0.001TLY\"", "base = 5", "invalid type: integer `5`, expected a string"),
        ("base = \"0.001TLY\"", "base = 0.1", "invalid type: floating point `0.1`"),
        ("k_bps = 5000", "k_bps = 70000", "line"),
    ] {
        let text = replaced(from, to).unwrap_err().to_string();
        assert!(text.contains(expected), "{from} -> {to}: {text}");
    }
}

#[test]
fn bad_names_and_tokens_are_refused() {
    for name in ["", "Tally", "1st", "a b", "-a", "ä", &"a".repeat(33)] {
        let result = changed(|spec| spec.name = name.to_owned());
        refused(result, "name", Problem::Name { bytes_max: 32 });
    }
    for symbol in ["", "T", "tly", "T1", "NINELETTR"] {
        let result = changed(|spec| spec.token.symbol = symbol.to_owned());
        refused(result, "token.symbol", Problem::Symbol);
    }
    let result = changed(|spec| spec.token.decimals = 19);
    refused(result, "token.decimals", Problem::TooLarge { max: 18 });
}

#[test]
fn bad_times_are_refused() {
    for time in [
        "",
        "yesterday",
        "2026-01-01",
        "2026-01-01T00:00:00",
        "1969-12-31T23:59:59Z",
        "2026-01-01T00:00:00.0001Z",
        "2026-02-30T00:00:00Z",
    ] {
        refused(changed(|spec| spec.time = time.to_owned()), "time", Problem::Time);
    }
}

#[test]
fn bad_amounts_name_their_place() {
    let missing = |number: &str| AmountInvalid::UnitMissing {
        number: number.to_owned(),
        symbol: "TLY".to_owned(),
        base: "utly".to_owned(),
    };
    refused(changed(|spec| spec.fees.base = "5".to_owned()), "fees.base", missing("5"));
    let result = changed(|spec| spec.deposits.order = "5".to_owned());
    refused(result, "deposits.order", missing("5"));
    let result = changed(|spec| spec.accounts[0].balance = "7".to_owned());
    refused(result, &format!("accounts[{}].balance", dev(ALICE)), missing("7"));
    let result = changed(|spec| spec.fees.per_byte = "0.0000001TLY".to_owned());
    let unit = "TLY".to_owned();
    refused(result, "fees.per_byte", AmountInvalid::TooPrecise { unit, decimals: 6 });
    let result =
        changed(|spec| spec.fees.per_operation = "1000000000000000000000000TLY".to_owned());
    refused(result, "fees", Problem::FeeTooLarge);
}

#[test]
fn address_of_another_network_is_refused() {
    let wrong = address::encode(Network::Main, &ALICE);
    let problem = || chain::address::AddressInvalid::WrongNetwork { expected: Network::Dev };
    refused(changed(|spec| spec.cashier = wrong.clone()), "cashier", problem());
    refused(changed(|spec| spec.treasury = wrong.clone()), "treasury", problem());
    let result = changed(|spec| spec.accounts[1].address = wrong.clone());
    refused(result, "accounts[1].address", problem());
    let result = changed(|spec| spec.authorities[0].account = wrong.clone());
    refused(result, "authorities[0].account", problem());
    let result = changed(|spec| spec.network = NetworkName::Test);
    let expected = Network::Test;
    let problem = chain::address::AddressInvalid::WrongNetwork { expected };
    refused(result, "authorities[0].account", problem);
    refused(changed(|spec| spec.treasury.clear()), "treasury", Problem::Missing);
}

#[test]
fn bad_authorities_are_refused() {
    let result = changed(|spec| spec.authorities.clear());
    refused(result, "authorities", Problem::None);
    for key in ["", "09", &"0g".repeat(32), &"09".repeat(33)] {
        let result = changed(|spec| spec.authorities[0].key = key.to_owned());
        refused(result, "authorities[0].key", Problem::Key);
    }
    let result = changed(|spec| {
        let account = dev(ALICE);
        spec.authorities.push(AuthoritySpec { key: "09".repeat(32), account });
    });
    refused(result, &format!("authorities[{}]", "09".repeat(32)), Problem::Duplicate);
    let result = changed(|spec| {
        spec.authorities = (0..=AUTHORITIES_MAX)
            .map(|number| AuthoritySpec { key: format!("{number:064x}"), account: dev(ALICE) })
            .collect();
    });
    refused(result, "authorities", Problem::TooMany { max: AUTHORITIES_MAX });
}

#[test]
fn offices_without_an_account_are_refused() {
    let stranger = || dev(AccountId([66; 20]));
    refused(changed(|spec| spec.cashier = stranger()), "cashier", Problem::AccountMissing);
    refused(changed(|spec| spec.treasury = stranger()), "treasury", Problem::AccountMissing);
    let result = changed(|spec| spec.authorities[0].account = stranger());
    let place = format!("authorities[{}].account", "09".repeat(32));
    refused(result, &place, Problem::AccountMissing);
}

#[test]
fn account_that_cannot_pay_its_deposit_is_refused() {
    for account in [ALICE, AUTHORITY, CASHIER, TREASURY] {
        let with = |balance: &str| {
            changed(|spec| {
                let address = dev(account);
                let account = spec.accounts.iter_mut().find(|found| found.address == address);
                account.unwrap().balance = balance.to_owned();
            })
        };
        let problem = Problem::BelowDeposit {
            balance: "0.009999TLY".to_owned(),
            deposit: "0.01TLY".to_owned(),
        };
        refused(with("9999utly"), &format!("accounts[{}].balance", dev(account)), problem);
        assert!(with("10000utly").is_ok());
    }
}

#[test]
fn accounts_listed_twice_and_too_much_money_are_refused() {
    let result = changed(|spec| {
        let again = AccountSpec { balance: "1TLY".to_owned(), ..spec.accounts[0].clone() };
        spec.accounts.push(again);
    });
    refused(result, &format!("accounts[{}]", dev(ALICE)), Problem::Duplicate);
    let most = format!("{}utly", Amount::MAX);
    let result = changed(|spec| spec.accounts[0].balance = most);
    refused(result, "accounts", Problem::SupplyTooLarge);
}

#[test]
fn numbers_out_of_bounds_are_refused() {
    let result = changed(|spec| spec.epoch_blocks = 4);
    refused(result, "epoch_blocks", Problem::TooSmall { min: 5 });
    assert!(changed(|spec| spec.epoch_blocks = 5).is_ok());
    let result = changed(|spec| spec.fees.proposer_bps = 10_001);
    refused(result, "fees.proposer_bps", Problem::TooLarge { max: 10_000 });
    let result = changed(|spec| spec.holds.span_max = "0s".to_owned());
    refused(result, "holds.span_max", Problem::Zero);
    let result = changed(|spec| spec.withdrawals.span = "0s".to_owned());
    refused(result, "withdrawals.span", Problem::Zero);
    let result = changed(|spec| spec.refunds.span = "0s".to_owned());
    refused(result, "refunds.span", Problem::Zero);
    let result = changed(|spec| spec.contracts.ready_grace = "0s".to_owned());
    refused(result, "contracts.ready_grace", Problem::Zero);
    let result = changed(|spec| spec.proposals.delay = "0s".to_owned());
    refused(result, "proposals.delay", Problem::Zero);
    let result = changed(|spec| spec.proposals.span = "0s".to_owned());
    refused(result, "proposals.span", Problem::Zero);
    let result = changed(|spec| spec.contracts.holdback_bps = 10_001);
    refused(result, "contracts.holdback_bps", Problem::TooLarge { max: 10_000 });
    let result = changed(|spec| spec.contracts.booking_bps = 10_001);
    refused(result, "contracts.booking_bps", Problem::TooLarge { max: 10_000 });
    let result = changed(|spec| spec.contracts.commission_bps_max = 10_001);
    refused(result, "contracts.commission_bps_max", Problem::TooLarge { max: 10_000 });
    let result = changed(|spec| spec.contracts.commission_bps = 501);
    refused(result, "contracts.commission_bps", Problem::TooLarge { max: 500 });
    let result = changed(|spec| spec.channels.settle_delay_min = "31d".to_owned());
    refused(result, "channels.settle_delay_min", Problem::Longer { than: "settle_delay_max" });
    let result = changed(|spec| spec.channels.settle_blocks = SETTLE_BLOCKS_MAX + 1);
    refused(result, "channels.settle_blocks", Problem::TooLarge { max: 86_400 });
    let result = changed(|spec| spec.channels.settle_delay_max = "1 month".to_owned());
    refused(result, "channels.settle_delay_max", SpanInvalid::Malformed);
    let result = changed(|spec| spec.holds.span_max = "101y".to_owned());
    refused(result, "holds.span_max", SpanInvalid::Malformed);
}

#[test]
fn bad_markets_are_refused() {
    let check = |field: &str, change: fn(&mut MarketSpec), problem: Problem| {
        let result = changed(|spec| change(&mut spec.markets[0]));
        refused(result, &format!("markets[cpu].{field}"), problem);
    };
    check("unit", |market| market.unit.clear(), Problem::Unit { bytes_max: 32 });
    check("slot", |market| market.slot = "0s".to_owned(), Problem::Zero);
    check("slot", |market| market.slot = "1".to_owned(), SpanInvalid::Malformed.into());
    check("lot", |market| market.lot = 0, Problem::Zero);
    check("tick", |market| market.tick = "0TLY".to_owned(), Problem::Zero);
    let wide = Problem::TooLarge { max: u64::MAX };
    check("tick", |market| market.tick = "18446744073709551616utly".to_owned(), wide);
    check("quantity_min", |market| market.quantity_min = 0, Problem::TooSmall { min: 1 });
    let uneven = |market: &mut MarketSpec| (market.lot, market.quantity_min) = (2, 3);
    check("quantity_min", uneven, Problem::NotMultiple { of: "lot" });
    let half = |market: &mut MarketSpec| market.horizon = "90m".to_owned();
    check("horizon", half, Problem::NotMultiple { of: "slot" });
    check("horizon", |market| market.horizon = "0d".to_owned(), Problem::Zero);
    let late = |market: &mut MarketSpec| market.lead = "31d".to_owned();
    check("lead", late, Problem::NotShorter { than: "horizon" });
    check("k_bps", |market| market.k_bps = 10_001, Problem::TooLarge { max: 10_000 });
    let name = Problem::Name { bytes_max: 32 };
    check("grades", |market| market.grades = grades("Proven"), name);
    check("grades", |market| market.grades = grades("a a"), Problem::Duplicate);
    check(
        "grades",
        |market| market.grades = grades("a b c d e f g h i"),
        Problem::TooMany { max: 8 },
    );

    let result = changed(|spec| spec.markets[0].name = "CPU".to_owned());
    refused(result, "markets[CPU].name", Problem::Name { bytes_max: 32 });
    let result = changed(|spec| spec.markets[1].name = "cpu".to_owned());
    refused(result, "markets[cpu]", Problem::Duplicate);
    let result = changed(|spec| {
        let market = spec.markets[0].clone();
        spec.markets = vec![market; MARKETS_MAX + 1];
    });
    refused(result, "markets", Problem::TooMany { max: MARKETS_MAX });
}

#[test]
fn network_without_markets_is_allowed() {
    assert!(changed(|spec| spec.markets.clear()).is_ok());
}

#[test]
fn attributes_of_markets_have_sound_keys_kinds_and_choices() {
    let check = |key: &str, spec: AttributeSpec, problem: Problem| {
        let result = changed(|spec_| {
            spec_.markets[0].attributes = [(key.to_owned(), spec)].into();
        });
        refused(result, &format!("markets[cpu].attributes.{key}"), problem);
    };
    let word = Problem::Word { bytes_max: 32 };
    check("Memory", AttributeSpec::Flag, word.clone());
    check("os", AttributeSpec::Word(grades("linux Windows")), word);
    check("os", AttributeSpec::Word(grades("linux linux")), Problem::Duplicate);
    let many: Vec<String> = (0..17).map(|number| number.to_string()).collect();
    check("os", AttributeSpec::Word(many), Problem::TooMany { max: 16 });
    for unit in ["", "GiB per s"] {
        let number = AttributeSpec::Number(unit.to_owned());
        check("memory", number, Problem::Unit { bytes_max: 32 });
    }
}

#[test]
fn key_is_of_one_kind_in_all_markets() {
    let memory = |unit: &str| [("memory".to_owned(), AttributeSpec::Number(unit.to_owned()))];
    let result = changed(|spec| {
        spec.markets[0].attributes = memory("GiB").into();
        spec.markets[1].attributes = memory("MiB").into();
    });
    let (key, market) = ("memory".to_owned(), "cpu".to_owned());
    refused(result, "markets[gpu].attributes", Problem::AttributeDiffers { key, market });
    let result = changed(|spec| {
        spec.markets[0].attributes = memory("GiB").into();
        spec.markets[1].attributes = memory("GiB").into();
    });
    assert!(result.is_ok());
}

fn grades(names: &str) -> Vec<String> {
    names.split(' ').map(str::to_owned).collect()
}
