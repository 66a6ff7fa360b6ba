//! Contracts as the protocol document describes them, in the plainest way: every slot is an entry of a
//! list, and what a contract paid is added up slot by slot. The runtime must agree with it.

use chain::account::AccountId;
use chain::conditions::{Kind, Share};
use chain::contract::{Contract, ContractAct, ContractClosed, ContractState, Extent, Verdict};
use chain::params::{ContractTerms, Params};

/// What became of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// It can still be paid.
    Ahead,
    /// It was over before the seller was ready.
    Missed,
    /// It was paid, but for what is held back.
    Paid,
    /// It will not be paid any more.
    Dropped,
}

/// A contract, and what it has cost so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractModel {
    /// What the network agreed on.
    pub terms: ContractTerms,
    /// How long after its end a payment may be given back.
    pub refund_span: u64,
    /// Who pays.
    pub buyer: AccountId,
    /// Who is paid.
    pub seller: AccountId,
    /// Price times units.
    pub slot_price: u128,
    /// Start, end and slot length.
    pub times: (u64, u64, u64),
    /// How far it has come.
    pub state: ContractState,
    /// Its deadline.
    pub due: u64,
    /// Its slots.
    pub slots: Vec<Slot>,
    /// All that was paid.
    pub paid: u128,
    /// How much of that the seller gave back.
    pub refunded: u128,
    /// Until when more can be given back, once it is over.
    pub refund_until: Option<u64>,
    /// Whether a result was posted.
    pub posted: bool,
    /// How long before the seller says that it takes back the rest, where it may.
    pub notice: Option<u64>,
    /// When it takes back the rest, once it has said so.
    pub reclaimed: Option<u64>,
    /// Who may act besides the buyer.
    pub user: Option<AccountId>,
    /// The brokers of buyer and seller, and what each got.
    pub brokers: [(Option<AccountId>, u128); 2],
    /// What the treasury has of it.
    pub commission: u128,
    /// Who gets how many basis points of what the seller is paid, and what they got.
    pub shares: Vec<(Share, u128)>,
}

type Code = u16;

impl ContractModel {
    /// A contract right after the match of a block whose parent's time is `now`.
    pub fn new(contract: &Contract, slot: u64, params: &Params, now: u64) -> Self {
        let terms = params.contracts;
        let (start, end) = (contract.window.start.0, contract.window.end.0);
        let slots = (start..end).step_by(usize::try_from(slot).expect("a short slot"));
        Self {
            terms,
            refund_span: params.refund_span.0,
            buyer: contract.buyer,
            seller: contract.seller,
            slot_price: u128::from(contract.price.0) * u128::from(contract.quantity.0),
            times: (start, end, slot),
            state: ContractState::Matched,
            due: (now + terms.stage_grace.0).clamp(start, end),
            slots: slots.map(|_| Slot::Ahead).collect(),
            paid: 0,
            refunded: 0,
            refund_until: None,
            posted: false,
            notice: match contract.kind {
                Kind::Firm => None,
                Kind::Interruptible { notice } => Some(notice.0),
            },
            reclaimed: None,
            user: contract.user,
            brokers: [(contract.brokers.buyer, 0), (contract.brokers.seller, 0)],
            commission: 0,
            shares: contract.split.iter().map(|share| (share, 0)).collect(),
        }
    }

    /// What the buyer has set aside for it.
    pub fn held(&self) -> u128 {
        let needed = self.count(Slot::Ahead) + self.count(Slot::Paid);
        if self.is_closed() { 0 } else { needed * self.slot_price - self.paid }
    }

    /// What the seller has of it: less than nothing where it gives back what others had parts of.
    pub fn earned(&self) -> i128 {
        let brokered: u128 = self.brokers.iter().map(|(_, got)| got).sum();
        let shared: u128 = self.shares.iter().map(|(_, got)| got).sum();
        let sum = |units: u128| i128::try_from(units).expect("a small sum");
        sum(self.paid) - sum(self.refunded + self.commission + brokered + shared)
    }

    /// What `account` got as a broker or out of the seller's split.
    pub fn brought(&self, account: AccountId) -> u128 {
        let brokers = self.brokers.iter().filter(|(broker, _)| *broker == Some(account));
        let shares = self.shares.iter().filter(|(share, _)| share.account == account);
        brokers.map(|(_, got)| got).chain(shares.map(|(_, got)| got)).sum()
    }

    /// Of so much that the seller keeps: the commission, and the parts of buyer's and seller's broker in it.
    fn parts(&self, kept: u128) -> [u128; 3] {
        let commission = kept * u128::from(self.terms.commission_bps) / 10_000;
        let one = u128::from(self.terms.broker_bps);
        let [(buyers, _), (sellers, _)] = self.brokers;
        let (of_buyer, of_seller) = match (buyers.is_some(), sellers.is_some()) {
            (false, false) => (0, 0),
            (true, false) => (commission * one / 10_000, 0),
            (false, true) => (0, commission * one / 10_000),
            (true, true) => {
                let both = commission * 2 * one / 10_000;
                (both - both / 2, both / 2)
            }
        };
        [commission, of_buyer, of_seller]
    }

    /// All that was paid is now so much.
    fn pay(&mut self, paid: u128) {
        let before = self.parts(self.paid - self.refunded);
        let proceeds = paid - self.paid;
        self.paid = paid;
        let after = self.parts(self.paid - self.refunded);
        let [commission, buyers, sellers] = [0, 1, 2].map(|part| after[part] - before[part]);
        self.brokers[0].1 += buyers;
        self.brokers[1].1 += sellers;
        self.commission += commission - buyers - sellers;
        for (share, got) in &mut self.shares {
            *got += (proceeds - commission) * u128::from(share.bps) / 10_000;
        }
    }

    /// The treasury gives back what it has of the commission, and brokers nothing.
    fn give_back(&mut self, amount: u128) {
        self.refunded += amount;
        let [commission, buyers, sellers] = self.parts(self.paid - self.refunded);
        self.commission = commission - buyers - sellers;
    }

    /// The seller gives back `amount`, of which it has enough, in a block whose parent's time is `now`.
    ///
    /// # Errors
    /// The code with which it is refused.
    pub fn refund(&mut self, now: u64, sender: AccountId, amount: u128) -> Result<(), Code> {
        if amount == 0 {
            return Err(20);
        }
        if self.paid == 0 || self.refund_until.is_some_and(|until| until <= now) {
            return Err(110);
        }
        if sender != self.seller {
            return Err(111);
        }
        if self.refunded + amount > self.paid {
            return Err(112);
        }
        self.give_back(amount);
        Ok(())
    }

    /// True when it is over.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, ContractState::Closed(_))
    }

    /// What a block does whose parent's time is `now`, before its transactions.
    pub fn begin_block(&mut self, now: u64) {
        if !self.is_closed() && now >= self.due {
            self.fall_due(now);
            self.note_end(now);
        }
    }

    fn note_end(&mut self, now: u64) {
        self.refund_until = self.is_closed().then_some(now + self.refund_span);
    }

    fn fall_due(&mut self, now: u64) {
        match self.state {
            ContractState::Matched => {
                self.pay_booking();
                self.close(ContractClosed::BuyerLate);
            }
            ContractState::Staging => self.close(ContractClosed::NoShow),
            ContractState::Ready => self.activate(),
            ContractState::Active | ContractState::Reclaiming => {
                self.pay_passed(now);
                self.wait_or_end(now);
            }
            ContractState::Ended if self.posted => self.sign_off_from(now),
            ContractState::Ended => self.close(ContractClosed::NoResult),
            ContractState::SignOff => {
                self.pay_back();
                self.close(ContractClosed::Silence);
            }
            ContractState::Disputed => self.close(ContractClosed::Rejected),
            ContractState::Closed(_) => {}
        }
    }

    /// What an act of `sender` does in a block whose parent's time is `now`.
    ///
    /// # Errors
    /// The code with which it is refused.
    pub fn act(&mut self, now: u64, sender: AccountId, act: &ContractAct) -> Result<(), Code> {
        if self.is_closed() {
            return Err(150);
        }
        let sells = sender == self.seller;
        let buys = sender == self.buyer || (self.user == Some(sender) && !sells);
        if !buys && !sells {
            return Err(151);
        }
        let of_buyer = matches!(
            act,
            ContractAct::StageReady(_) | ContractAct::SignOff { .. } | ContractAct::EndEarly
        );
        let of_seller = matches!(
            act,
            ContractAct::HostReady { .. } | ContractAct::ResultPost(_) | ContractAct::ReclaimStart
        );
        if of_buyer && !buys {
            return Err(152);
        }
        if of_seller && !sells {
            return Err(153);
        }
        let mut after = self.clone();
        if !after.take(now, buys, act) {
            return Err(154);
        }
        if *act == ContractAct::ReclaimStart && self.notice.is_none() {
            return Err(156);
        }
        let active = [ContractState::Active, ContractState::Reclaiming].contains(&self.state);
        let end = if active { self.reclaimed.unwrap_or(self.times.1) } else { self.due };
        if now >= end {
            return Err(155);
        }
        *self = after;
        self.note_end(now);
        Ok(())
    }

    /// Does it; false when it is not the time for it.
    fn take(&mut self, now: u64, buys: bool, act: &ContractAct) -> bool {
        use ContractState::{
            Active, Disputed, Ended, Matched, Ready, Reclaiming, SignOff, Staging,
        };
        match (self.state, act) {
            (
                Matched | Staging | Ready | Active | Reclaiming,
                ContractAct::EndpointPublish { .. },
            ) => {}
            (Active, ContractAct::ReclaimStart) => {
                let end = (now + self.notice.unwrap_or(0)).min(self.times.1);
                self.reclaimed = Some(end);
                // What would end later is not paid.
                let whole = self.passed(end);
                let later = self.slots[whole..].iter_mut();
                later.filter(|slot| **slot == Slot::Ahead).for_each(|slot| *slot = Slot::Dropped);
                self.state = Reclaiming;
                self.wait();
            }
            (Matched, ContractAct::StageReady(_)) => {
                let (start, end, _) = self.times;
                self.due = (start.max(now) + self.terms.ready_grace.0).min(end);
                self.state = Staging;
            }
            (Staging, ContractAct::HostReady { .. }) if now < self.times.0 => {
                (self.state, self.due) = (Ready, self.times.0);
            }
            (Staging, ContractAct::HostReady { .. }) => {
                for slot in 0..self.passed(now) {
                    self.slots[slot] = Slot::Missed;
                }
                self.activate();
            }
            (Active | Reclaiming, ContractAct::ResultPost(result)) => {
                self.posted = true;
                if result.extent == Extent::Whole {
                    self.pay_passed(now);
                    self.drop_rest();
                    self.sign_off_from(now);
                }
            }
            (Ended, ContractAct::ResultPost(_)) => {
                self.posted = true;
                self.sign_off_from(now);
            }
            (Ended | SignOff | Disputed, ContractAct::SignOff { verdict: Verdict::Accept }) => {
                self.pay_back();
                self.close(ContractClosed::Accepted);
            }
            (SignOff, ContractAct::SignOff { verdict: Verdict::Reject }) => {
                (self.state, self.due) = (Disputed, now + self.terms.dispute_span.0);
            }
            (Active | Reclaiming, ContractAct::EndEarly) => {
                self.pay_running(now);
                self.end(now);
            }
            (_, ContractAct::Abort) => return self.abort(now, buys),
            _ => return false,
        }
        true
    }

    fn abort(&mut self, now: u64, buys: bool) -> bool {
        let active = matches!(self.state, ContractState::Active | ContractState::Reclaiming);
        let before = self.state < ContractState::Active;
        if buys && !before && !active {
            return false;
        }
        match (buys, active) {
            (true, true) => {
                self.pay_running(now);
                self.pay_back();
            }
            (true, false) => self.pay_booking(),
            (false, true) => self.pay_passed(now),
            (false, false) => {}
        }
        let by = [ContractClosed::AbortedBySeller, ContractClosed::AbortedByBuyer];
        self.close(by[usize::from(buys)]);
        true
    }

    fn passed(&self, now: u64) -> usize {
        let (start, _, slot) = self.times;
        (0..self.slots.len()).filter(|index| start + (*index as u64 + 1) * slot <= now).count()
    }

    fn pay_passed(&mut self, now: u64) {
        self.pay_slots(self.passed(now));
    }

    fn pay_running(&mut self, now: u64) {
        self.pay_slots((self.passed(now) + 1).min(self.slots.len()));
    }

    fn pay_slots(&mut self, until: usize) {
        let ahead = self.slots[..until].iter_mut().filter(|slot| **slot == Slot::Ahead);
        ahead.for_each(|slot| *slot = Slot::Paid);
        let earned = self.count(Slot::Paid) * self.slot_price;
        self.pay(earned - earned * u128::from(self.terms.holdback_bps) / 10_000);
    }

    fn pay_back(&mut self) {
        self.pay(self.count(Slot::Paid) * self.slot_price);
    }

    fn pay_booking(&mut self) {
        let total = self.slots.len() as u128 * self.slot_price;
        self.pay(total * u128::from(self.terms.booking_bps) / 10_000);
    }

    fn activate(&mut self) {
        self.state = ContractState::Active;
        self.wait();
    }

    fn wait(&mut self) {
        let next = self.slots.iter().position(|slot| *slot == Slot::Ahead);
        let end_of_next = next.map(|next| self.times.0 + (next as u64 + 1) * self.times.2);
        self.due = end_of_next.or(self.reclaimed).expect("one is ahead, or a notice given");
    }

    fn wait_or_end(&mut self, now: u64) {
        let over = match self.reclaimed {
            Some(end) => end <= now,
            None => self.count(Slot::Ahead) == 0,
        };
        if over { self.end(now) } else { self.wait() }
    }

    fn end(&mut self, now: u64) {
        self.drop_rest();
        (self.state, self.due) = (ContractState::Ended, now + self.terms.result_grace.0);
    }

    fn sign_off_from(&mut self, now: u64) {
        (self.state, self.due) = (ContractState::SignOff, now + self.terms.sign_off_grace.0);
    }

    fn drop_rest(&mut self) {
        let ahead = self.slots.iter_mut().filter(|slot| **slot == Slot::Ahead);
        ahead.for_each(|slot| *slot = Slot::Dropped);
    }

    const fn close(&mut self, reason: ContractClosed) {
        self.state = ContractState::Closed(reason);
    }

    fn count(&self, kind: Slot) -> u128 {
        self.slots.iter().filter(|slot| **slot == kind).count() as u128
    }
}
