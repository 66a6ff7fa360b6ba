//! Agents: keys that may do some things for an account, up to a sum and for a time.

use std::io;

use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;
use crate::amount::Amount;
use crate::hash::{Domain, Hash};
use crate::id::ObjectId;
use crate::keys::PublicKey;
use crate::operation::Operation;
use crate::time::Time;

/// What an account has granted to a key besides its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Agent {
    /// Whose money it may move.
    pub account: AccountId,
    /// The key that signs.
    pub key: PublicKey,
    /// What it may do.
    pub scopes: Scopes,
    /// The most that it may move or set aside in all, fees included, in base units.
    pub cap: Amount,
    /// How much of that it has used; never falls.
    pub spent: Amount,
    /// When the grant ends.
    pub expires: Time,
    /// What its owner set aside for it, returned when it ends; in base units.
    pub deposit: Amount,
}

impl Agent {
    /// The name of what `account` grants to `key`.
    pub fn id(account: AccountId, key: &PublicKey) -> ObjectId {
        ObjectId(Hash::of(Domain::Agent, &[&account.0, &key.0]).0)
    }

    /// How much of the cap is left, in base units.
    pub fn left(&self) -> Amount {
        self.cap.checked_sub(self.spent).expect("no more is spent than the cap")
    }
}

/// Kinds of operation that an agent may be allowed. Keys, grants, names, withdrawals and what the cashier
/// does are in none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Scope {
    /// To transfer.
    Pay = 1,
    /// To open holds, and to capture and release them.
    Hold = 2,
    /// To place, amend and cancel orders, to pause and end standing ones, to sign and accept quotes, and to act
    /// in the contracts that come of them.
    Trade = 4,
    /// To open and close channels, and to bring vouchers.
    Channel = 8,
    /// To give back what was paid.
    Refund = 16,
    /// To register hosts and to say what they have to sell.
    Host = 32,
}

impl Scope {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 6] =
        [Self::Pay, Self::Hold, Self::Trade, Self::Channel, Self::Refund, Self::Host];

    /// The scope that `operation` is in, if any.
    pub const fn of(operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Transfer { .. } => Some(Self::Pay),
            Operation::HoldOpen { .. }
            | Operation::HoldCapture { .. }
            | Operation::HoldRelease { .. } => Some(Self::Hold),
            Operation::OrderPlace(_)
            | Operation::OrderCancel { .. }
            | Operation::OrderAmend { .. }
            | Operation::OrderCancelAll { .. }
            | Operation::CancelAt { .. }
            | Operation::Contract { .. }
            | Operation::QuoteAccept { .. }
            | Operation::Standing { .. } => Some(Self::Trade),
            Operation::ChannelOpen { .. }
            | Operation::VoucherSubmit { .. }
            | Operation::CloseByPayee { .. }
            | Operation::CloseByPayer { .. } => Some(Self::Channel),
            Operation::Refund { .. } => Some(Self::Refund),
            Operation::HostRegister { .. }
            | Operation::HostUpdate { .. }
            | Operation::HostClose { .. }
            | Operation::PoolSet { .. }
            | Operation::PoolBlackout { .. } => Some(Self::Host),
            // What a standing order spends later would be beyond the agent's cap.
            Operation::StandingPut(_)
            | Operation::Deposit { .. }
            | Operation::WithdrawRequest { .. }
            | Operation::WithdrawConfirm { .. }
            | Operation::WithdrawReject { .. }
            | Operation::AccountUpdate { .. }
            | Operation::KeySet { .. }
            | Operation::AgentGrant { .. }
            | Operation::AgentRevoke { .. }
            | Operation::Propose { .. }
            | Operation::Approve { .. }
            | Operation::Authority { .. } => None,
        }
    }

    const fn bit(self) -> u8 {
        #[expect(clippy::as_conversions, reason = "the discriminant is the bit")]
        {
            self as u8
        }
    }
}

/// Some scopes, at least one. One byte, a bit for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize)]
pub struct Scopes(u8);

impl Scopes {
    /// These scopes; `None` without any.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let bits = scopes.into_iter().fold(0, |bits, scope| bits | scope.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// True when `scope` is one of them.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The scopes, in the order of their bits.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl BorshDeserialize for Scopes {
    fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
        let bits = u8::deserialize_reader(reader)?;
        let scopes = Self::new(Self(bits).iter()).filter(|scopes| scopes.0 == bits);
        scopes.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not scopes of an agent"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{decode, encode};

    #[test]
    fn scopes_are_some_known_bits() {
        for bits in 1..=63 {
            let scopes = decode::<Scopes>(&[bits]).unwrap();
            assert_eq!(Scopes::new(scopes.iter()), Some(scopes));
            assert_eq!(encode(&scopes), [bits]);
        }
        for bits in [0, 64, 65, 255] {
            assert!(decode::<Scopes>(&[bits]).is_err(), "{bits}");
        }
        let some = Scopes::new([Scope::Trade, Scope::Pay]).unwrap();
        assert_eq!(some.iter().collect::<Vec<_>>(), [Scope::Pay, Scope::Trade]);
        assert!(!some.contains(Scope::Hold));
    }

    #[test]
    fn grants_are_named_by_account_and_key() {
        let (account, key) = (AccountId([1; 20]), PublicKey([2; 32]));
        let id = Agent::id(account, &key);
        assert_ne!(id, Agent::id(AccountId([2; 20]), &key));
        assert_ne!(id, Agent::id(account, &PublicKey([1; 32])));
    }
}
