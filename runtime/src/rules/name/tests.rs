//! Claims about names.

use chain::name::Name;

use crate::state::View;
use crate::testing::{account, check, run};

#[test]
fn name_sets_its_deposit_aside_until_it_is_given_up() {
    check(
        "given name 3; alice 10; alice is called market-hall; alice 10/3;
         alice is called nothing; alice 10; alice is called nothing NAME_UNCHANGED",
    );
    check("given name 3; alice 2; alice is called market-hall BALANCE_TOO_LOW; alice 2");
}

#[test]
fn name_leads_to_its_account_and_back() {
    let ledger = run("alice 1, bob 1; alice is called market-hall; bob is called bob");
    let view = View::new(&ledger.state, &[]);
    for (name, owner) in [("market-hall", "alice"), ("bob", "bob")] {
        let name = Name::new(name).unwrap();
        assert_eq!(view.named(&name), Some(account(owner)));
        assert_eq!(view.name_of(&account(owner)), Some(name));
    }
    assert_eq!(view.named(&Name::new("alice").unwrap()), None);
}

#[test]
fn name_belongs_to_whoever_comes_first_until_it_is_free_again() {
    check(
        "alice 1, bob 1; alice is called market-hall; bob is called market-hall NAME_TAKEN;
         alice is called market-hall NAME_UNCHANGED; alice is called old-hall;
         bob is called market-hall; alice is called market-hall NAME_TAKEN;
         bob is called nothing; alice is called market-hall",
    );
    check("alice 1, bob 1; alice is called hall | bob is called hall NAME_TAKEN");
}

#[test]
fn another_name_needs_no_second_deposit() {
    check(
        "given name 3; alice 3; alice is called one & alice is called two; alice 3/3;
         alice is called one & alice -> bob 1 BALANCE_TOO_LOW@1; alice is called two NAME_UNCHANGED",
    );
}
