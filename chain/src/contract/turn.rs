//! Whose turn it is in a contract: who may do what, in which states and until when. The runtime refuses by this
//! table, and clients ask it before they sign.

use super::{Contract, ContractAct, ContractState, Verdict};
use crate::account::AccountId;
use crate::conditions::Kind;
use crate::time::Time;

/// The part that an account has in a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// It pays.
    Buyer,
    /// It is paid.
    Seller,
}

impl Party {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Buyer, Self::Seller];
}

/// An act in a contract, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActKind {
    /// Says where a party can be reached.
    EndpointPublish,
    /// Says that code and data are ready.
    StageReady,
    /// Says that the seller is ready to run them.
    HostReady,
    /// Posts a result.
    ResultPost,
    /// Signs off: it is as agreed.
    Accept,
    /// Signs off: it is not.
    Reject,
    /// Ends the slots.
    EndEarly,
    /// Gives up what a party still has to expect.
    Abort,
    /// Takes back what is left of the window.
    ReclaimStart,
}

/// Why an act is refused, in order: the first that holds is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfTurn {
    /// The account has no part in the contract.
    NotParty,
    /// The buyer alone does this.
    NotBuyer,
    /// The seller alone does this.
    NotSeller,
    /// It is not for this state.
    State,
    /// The contract is firm.
    Firm,
    /// The time for it has passed.
    Late,
}

impl ActKind {
    /// All of them, in the order in which they come up.
    pub const ALL: [Self; 9] = [
        Self::StageReady,
        Self::HostReady,
        Self::ResultPost,
        Self::Accept,
        Self::Reject,
        Self::EndpointPublish,
        Self::EndEarly,
        Self::ReclaimStart,
        Self::Abort,
    ];

    /// Who alone may do it; none where either may.
    pub const fn only_by(self) -> Option<Party> {
        match self {
            Self::EndpointPublish | Self::Abort => None,
            Self::StageReady | Self::Accept | Self::Reject | Self::EndEarly => Some(Party::Buyer),
            Self::HostReady | Self::ResultPost | Self::ReclaimStart => Some(Party::Seller),
        }
    }

    /// The states in which `party` may, in the order in which they come.
    pub const fn states(self, party: Party) -> &'static [ContractState] {
        use ContractState::{
            Active, Disputed, Ended, Matched, Ready, Reclaiming, SignOff, Staging,
        };
        match (self, party) {
            (Self::EndpointPublish, _) | (Self::Abort, Party::Buyer) => {
                &[Matched, Staging, Ready, Active, Reclaiming]
            }
            (Self::StageReady, Party::Buyer) => &[Matched],
            (Self::HostReady, Party::Seller) => &[Staging],
            (Self::ResultPost, Party::Seller) => &[Active, Reclaiming, Ended],
            (Self::Accept, Party::Buyer) => &[Ended, SignOff, Disputed],
            (Self::Reject, Party::Buyer) => &[SignOff],
            (Self::EndEarly, Party::Buyer) => &[Active, Reclaiming],
            (Self::ReclaimStart, Party::Seller) => &[Active],
            (Self::Abort, Party::Seller) => {
                &[Matched, Staging, Ready, Active, Reclaiming, Ended, SignOff, Disputed]
            }
            (Self::StageReady | Self::Accept | Self::Reject | Self::EndEarly, Party::Seller)
            | (Self::HostReady | Self::ResultPost | Self::ReclaimStart, Party::Buyer) => &[],
        }
    }
}

impl ContractAct {
    /// What kind of act it is.
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::EndpointPublish { .. } => ActKind::EndpointPublish,
            Self::StageReady(_) => ActKind::StageReady,
            Self::HostReady { .. } => ActKind::HostReady,
            Self::ResultPost(_) => ActKind::ResultPost,
            Self::SignOff { verdict: Verdict::Accept } => ActKind::Accept,
            Self::SignOff { verdict: Verdict::Reject } => ActKind::Reject,
            Self::EndEarly => ActKind::EndEarly,
            Self::Abort => ActKind::Abort,
            Self::ReclaimStart => ActKind::ReclaimStart,
        }
    }
}

impl Contract {
    /// The part that `account` has in it, if any.
    pub fn party(&self, account: AccountId) -> Option<Party> {
        match account {
            account if account == self.buyer => Some(Party::Buyer),
            account if account == self.seller => Some(Party::Seller),
            // Who uses what the buyer pays for acts as the buyer does.
            account if self.user == Some(account) => Some(Party::Buyer),
            _ => None,
        }
    }

    /// Until when its parties may act in its state: its next deadline, but while its slots pass the end of those.
    pub const fn turn_ends(&self) -> Time {
        if self.state.is_active() { self.ends } else { self.due }
    }

    /// Checks that `account` may do this once the parent's time is `now`, and says which part it has.
    ///
    /// # Errors
    /// [`OutOfTurn`], the first that holds.
    pub fn check_turn(
        &self,
        account: AccountId,
        act: ActKind,
        now: Time,
    ) -> Result<Party, OutOfTurn> {
        let party = self.party(account).ok_or(OutOfTurn::NotParty)?;
        self.check_act(party, act)?;
        if now >= self.turn_ends() { Err(OutOfTurn::Late) } else { Ok(party) }
    }

    /// What its parties may do in its state, until [`Contract::turn_ends`].
    pub fn possible_acts(&self) -> impl Iterator<Item = (Party, ActKind)> {
        let all = Party::ALL.into_iter().flat_map(|party| ActKind::ALL.map(|act| (party, act)));
        all.filter(|(party, act)| self.check_act(*party, *act).is_ok())
    }

    fn check_act(&self, party: Party, act: ActKind) -> Result<(), OutOfTurn> {
        match act.only_by() {
            Some(Party::Buyer) if party != Party::Buyer => Err(OutOfTurn::NotBuyer),
            Some(Party::Seller) if party != Party::Seller => Err(OutOfTurn::NotSeller),
            _ if !act.states(party).contains(&self.state) => Err(OutOfTurn::State),
            _ if act == ActKind::ReclaimStart && self.kind == Kind::Firm => Err(OutOfTurn::Firm),
            _ => Ok(()),
        }
    }
}
