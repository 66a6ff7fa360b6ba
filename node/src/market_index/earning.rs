//! Earnings: what an account was paid out of the contracts, channels and holds of others, day by day.
//!
//! A payment out of a hold is reported before what it belongs to: `HoldCaptured`, what was taken and passed on of it,
//! then `ContractPaid` or `ChannelClosed`; where neither follows, it was a user's hold.

use borsh::{BorshDeserialize, BorshSerialize};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::event::Event;
use chain::id::ObjectId;
use chain::time::Time;

use super::candle::Interval;

/// What an account earned in a day from one contract, channel or hold, in base units. Sums stop at the largest amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Earning {
    /// Paid to it.
    pub gross: Amount,
    /// Passed on to it by the seller, as its share.
    pub received: Amount,
    /// Passed on by it to others, as theirs.
    pub shared: Amount,
    /// Taken of it by the treasury.
    pub commission: Amount,
    /// Returned of that.
    pub returned: Amount,
    /// Given back by it to whoever had paid.
    pub refunded: Amount,
    /// How often it was paid.
    pub payments: u64,
}

impl Earning {
    /// Both together.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        let sum = |one: Amount, other: Amount| one.checked_add(other).unwrap_or(Amount::MAX);
        Self {
            gross: sum(self.gross, other.gross),
            received: sum(self.received, other.received),
            shared: sum(self.shared, other.shared),
            commission: sum(self.commission, other.commission),
            returned: sum(self.returned, other.returned),
            refunded: sum(self.refunded, other.refunded),
            payments: self.payments.saturating_add(other.payments),
        }
    }
}

/// Who earned on which day, and from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The start of the day, in UTC.
    pub day: Time,
    /// The contract, channel or hold.
    pub of: ObjectId,
}

/// Bytes of an account, a day and a source.
pub(super) const KEY_BYTES: usize = 20 + 8 + 32;

impl Source {
    /// Of `of`, on the day that `time` lies in.
    const fn at(time: Time, of: ObjectId) -> Self {
        Self { day: Interval::Day.start(time), of }
    }

    /// The key of what `account` earned so.
    pub(super) fn key(self, account: AccountId) -> [u8; KEY_BYTES] {
        let mut key = [0; KEY_BYTES];
        key[..20].copy_from_slice(&account.0);
        key[20..28].copy_from_slice(&self.day.0.to_be_bytes());
        key[28..].copy_from_slice(&self.of.0);
        key
    }

    /// What has this key, but for the account.
    pub(super) fn of_key(key: &[u8]) -> Option<Self> {
        let (day, of) = key.get(20..)?.split_first_chunk()?;
        Some(Self { day: Time(u64::from_be_bytes(*day)), of: ObjectId(of.try_into().ok()?) })
    }
}

/// A payment out of a hold of which it is not known yet what it belongs to.
struct Captured {
    hold: ObjectId,
    to: AccountId,
    amount: Amount,
    shares: Vec<(AccountId, Amount)>,
}

/// Reads the events of a block of `time` in their order, and tells `add` who earned what.
pub(super) fn earnings<'a, E>(
    time: Time,
    events: impl Iterator<Item = &'a Event>,
    mut add: impl FnMut(AccountId, Source, Earning) -> Result<(), E>,
) -> Result<(), E> {
    let mut open: Option<Captured> = None;
    for event in events {
        let (account, of, earning) = match event {
            Event::HoldCaptured { hold, to, amount, .. } => {
                let captured =
                    Captured { hold: *hold, to: *to, amount: *amount, shares: Vec::new() };
                if let Some(before) = open.replace(captured) {
                    of_hold(time, &before, &mut add)?;
                }
                continue;
            }
            Event::Transferred { from, to, amount } => {
                let open = open.as_mut().filter(|captured| captured.to == *from);
                open.into_iter().for_each(|captured| captured.shares.push((*to, *amount)));
                continue;
            }
            Event::ContractPaid { contract, .. } => {
                if let Some(captured) = open.take() {
                    of_contract(time, *contract, &captured, &mut add)?;
                }
                continue;
            }
            Event::ChannelClosed { channel, captured, .. } if !captured.is_zero() => {
                let Some(Captured { to, amount, .. }) = open.take() else { continue };
                (to, *channel, Earning { gross: amount, payments: 1, ..Earning::default() })
            }
            Event::CommissionTaken { of, from, amount } => {
                (*from, *of, Earning { commission: *amount, ..Earning::default() })
            }
            Event::CommissionReturned { of, to, amount } => {
                (*to, *of, Earning { returned: *amount, ..Earning::default() })
            }
            Event::Refunded { of, from, amount, .. } => {
                (*from, *of, Earning { refunded: *amount, ..Earning::default() })
            }
            _ => continue,
        };
        add(account, Source::at(time, of), earning)?;
    }
    open.map_or(Ok(()), |captured| of_hold(time, &captured, &mut add))
}

/// It was a user's hold.
fn of_hold<E>(
    time: Time,
    captured: &Captured,
    add: &mut impl FnMut(AccountId, Source, Earning) -> Result<(), E>,
) -> Result<(), E> {
    let earning = Earning { gross: captured.amount, payments: 1, ..Earning::default() };
    add(captured.to, Source::at(time, captured.hold), earning)
}

/// It was a contract's, whose seller may have passed on parts of it.
fn of_contract<E>(
    time: Time,
    contract: ObjectId,
    captured: &Captured,
    add: &mut impl FnMut(AccountId, Source, Earning) -> Result<(), E>,
) -> Result<(), E> {
    let source = Source::at(time, contract);
    let earning = Earning { gross: captured.amount, payments: 1, ..Earning::default() };
    add(captured.to, source, earning)?;
    for (account, amount) in &captured.shares {
        add(captured.to, source, Earning { shared: *amount, ..Earning::default() })?;
        add(*account, source, Earning { received: *amount, ..Earning::default() })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use chain::hold::HoldClosed;

    use super::*;

    const SELLER: AccountId = AccountId([1; 20]);
    const BUYER: AccountId = AccountId([2; 20]);
    const FRIEND: AccountId = AccountId([3; 20]);
    const DAY: u64 = 86_400_000;

    fn id(byte: u8) -> ObjectId {
        ObjectId([byte; 32])
    }

    fn captured(hold: u8, amount: u64) -> Event {
        let amount = Amount::from_u64(amount);
        Event::HoldCaptured { hold: id(hold), from: BUYER, to: SELLER, amount, cumulative: amount }
    }

    fn transferred(to: AccountId, amount: u64) -> Event {
        Event::Transferred { from: SELLER, to, amount: Amount::from_u64(amount) }
    }

    fn paid(contract: u8, amount: u64) -> Event {
        let (buyer, seller, amount) = (BUYER, SELLER, Amount::from_u64(amount));
        Event::ContractPaid { contract: id(contract), buyer, seller, slots_paid: 1, amount }
    }

    fn closed(hold: u8) -> Event {
        let (owner, returned) = (BUYER, Amount::ZERO);
        Event::HoldClosed { hold: id(hold), owner, returned, reason: HoldClosed::Spent }
    }

    fn channel_closed(channel: u8, amount: u64) -> Event {
        let captured = Amount::from_u64(amount);
        Event::ChannelClosed { channel: id(channel), captured, returned: Amount::ZERO }
    }

    /// Who earned from what, and gross, received and shared of it.
    fn told(events: &[Event]) -> Vec<(AccountId, u8, [u128; 3])> {
        let mut told = Vec::new();
        let time = Time(3 * DAY + 5);
        let done: Result<(), ()> = earnings(time, events.iter(), |account, source, earning| {
            assert_eq!(source.day, Time(3 * DAY));
            let Earning { gross, received, shared, .. } = earning;
            let sums = [gross, received, shared].map(Amount::base_units);
            told.push((account, source.of.0[0], sums));
            Ok(())
        });
        assert_eq!(done, Ok(()));
        told
    }

    #[test]
    fn payments_belong_to_what_is_reported_after_them() {
        let events = [
            captured(1, 10),
            closed(1),
            captured(2, 20),
            paid(9, 20),
            captured(3, 30),
            closed(3),
            channel_closed(8, 30),
            captured(4, 40),
        ];
        let expected = [(1, 10), (9, 20), (8, 30), (4, 40)];
        let expected = expected.map(|(of, gross)| (SELLER, of, [gross, 0, 0]));
        assert_eq!(told(&events), expected);
    }

    #[test]
    fn channel_that_paid_nothing_takes_no_payment_of_others() {
        let events = [captured(1, 10), closed(1), closed(3), channel_closed(8, 0)];
        assert_eq!(told(&events), [(SELLER, 1, [10, 0, 0])]);
    }

    #[test]
    fn shares_are_passed_on_by_contracts_alone() {
        let events = [
            transferred(FRIEND, 1),
            captured(1, 100),
            transferred(FRIEND, 25),
            paid(9, 100),
            captured(2, 10),
            transferred(FRIEND, 7),
        ];
        let expected = [
            (SELLER, 9, [100, 0, 0]),
            (SELLER, 9, [0, 0, 25]),
            (FRIEND, 9, [0, 25, 0]),
            (SELLER, 2, [10, 0, 0]),
        ];
        assert_eq!(told(&events), expected);
    }

    #[test]
    fn keys_lead_back_to_day_and_source() {
        let source = Source { day: Time(3 * DAY), of: id(7) };
        assert_eq!(Source::of_key(&source.key(SELLER)), Some(source));
        assert_eq!(Source::of_key(&[0; 59]), None);
    }
}
