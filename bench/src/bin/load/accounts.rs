//! The accounts of a run: new keys, and money for each.

use std::thread;

use anyhow::Result;
use bench::machine::cores;
use chain::account::AccountId;
use chain::amount::Amount;
use chain::hash::{Domain, Hash};
use chain::keys::SecretKey;
use chain::limits::OPERATIONS_MAX;

use crate::network::Network;
use crate::payment::{Payer, Prepared, transfer};

/// So many payers with new keys, whose accounts are not open yet.
pub(crate) fn fresh(count: u32) -> Result<Vec<Payer>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let numbers: Vec<u32> = (0..count).collect();
    let share = numbers.len().div_ceil(cores());
    Ok(thread::scope(|scope| {
        let threads: Vec<_> = numbers
            .chunks(share)
            .map(|share| {
                scope.spawn(|| share.iter().map(|number| payer(&seed, *number)).collect::<Vec<_>>())
            })
            .collect();
        let join = |thread: thread::ScopedJoinHandle<'_, _>| thread.join().expect("keys are made");
        threads.into_iter().flat_map(join).collect()
    }))
}

fn payer(seed: &[u8; 32], number: u32) -> Payer {
    let digest = Hash::of(Domain::Account, &[&number.to_le_bytes(), seed]);
    let key = SecretKey::from_bytes(digest.as_bytes());
    Payer::new(key.expect("a digest is a key but once in 2^127"))
}

/// So many accounts that nobody has the key of: they are paid, and never pay.
pub(crate) fn silent(count: u32) -> Result<Vec<AccountId>> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok((0..count).map(|number| account(&seed, number)).collect())
}

fn account(seed: &[u8; 32], number: u32) -> AccountId {
    let digest = Hash::of(Domain::Account, &[seed, &number.to_le_bytes()]);
    let mut account = AccountId::default();
    account.0.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
    account
}

/// A payment that opens an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    /// Whose.
    pub(crate) account: AccountId,
    /// What it has to spend then.
    pub(crate) balance: Amount,
}

/// Transactions that make these payments.
pub(crate) fn openings(
    network: &Network,
    funder: &mut Payer,
    openings: &[Opening],
) -> Result<Vec<Prepared>> {
    let payment = |opening: &Opening| transfer(opening.account, opening.balance);
    openings
        .chunks(OPERATIONS_MAX)
        .map(|some| funder.prepare(network, some.iter().map(payment).collect()))
        .collect()
}
