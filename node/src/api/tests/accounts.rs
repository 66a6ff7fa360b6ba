//! Answers about names, keys, agents, withdrawals and what was paid.

use chain::agent::{Scope, Scopes};
use chain::id::ObjectId;
use chain::memo::Memo;
use chain::name::Name;
use chain::signers::Signers;
use chain::target::Target;
use rpc::types::{AgentView, HoldClosedView, PurposeView, ScopeView};

use super::*;

/// A block with one operation of account `from`. Returns the name of what it makes.
fn apply(chain: &Chain, from: u8, step: Operation) -> ObjectId {
    let nonce = chain.ledger.read().view().account(&account(from)).unwrap().nonce;
    let signed = operation(from, nonce.0, step).sign(&key(from));
    let made = ObjectId::of_operation(signed.transaction.chain, account(from), nonce, 0);
    chain.submit(signed);
    assert_eq!(chain.grow().transactions.len(), 1);
    made
}

fn seen(api: &NodeApi, byte: u8) -> AccountView {
    api.account_get(&AccountGet { account: address(byte) }).unwrap().value
}

#[test]
fn name_leads_to_its_account_which_shows_it() {
    let Fixture { chain, api, .. } = &fixture();
    let name = Name::new("market-hall").unwrap();
    let question = AccountGetByName { name: name.into() };
    let unknown = Err(Error::NotFound { what: "name" });
    assert_eq!(api.account_get_by_name(&question), unknown);
    apply(chain, 1, Operation::AccountUpdate { name: Some(name) });
    let view = api.account_get_by_name(&question).unwrap().value;
    assert_eq!((view.address, view.name), (address(1), Some(name.into())));
    assert_eq!(seen(api, 1), view);
    apply(chain, 1, Operation::AccountUpdate { name: None });
    assert_eq!(api.account_get_by_name(&question), unknown);
}

#[test]
fn account_shows_the_keys_that_sign_for_it() {
    let Fixture { chain, api, .. } = &fixture();
    assert_eq!(seen(api, 1).signers, None);
    let keys = vec![key(8).public_key(), key(9).public_key()];
    let signers = Signers::new(2, keys).unwrap();
    apply(chain, 1, Operation::KeySet { signers: signers.clone() });
    assert_eq!(seen(api, 1).signers, Some((&signers).into()));
    let refused = submit(api, &transfer(1, 1)).map_err(|error| name(&error));
    assert_eq!(refused, Err("SIGNER_NOT_SENDER".to_owned()));
    submit(api, &transaction(1, 1).sign_with(&[key(9), key(8)])).unwrap();
    assert_eq!(chain.grow().transactions.len(), 1);
}

#[test]
fn agents_are_listed_with_what_they_have_used() {
    let Fixture { chain, api, .. } = &fixture();
    let (hot, cap) = (key(9).public_key(), Amount::from_u64(1_000_000));
    let scopes = Scopes::new([Scope::Pay, Scope::Trade]).unwrap();
    let expires = Time(chain.tip().time.0 + 1_000_000);
    apply(chain, 1, Operation::AgentGrant { key: hot, scopes, cap, expires });
    let by_agent = transaction(1, 1).sign(&key(9));
    let fee = chain.ledger.read().view().params().fees.of(encode(&by_agent).len(), 1).unwrap();
    submit(api, &by_agent).unwrap();
    chain.grow();
    let question = AgentList { account: address(1), cursor: None, limit: Limit::default() };
    let listed = api.agent_list(&question).unwrap().items;
    let spent = fee.checked_add(Amount::from_u64(1)).unwrap();
    let expected = AgentView {
        account: address(1),
        key: hot.into(),
        scopes: vec![ScopeView::Pay, ScopeView::Trade],
        cap: cap.into(),
        spent: spent.into(),
        expires: expires.0,
    };
    assert_eq!(listed, [expected]);
    assert!(
        api.agent_list(&AgentList { account: address(2), ..question }).unwrap().items.is_empty()
    );
}

#[test]
fn withdrawals_are_listed_until_the_cashier_answers() {
    let Fixture { chain, api, .. } = &fixture();
    let target = Target::new("DE89 3704").unwrap();
    let request = |amount| {
        let amount = Amount::from_u64(amount);
        Operation::WithdrawRequest { amount, target: target.clone() }
    };
    let (first, second) = (apply(chain, 1, request(5)), apply(chain, 2, request(6)));
    let question = WithdrawalList { cursor: None, limit: Limit::new(1).unwrap() };
    let page = api.withdrawal_list(&question).unwrap();
    let rest =
        api.withdrawal_list(&WithdrawalList { cursor: page.next_cursor, limit: question.limit });
    let rest = rest.unwrap();
    let mut listed = [page.items[0].hold.0, rest.items[0].hold.0];
    listed.sort_unstable();
    let mut expected = [first, second];
    expected.sort_unstable();
    assert_eq!((listed, rest.next_cursor), (expected, None));
    let PurposeView::Withdrawal { target: shown, .. } = &rest.items[0].purpose else { panic!() };
    assert_eq!(shown, "DE89 3704");

    apply(chain, 5, Operation::WithdrawConfirm { hold: first, reference: Hash([1; 32]) });
    apply(chain, 5, Operation::WithdrawReject { hold: second, reason: Memo::default() });
    assert!(api.withdrawal_list(&question).unwrap().items.is_empty());
    let reason =
        |hold: ObjectId| api.hold_get(&HoldGet { hold: hold.into() }).unwrap().value.reason;
    assert_eq!(reason(first), Some(HoldClosedView::Spent));
    assert_eq!(reason(second), Some(HoldClosedView::Rejected));
    let status = api.chain_status().unwrap().value;
    assert_eq!(status.burned.0, Amount::from_u64(5));
    assert_eq!(status.minted.0.checked_sub(status.burned.0), Some(status.supply.0));
}

#[test]
fn payment_is_shown_while_it_stands_and_while_it_may_be_refunded() {
    let Fixture { chain, api, .. } = &fixture();
    let expires = Time(chain.tip().time.0 + 100_000);
    let open =
        Operation::HoldOpen { amount: Amount::from_u64(9), beneficiary: account(2), expires };
    let of = apply(chain, 1, open);
    let question = PaymentGet { of: of.into() };
    let nothing = Err(Error::NotFound { what: "payment" });
    assert_eq!(api.payment_get(&question), nothing, "nothing is paid yet");
    apply(chain, 2, Operation::HoldCapture { hold: of, cumulative: Amount::from_u64(4) });
    let seen = api.payment_get(&question).unwrap().value;
    assert_eq!((seen.payer, seen.payee), (address(1), address(2)));
    assert_eq!((seen.captured.0, seen.until), (Amount::from_u64(4), None));

    let (amount, reason) = (Amount::from_u64(3), Memo::default());
    apply(chain, 2, Operation::Refund { of, amount, reason });
    apply(chain, 2, Operation::HoldRelease { hold: of });
    let seen = api.payment_get(&question).unwrap().value;
    assert_eq!((seen.captured.0, seen.refunded.0), (Amount::from_u64(4), amount));
    assert!(seen.until.is_some());
}
