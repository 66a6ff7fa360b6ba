//! The accounts of a run: new keys, and money for each.

use std::thread;

use anyhow::Result;
use bench::machine::cores;
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

/// Transactions that open the accounts of `payers`, each with `balance` to spend.
pub(crate) fn openings(
    network: &Network,
    funder: &mut Payer,
    payers: &[Payer],
    balance: Amount,
) -> Result<Vec<Prepared>> {
    let opening = |payer: &Payer| transfer(payer.account, balance);
    payers
        .chunks(OPERATIONS_MAX)
        .map(|some| funder.prepare(network, some.iter().map(opening).collect()))
        .collect()
}
