//! A developer's own chain: the embedded file, filled with keys that the caller has just generated, so
//! that no secret stands in the repository.

use std::collections::BTreeMap;

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::authority::Authority;

use crate::spec::{AccountSpec, AuthoritySpec, Spec};

/// The file of a developer's chain. It lacks cashier, treasury, authorities and accounts: [`dev_spec`]
/// fills them in.
pub const DEV: &str = include_str!("../networks/dev.toml");

/// What each funded account begins with.
const FUNDED: &str = "1000000TLY";
/// What the authority, the cashier and the treasury begin with, unless they are funded too.
const OFFICE: &str = "1000TLY";

/// The genesis of a developer's chain with one authority. Each of `funded` begins with 1 000 000 TLY;
/// the authority's account, the cashier and the treasury with 1 000 TLY, unless they are among them.
pub fn dev_spec(
    authority: Authority,
    cashier: AccountId,
    treasury: AccountId,
    funded: &[AccountId],
) -> Spec {
    let address = |account: &AccountId| address::encode(Network::Dev, account);
    let offices = [authority.account, cashier, treasury].map(|account| (account, OFFICE));
    let balances: BTreeMap<AccountId, &str> =
        offices.into_iter().chain(funded.iter().map(|account| (*account, FUNDED))).collect();
    let account = |(account, balance): (&AccountId, &&str)| AccountSpec {
        address: address(account),
        balance: (*balance).to_owned(),
    };

    let template = Spec::from_toml(DEV).expect("the embedded file is tested");
    Spec {
        cashier: address(&cashier),
        treasury: address(&treasury),
        authorities: vec![AuthoritySpec {
            key: authority.key.to_string(),
            account: address(&authority.account),
        }],
        accounts: balances.iter().map(account).collect(),
        ..template
    }
}
