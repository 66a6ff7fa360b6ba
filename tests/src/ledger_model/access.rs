//! Who may act for an account in the naive ledger: names, sets of keys, and agents.

use chain::account::AccountId;
use chain::agent::{Scope, Scopes};
use chain::keys::PublicKey;
use chain::name::Name;
use chain::operation::Operation;
use chain::signers::Signers;
use chain::transaction::VerifiedTransaction;

use super::{Code, Model, check};

/// What an account granted to a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Whose money it may move.
    pub account: AccountId,
    /// The key.
    pub key: PublicKey,
    /// What it may do.
    pub scopes: Scopes,
    /// How much in all.
    pub cap: u128,
    /// How much of that is used up.
    pub spent: u128,
    /// Until when.
    pub expires: u64,
}

impl Model {
    /// Ends what was granted until now.
    pub(super) fn expire_agents(&mut self) {
        let now = self.parent_time;
        while let Some(index) = self.agents.iter().position(|agent| agent.expires <= now) {
            self.end_agent(index);
        }
    }

    /// Who acts: `None` when those who signed may not; otherwise the place of the agent, if it is one.
    pub(super) fn actor(&self, verified: &VerifiedTransaction) -> Option<Option<usize>> {
        let sender = verified.transaction().sender;
        let keys: Vec<PublicKey> = verified.signers().copied().collect();
        let in_person = match self.signers.iter().find(|(account, _)| *account == sender) {
            Some((_, signers)) => {
                keys.len() == usize::from(signers.threshold())
                    && keys.iter().all(|key| signers.keys().contains(key))
            }
            None => keys.len() == 1 && AccountId::of_key(&keys[0]) == sender,
        };
        if in_person {
            return Some(None);
        }
        let is = |agent: &Agent| agent.account == sender && keys == [agent.key];
        self.agents.iter().position(is).map(Some)
    }

    /// True when an agent's transaction with this fee passes the door.
    pub(super) fn agent_may(&self, agent: usize, operations: &[Operation], fee: u128) -> bool {
        let agent = &self.agents[agent];
        let (mut named, mut allowed) = (fee, true);
        for operation in operations {
            let (scope, amount) = match operation {
                Operation::Transfer { amount, .. } => (Scope::Pay, amount.base_units()),
                Operation::HoldOpen { amount, .. } => (Scope::Hold, amount.base_units()),
                Operation::HoldCapture { .. } | Operation::HoldRelease { .. } => (Scope::Hold, 0),
                Operation::ChannelOpen { amount, .. } => (Scope::Channel, amount.base_units()),
                Operation::VoucherSubmit { .. }
                | Operation::CloseByPayee { .. }
                | Operation::CloseByPayer { .. } => (Scope::Channel, 0),
                Operation::Refund { amount, .. } => (Scope::Refund, amount.base_units()),
                _ => return false,
            };
            named += amount;
            allowed &= agent.scopes.contains(scope);
        }
        allowed && named <= agent.cap - agent.spent
    }

    /// Counts `amount` towards an agent's cap.
    pub(super) fn use_up(&mut self, agent: usize, amount: u128) -> Result<(), Code> {
        let agent = &mut self.agents[agent];
        agent.spent += amount;
        check(agent.spent <= agent.cap, 11)
    }

    pub(super) fn rename(&mut self, account: AccountId, name: Option<Name>) -> Result<(), Code> {
        let before = self.names.iter().position(|(owner, _)| *owner == account);
        check(name != before.map(|index| self.names[index].1), 121)?;
        check(self.names.iter().all(|(_, taken)| Some(*taken) != name), 120)?;
        self.deposit_for(account, before.is_some(), name.is_some(), |it| it.name)?;
        self.names.retain(|(owner, _)| *owner != account);
        self.names.extend(name.map(|name| (account, name)));
        Ok(())
    }

    pub(super) fn set_keys(&mut self, account: AccountId, signers: &Signers) -> Result<(), Code> {
        let own = matches!(signers.keys(), [key] if AccountId::of_key(key) == account);
        let before = self.signers.iter().find(|(owner, _)| *owner == account);
        check(before.is_none_or(|(_, before)| before != signers), 131)?;
        check(before.is_some() || !own, 131)?;
        self.deposit_for(account, before.is_some(), !own, |it| it.keys)?;
        self.signers.retain(|(owner, _)| *owner != account);
        if !own {
            self.signers.push((account, signers.clone()));
        }
        Ok(())
    }

    pub(super) fn grant(&mut self, agent: Agent) -> Result<(), Code> {
        check(agent.cap > 0, 20)?;
        let same = |it: &Agent| it.account == agent.account && it.key == agent.key;
        check(!self.agents.iter().any(same), 140)?;
        check(agent.expires > self.parent_time, 142)?;
        self.deposit_for(agent.account, false, true, |it| it.agent)?;
        self.agents.push(agent);
        Ok(())
    }

    pub(super) fn revoke(&mut self, account: AccountId, key: PublicKey) -> Result<(), Code> {
        let is = |agent: &Agent| agent.account == account && agent.key == key;
        let index = self.agents.iter().position(is).ok_or(141_u16)?;
        self.end_agent(index);
        Ok(())
    }

    fn end_agent(&mut self, index: usize) {
        let account = self.agents.remove(index).account;
        self.account_mut(account).held -= self.params.deposits.agent.base_units();
    }

    /// Holds or frees the deposit of something that an account had, or has from now on.
    fn deposit_for(
        &mut self,
        account: AccountId,
        had: bool,
        has: bool,
        deposit: fn(&chain::params::Deposits) -> chain::amount::Amount,
    ) -> Result<(), Code> {
        let deposit = deposit(&self.params.deposits).base_units();
        if !had && has {
            check(deposit <= self.available(account), 22)?;
            self.account_mut(account).held += deposit;
        }
        if had && !has {
            self.account_mut(account).held -= deposit;
        }
        Ok(())
    }
}
