//! Alice has bought four units of bob at 40, 800 in all, and passes them on to dave.

use chain::conditions::{Share, Split};
use chain::contract::{ContractAct, Staged};
use chain::id::ObjectId;
use chain::sealed::Sealed;

use super::*;

/// A floor where dave has money too, and the contract.
fn bought_by_alice() -> (Ledger, ObjectId) {
    let mut ledger = floor();
    let pay = Operation::Transfer {
        to: account("dave"),
        amount: Amount::from_u64(3_000),
        memo: Default::default(),
    };
    done(&mut ledger, "bob", pay);
    let events = done(&mut ledger, "alice", by_bob(sold(), 4));
    let contract = events.iter().find_map(|event| {
        if let Event::QuoteAccepted { contract, .. } = event { Some(*contract) } else { None }
    });
    (ledger, contract.unwrap())
}

fn resale(contract: ObjectId, price: u64) -> Quote {
    quote("alice", Offer::Resell { contract, price: Price(price) })
}

fn by_alice(quote: Quote, quantity: u64) -> Operation {
    accept(quote.sign_with(&[key("alice")]), quantity)
}

fn cash(ledger: &Ledger, name: &str) -> u128 {
    ledger.account(name).unwrap().cash.base_units()
}

#[test]
fn contract_is_passed_on_for_more_or_less_than_it_costs() {
    for (price, alice, dave) in [(45, 10_100, 2_900), (40, 10_000, 3_000), (10, 9_400, 3_600)] {
        let (mut ledger, contract) = bought_by_alice();
        done(&mut ledger, "dave", by_alice(resale(contract, price), 4));
        assert_eq!((cash(&ledger, "alice"), cash(&ledger, "dave")), (alice, dave), "{price}");
        assert_eq!((held(&ledger, "alice"), held(&ledger, "dave")), (0, 800), "{price}");
        assert_eq!(traded(&ledger), [(account("dave"), account("bob"), 4)]);
        // The seller is paid by whoever is the buyer now, the price it sold for.
        ledger.apply(Time(100), &[]).unwrap();
        ledger.apply(Time(151), &[]).unwrap();
        let share = ledger.account("bob").unwrap().cash.base_units() - 7_000;
        assert_eq!(cash(&ledger, "dave"), dave - share, "{price}");
        assert_eq!(cash(&ledger, "alice"), alice, "{price}");
        assert!(share > 0, "the booking share");
    }
}

#[test]
fn resale_happens_once() {
    let (mut ledger, contract) = bought_by_alice();
    let first = resale(contract, 45);
    done(&mut ledger, "dave", by_alice(first.clone(), 4));
    ledger.refuses("dave", by_alice(first.clone(), 4), Rejection::NotBuyer);
    // It comes back, and the word that was used up is not good again.
    let back = Quote { maker: account("dave"), salt: 9, ..first.clone() };
    done(&mut ledger, "alice", accept(back.sign_with(&[key("dave")]), 4));
    ledger.refuses("dave", by_alice(first, 4), Rejection::QuoteSpent);
    assert_eq!(traded(&ledger), [(account("alice"), account("bob"), 4)]);
}

#[test]
fn resale_that_cannot_be_is_refused() {
    let (mut ledger, contract) = bought_by_alice();
    let fine = || resale(contract, 45);
    for (operation, rejection) in [
        (by_alice(resale(ObjectId([9; 32]), 45), 4), Rejection::ContractUnknown),
        (accept(quote("bob", fine().offer).sign_with(&[key("bob")]), 4), Rejection::NotBuyer),
        (by_alice(fine(), 2), Rejection::ResaleNotWhole),
        (by_alice(resale(contract, 41), 4), Rejection::LimitNotOnTick),
        (by_alice(resale(contract, 1_000), 4), Rejection::BalanceTooLow),
        (by_alice(resale(contract, u64::MAX / 5 * 5), 4), Rejection::BalanceTooLow),
    ] {
        ledger.refuses("dave", operation, rejection);
    }
    ledger.refuses("bob", by_alice(fine(), 4), Rejection::SelfTrade);
    let staged = ContractAct::StageReady(Staged {
        digests: vec![Hash([1; 32])],
        location: Sealed::default(),
    });
    done(&mut ledger, "alice", Operation::Contract { contract, act: staged });
    ledger.refuses("dave", by_alice(fine(), 4), Rejection::ContractState);
}

#[test]
fn who_is_sold_to_alone_passes_it_on_to_nobody_else() {
    let (mut ledger, _) = bought_by_alice();
    let named = Quote { taker: Some(account("alice")), salt: 5, ..sold() };
    let events = done(&mut ledger, "alice", by_bob(named, 4));
    let Some(Event::QuoteAccepted { contract, .. }) = events.last() else { panic!("{events:?}") };
    let resale = by_alice(resale(*contract, 45), 4);
    ledger.refuses("dave", resale, Rejection::SellerDenies);
}

#[test]
fn sellers_proceeds_are_split_and_the_rest_is_its_own() {
    let split = |shares: &[(&str, u16)]| {
        let share = |(name, bps): &(&str, u16)| Share { account: account(name), bps: *bps };
        let split = Split::new(shares.iter().map(share).collect()).unwrap();
        Conditions { split, ..Conditions::default() }
    };
    let on = |conditions| by_bob(Quote { conditions, ..sold() }, 4);
    let (mut ledger, _) = bought_by_alice();
    let before = ["bob", "carol", "dave"].map(|name| cash(&ledger, name));
    done(&mut ledger, "alice", on(split(&[("carol", 3_333), ("dave", 2_500)])));
    ledger.refuses("alice", on(split(&[("bob", 1)])), Rejection::RecipientIsSender);
    ledger.refuses("alice", on(split(&[("nobody", 1)])), Rejection::RecipientUnknown);
    let buyer = accept_on(sold().sign_with(&[key("bob")]), 2, split(&[("carol", 1)]));
    ledger.refuses("alice", buyer, Rejection::QuantityTooSmall);
    let buyer = Quote { salt: 7, ..sold() }.sign_with(&[key("bob")]);
    let buyer = accept_on(buyer, 4, split(&[("carol", 1)]));
    ledger.refuses("alice", buyer, Rejection::BuyerSplits);
    // Both contracts pay the booking share, 160 each; one of them is split.
    ledger.apply(Time(100), &[]).unwrap();
    ledger.apply(Time(151), &[]).unwrap();
    let after = ["bob", "carol", "dave"].map(|name| cash(&ledger, name));
    let earned: Vec<u128> =
        after.iter().zip(before).map(|(after, before)| after - before).collect();
    assert_eq!(earned, [160 + 160 - 53 - 40, 53, 40]);
}

#[test]
fn who_takes_a_contract_over_names_a_user_and_no_broker() {
    let (mut ledger, contract) = bought_by_alice();
    let on = |conditions| accept_on(resale(contract, 45).sign_with(&[key("alice")]), 4, conditions);
    let carol = Some(account("carol"));
    let broker = on(Conditions { broker: carol, ..Conditions::default() });
    ledger.refuses("dave", broker, Rejection::ResaleBroker);
    done(&mut ledger, "dave", on(Conditions { user: carol, ..Conditions::default() }));
    assert_eq!(contracts(&ledger.state)[0].user, carol);
}

#[test]
fn both_sides_agree_to_one_text() {
    let text = |byte| Conditions { agreement: Some(Hash([byte; 32])), ..Conditions::default() };
    let fine = Conditions::default;
    for (salt, sold, bought, refused) in [
        (11, text(1), fine(), Some(Rejection::AgreementMismatch)),
        (12, text(1), text(2), Some(Rejection::AgreementMismatch)),
        (13, text(1), text(1), None),
        (14, fine(), text(1), None),
        (
            15,
            Conditions { user: Some(account("carol")), ..fine() },
            fine(),
            Some(Rejection::SellerUses),
        ),
        (
            16,
            Conditions { broker: Some(account("bob")), ..fine() },
            fine(),
            Some(Rejection::RecipientIsSender),
        ),
        (
            17,
            fine(),
            Conditions { broker: Some(account("nobody")), ..fine() },
            Some(Rejection::RecipientUnknown),
        ),
        (
            18,
            fine(),
            Conditions { user: Some(account("alice")), ..fine() },
            Some(Rejection::RecipientIsSender),
        ),
    ] {
        let (mut ledger, contract) = bought_by_alice();
        let offered = sold.agreement;
        let quote = Quote { salt, conditions: sold, ..super::sold() }.sign_with(&[key("bob")]);
        let operation = accept_on(quote, 4, bought);
        match refused {
            Some(reason) => ledger.refuses("alice", operation, reason),
            None => {
                done(&mut ledger, "alice", operation);
                let view = View::new(&ledger.state, &[]);
                assert!(view.contract(&contract).is_some());
                let agreed: Vec<_> =
                    contracts(&ledger.state).iter().map(|it| it.agreement).collect();
                assert!(agreed.contains(&offered), "{agreed:?}");
            }
        }
    }
}
