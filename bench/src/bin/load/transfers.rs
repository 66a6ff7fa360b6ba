//! The load: transfers among the run's accounts, signed before the clock starts, a lane for each
//! connection. An account's transfers are all in one lane, in the order of their nonces.

use std::thread;

use anyhow::{Context, Result};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::height::Nonce;
use chain::operation::Operation;
use wallet::compose::compose;

use crate::network::Network;
use crate::payment::{Payer, Prepared, transfer};

/// What one transfer moves.
pub(crate) const AMOUNT: Amount = Amount::from_u64(1);

/// What so many transactions of `operations` transfers each cost their sender, fees included.
pub(crate) fn cost(
    network: &Network,
    payer: &Payer,
    transactions: u32,
    operations: u8,
) -> Result<Amount> {
    let transfers = vec![transfer(payer.account, AMOUNT); operations.into()];
    let fee = compose(&network.terms, payer.account, Nonce::default(), transfers)?.fee_max;
    let paid = AMOUNT.checked_mul(operations.into());
    let cost = paid.and_then(|paid| fee.checked_add(paid));
    let cost = cost.and_then(|one| one.checked_mul(transactions.into()));
    cost.context("so many transfers cost more than there is money")
}

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'a> {
    pub(crate) network: &'a Network,
    /// Who is paid besides the payers.
    pub(crate) silent: &'a [AccountId],
    pub(crate) transactions: u32,
    /// Transfers in a transaction.
    pub(crate) operations: u8,
    pub(crate) lanes: u8,
}

/// Signs transactions, dealt evenly to `payers`: everybody pays once before anybody pays twice, and
/// everybody is paid about as often.
pub(crate) fn sign(order: &Order<'_>, payers: &mut [Payer]) -> Result<Vec<Vec<Prepared>>> {
    let Order { network, silent, transactions, operations, lanes } = *order;
    let payer_count = payers.len();
    let mut accounts: Vec<AccountId> = payers.iter().map(|payer| payer.account).collect();
    accounts.extend_from_slice(silent);
    let share = payer_count.div_ceil(lanes.into());
    let dealer = Dealer {
        network,
        accounts: &accounts,
        payers: payer_count,
        transactions: transactions.try_into()?,
        operations: operations.into(),
    };
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
    /// Those of the payers first.
    accounts: &'a [AccountId],
    payers: usize,
    transactions: usize,
    operations: usize,
}

impl Dealer<'_> {
    /// The transactions of `payers`, the first of whom is number `first` of all.
    fn lane(self, first: usize, payers: &mut [Payer]) -> Result<Vec<Prepared>> {
        let mut prepared = Vec::new();
        for round in 0..self.transactions.div_ceil(self.payers) {
            for (place, payer) in payers.iter_mut().enumerate() {
                let number = round * self.payers + first + place;
                if number < self.transactions {
                    prepared.push(payer.prepare(self.network, self.transfers(number))?);
                }
            }
        }
        Ok(prepared)
    }

    /// The transfers of transaction `number`, whose sender is number `number` of the payers in turn.
    fn transfers(self, number: usize) -> Vec<Operation> {
        let sender = number % self.payers;
        let one = |step| transfer(self.recipient(sender, number * self.operations + step), AMOUNT);
        (0..self.operations).map(one).collect()
    }

    /// Who is paid by transfer `number`: anybody but its sender, spread as if by chance.
    fn recipient(self, sender: usize, number: usize) -> AccountId {
        let others = self.accounts.len() - 1;
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
        let network = free();
        let order =
            Order { network: &network, silent: &[], transactions: 17, operations: 2, lanes: 3 };
        let lanes = sign(&order, &mut payers).unwrap();
        assert!(lanes.iter().flatten().all(|one| one.transaction.operations.len() == 2));
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
        let network = free();
        let dealer = Dealer {
            network: &network,
            accounts: &accounts,
            payers: 3,
            transactions: 1_000,
            operations: 1,
        };
        for number in 0..1_000 {
            let sender = number % 3;
            assert_ne!(dealer.recipient(sender, number), accounts[sender], "{number}");
        }
    }
}
