//! The load: transfers among the run's accounts, signed before the clock starts, a lane for each
//! connection. An account's transfers are all in one lane, in the order of their nonces.

use std::thread;

use anyhow::{Context, Result};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::height::Nonce;
use wallet::compose::compose;

use crate::network::Network;
use crate::payment::{Payer, Prepared, transfer};

/// What one transfer moves.
pub(crate) const AMOUNT: Amount = Amount::from_u64(1);

/// What so many transfers cost their sender, fees included.
pub(crate) fn cost(network: &Network, payer: &Payer, transfers: u32) -> Result<Amount> {
    let one = vec![transfer(payer.account, AMOUNT)];
    let fee = compose(&network.terms, payer.account, Nonce::default(), one)?.fee_max;
    let cost = fee.checked_add(AMOUNT).and_then(|one| one.checked_mul(transfers.into()));
    cost.context("so many transfers cost more than there is money")
}

/// Signs `count` transfers, dealt evenly to `payers`: everybody pays once before anybody pays twice, and
/// everybody is paid about as often.
pub(crate) fn sign(
    network: &Network,
    payers: &mut [Payer],
    count: u32,
    lanes: u8,
) -> Result<Vec<Vec<Prepared>>> {
    let accounts: Vec<AccountId> = payers.iter().map(|payer| payer.account).collect();
    let share = payers.len().div_ceil(lanes.into());
    let dealer = Dealer { network, accounts: &accounts, count: count.try_into()? };
    thread::scope(|scope| {
        let lanes: Vec<_> = payers
            .chunks_mut(share)
            .enumerate()
            .map(|(lane, payers)| scope.spawn(move || dealer.lane(lane * share, payers)))
            .collect();
        lanes.into_iter().map(|lane| lane.join().expect("signing does not panic")).collect()
    })
}

#[derive(Clone, Copy)]
struct Dealer<'a> {
    network: &'a Network,
    accounts: &'a [AccountId],
    count: usize,
}

impl Dealer<'_> {
    /// The transfers of `payers`, the first of whom is number `first` of all.
    fn lane(self, first: usize, payers: &mut [Payer]) -> Result<Vec<Prepared>> {
        let mut prepared = Vec::new();
        for round in 0..self.count.div_ceil(self.accounts.len()) {
            for (place, payer) in payers.iter_mut().enumerate() {
                let number = round * self.accounts.len() + first + place;
                if number < self.count {
                    let to = self.recipient(number);
                    prepared.push(payer.prepare(self.network, vec![transfer(to, AMOUNT)])?);
                }
            }
        }
        Ok(prepared)
    }

    /// Who is paid by transfer `number`: anybody but its sender, spread as if by chance.
    fn recipient(self, number: usize) -> AccountId {
        let (sender, others) = (number % self.accounts.len(), self.accounts.len() - 1);
        let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
        self.accounts[(sender + 1 + spread % others) % self.accounts.len()]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::accounts;
    use crate::network::tests::free;

    #[test]
    fn each_account_pays_in_one_lane_in_the_order_of_its_nonces() {
        let mut payers = accounts::fresh(7).unwrap();
        let lanes = sign(&free(), &mut payers, 17, 3).unwrap();
        assert_eq!(lanes.iter().map(Vec::len).sum::<usize>(), 17);
        let mut seen = BTreeSet::new();
        for lane in &lanes {
            let senders: BTreeSet<_> = lane.iter().map(|one| one.transaction.sender).collect();
            for sender in senders {
                assert!(seen.insert(sender), "{sender:?} pays in two lanes");
                let own = lane.iter().filter(|one| one.transaction.sender == sender);
                let nonces: Vec<u64> = own.map(|one| one.transaction.nonce.0).collect();
                assert!(nonces.iter().copied().eq(0..nonces.len() as u64), "{nonces:?}");
                assert!((2..=3).contains(&nonces.len()));
            }
        }
        assert_eq!(seen.len(), 7);
    }

    #[test]
    fn nobody_pays_themselves() {
        let accounts: Vec<AccountId> = (0..5).map(|byte| AccountId([byte; 20])).collect();
        let dealer = Dealer { network: &free(), accounts: &accounts, count: 1_000 };
        for number in 0..1_000 {
            assert_ne!(dealer.recipient(number), accounts[number % 5], "{number}");
        }
    }
}
