//! Commission: the network's part of what contracts pay. It is taken from the seller when it is paid, and
//! returned as the seller gives back what it was paid. Brokers of the contract get shares of it.
//!
//! Invariant: of what a seller was paid and has not given back, the commission is one share, rounded down
//! once. So many small payments cost no more than one large one. What brokers got is theirs: a refund
//! returns what the treasury kept, so that nobody gains by paying and giving back.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::contract::Contract;
use chain::event::Event;
use chain::id::ObjectId;
use chain::limits::BPS;

use crate::draft::Draft;
use crate::money;

/// What a seller keeps of the payments of one contract, before and after something was paid or given back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub(crate) before: Amount,
    pub(crate) after: Amount,
}

/// How much of what a contract pays is commission, and how much of that is its brokers'.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// In basis points of what is paid.
    pub(crate) bps: u16,
    /// In basis points of the commission.
    pub(crate) shared_bps: u16,
}

impl Rates {
    /// What a contract that pays nobody commission has.
    pub(crate) const NONE: Self = Self { bps: 0, shared_bps: 0 };

    /// Those of `contract`.
    pub(crate) fn of(contract: &Contract) -> Self {
        Self { bps: contract.terms.commission_bps, shared_bps: contract.shared_bps() }
    }

    /// The commission on so much.
    fn all(self, sum: Amount) -> Amount {
        part(sum, self.bps)
    }

    /// What brokers get of it.
    fn shared(self, sum: Amount) -> Amount {
        part(self.all(sum), self.shared_bps)
    }

    /// What the treasury keeps of it. It grows with the sum, because what is shared is rounded once.
    fn net(self, sum: Amount) -> Amount {
        difference(self.all(sum), self.shared(sum))
    }
}

/// Takes what a payment adds to the commission of `contract`, whose seller has just been paid, and gives
/// its brokers their shares. Returns how much was taken.
pub(crate) fn take(draft: &mut Draft<'_>, of: ObjectId, contract: &Contract, kept: Kept) -> Amount {
    let rates = Rates::of(contract);
    let amount = difference(rates.all(kept.after), rates.all(kept.before));
    if amount.is_zero() {
        return amount;
    }
    let (treasury, seller) = (draft.params().treasury, contract.seller);
    money::pay(draft, seller, treasury, amount);
    draft.emit(Event::CommissionTaken { of, from: seller, amount });
    for (broker, share) in shares(contract, rates, kept) {
        if !share.is_zero() {
            money::pay(draft, treasury, broker, share);
            draft.emit(Event::CommissionShared { of, to: broker, amount: share });
        }
    }
    amount
}

/// Returns the commission of what `seller` has just given back of what contract `of` paid. A treasury that has
/// less available returns what it has: a refund never waits for it.
pub(crate) fn give_back(
    draft: &mut Draft<'_>,
    of: ObjectId,
    seller: AccountId,
    rates: Rates,
    kept: Kept,
) {
    let treasury = draft.params().treasury;
    let available = money::account(draft, &treasury).available();
    let amount = difference(rates.net(kept.before), rates.net(kept.after)).min(available);
    if amount.is_zero() {
        return;
    }
    money::pay(draft, treasury, seller, amount);
    draft.emit(Event::CommissionReturned { of, to: seller, amount });
}

/// What each broker gets of what a payment adds. Where there are two, the seller's has half, rounded down.
fn shares(
    contract: &Contract,
    rates: Rates,
    kept: Kept,
) -> impl Iterator<Item = (AccountId, Amount)> {
    let brokers = contract.brokers;
    let seller_bps = match (brokers.buyer, brokers.seller) {
        (Some(_), Some(_)) => BPS / 2,
        (None, Some(_)) => BPS,
        (_, None) => 0,
    };
    let shared = |sum| rates.shared(sum);
    let sellers = |sum| part(shared(sum), seller_bps);
    let to_seller = difference(sellers(kept.after), sellers(kept.before));
    let all = difference(shared(kept.after), shared(kept.before));
    let to_buyer = difference(all, to_seller);
    let due = [(brokers.buyer, to_buyer), (brokers.seller, to_seller)];
    due.into_iter().filter_map(|(broker, share)| broker.map(|broker| (broker, share)))
}

fn part(sum: Amount, bps: u16) -> Amount {
    sum.share(bps).expect("a share is within the whole")
}

fn difference(more: Amount, less: Amount) -> Amount {
    more.checked_sub(less).expect("no part of a smaller sum is larger")
}

#[cfg(test)]
mod tests;
