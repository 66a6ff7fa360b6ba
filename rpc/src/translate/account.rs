//! Accounts: what stands in them, who signs for them, and their agents.

use chain::account::{Account, AccountId, AccountStatus};
use chain::agent::{Agent, Scope, Scopes};
use chain::amount::Amount;
use chain::height::Nonce;
use chain::name::Name;
use chain::signers::Signers;

use super::Translator;
use crate::types::{AccountView, AgentView, ScopeView, SignersView};

/// An account with all that is kept of it.
#[derive(Clone, Copy, Debug)]
pub struct AccountFacts<'a> {
    /// Which it is.
    pub id: AccountId,
    /// What stands in it.
    pub account: Account,
    /// The nonce of its next transaction after those that wait.
    pub next: Nonce,
    /// What it is called.
    pub name: Option<Name>,
    /// The keys that sign for it in place of its own.
    pub signers: Option<&'a Signers>,
}

impl Translator {
    /// An account.
    pub fn account_view(&self, facts: &AccountFacts<'_>) -> AccountView {
        let AccountFacts { id, account, next, name, signers } = *facts;
        AccountView {
            address: self.address(id),
            name: name.map(Into::into),
            amount: account.cash.into(),
            held: account.held.into(),
            balance: account.available().into(),
            credit: Amount::ZERO.into(),
            available: account.available().into(),
            nonce: account.nonce.0,
            next_nonce: next.0,
            orders: account.orders,
            signers: signers.map(Into::into),
            frozen: account.status == AccountStatus::Frozen,
        }
    }

    /// What an account granted to a key.
    pub fn agent(&self, agent: &Agent) -> AgentView {
        AgentView {
            account: self.address(agent.account),
            key: agent.key.into(),
            scopes: scopes(agent.scopes),
            cap: agent.cap.into(),
            spent: agent.spent.into(),
            expires: agent.expires.0,
        }
    }
}

/// What an agent may do.
pub(super) fn scopes(scopes: Scopes) -> Vec<ScopeView> {
    scopes.iter().map(Into::into).collect()
}

impl From<&Signers> for SignersView {
    fn from(signers: &Signers) -> Self {
        let keys = signers.keys().iter().copied().map(Into::into).collect();
        Self { threshold: signers.threshold(), keys }
    }
}

impl From<Scope> for ScopeView {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Pay => Self::Pay,
            Scope::Hold => Self::Hold,
            Scope::Trade => Self::Trade,
            Scope::Channel => Self::Channel,
            Scope::Refund => Self::Refund,
            Scope::Host => Self::Host,
        }
    }
}
