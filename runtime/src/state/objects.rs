//! What a view finds under each kind of key.

use std::collections::BTreeMap;

use chain::account::{Account, AccountId};
use chain::agent::Agent;
use chain::authority_set::AuthoritySet;
use chain::captured::Captured;
use chain::channel::Channel;
use chain::contract::Contract;
use chain::hold::Hold;
use chain::host::{Host, Pool, PoolId};
use chain::id::ObjectId;
use chain::market::{Market, MarketId};
use chain::name::{Name, NameUse};
use chain::order::Order;
use chain::params::Params;
use chain::proposal::Proposal;
use chain::quote::QuoteUse;
use chain::signers::{SignerSet, Signers};
use chain::standing::Standing;
use chain::state::{Key, Object};
use chain::supply::Supply;
use chain::switch::CancelSwitch;

use super::View;

impl<'a> View<'a> {
    /// The network's parameters.
    ///
    /// # Panics
    /// When the state has none: it was not made from a genesis.
    pub fn params(&self) -> &'a Params {
        let Some(Object::Params(params)) = self.get(&Key::Params) else {
            unreachable!("a genesis has parameters, and nothing removes them")
        };
        params
    }

    /// Who votes.
    ///
    /// # Panics
    /// When the state does not say: it was not made from a genesis.
    pub fn authorities(&self) -> &'a AuthoritySet {
        let Some(Object::Authorities(set)) = self.get(&Key::Authorities) else {
            unreachable!("a genesis has authorities, and there are always some")
        };
        set
    }

    /// All the money there is.
    ///
    /// # Panics
    /// When the state has no such object: it was not made from a genesis.
    pub fn supply(&self) -> Supply {
        let Some(Object::Supply(supply)) = self.get(&Key::Supply) else {
            unreachable!("a genesis has a supply, and nothing removes it")
        };
        *supply
    }

    /// An account.
    pub fn account(&self, id: &AccountId) -> Option<Account> {
        let Some(Object::Account(account)) = self.get(&Key::Account(*id)) else { return None };
        Some(*account)
    }

    /// A market.
    pub fn market(&self, id: MarketId) -> Option<&'a Market> {
        let Some(Object::Market(market)) = self.get(&Key::Market(id)) else { return None };
        Some(market)
    }

    /// The markets, which are numbered without a gap.
    pub fn markets(self) -> impl Iterator<Item = (MarketId, &'a Market)> {
        (0..).map(MarketId).map_while(move |id| self.market(id).map(|market| (id, market)))
    }

    /// A proposal that is not over.
    pub fn proposal(&self, id: &ObjectId) -> Option<&'a Proposal> {
        let Some(Object::Proposal(proposal)) = self.get(&Key::Proposal(*id)) else { return None };
        Some(proposal)
    }

    /// An open hold.
    pub fn hold(&self, id: &ObjectId) -> Option<Hold> {
        let Some(Object::Hold(hold)) = self.get(&Key::Hold(*id)) else { return None };
        Some(hold.as_ref().clone())
    }

    /// An open order.
    pub fn order(&self, id: &ObjectId) -> Option<&'a Order> {
        let Some(Object::Order(order)) = self.get(&Key::Order(*id)) else { return None };
        Some(order)
    }

    /// A contract that has not ended.
    pub fn contract(&self, id: &ObjectId) -> Option<&'a Contract> {
        let Some(Object::Contract(contract)) = self.get(&Key::Contract(*id)) else { return None };
        Some(contract)
    }

    /// A channel that has not ended.
    pub fn channel(&self, id: &ObjectId) -> Option<Channel> {
        let Some(Object::Channel(channel)) = self.get(&Key::Channel(*id)) else { return None };
        Some(**channel)
    }

    /// What an ended hold, contract or channel paid, for as long as it may be given back.
    pub fn captured(&self, id: &ObjectId) -> Option<Captured> {
        let Some(Object::Captured(captured)) = self.get(&Key::Captured(*id)) else { return None };
        Some(**captured)
    }

    /// The account that bears `name`.
    pub fn named(&self, name: &Name) -> Option<AccountId> {
        let Some(Object::Name(account)) = self.get(&Key::Name(*name)) else { return None };
        Some(*account)
    }

    /// What an account is called.
    pub fn name_of(&self, account: &AccountId) -> Option<Name> {
        self.name_use(account).map(|bears| bears.name)
    }

    /// The same, with what the account set aside for it.
    pub fn name_use(&self, account: &AccountId) -> Option<NameUse> {
        let Some(Object::NameOf(bears)) = self.get(&Key::NameOf(*account)) else { return None };
        Some(**bears)
    }

    /// The keys that sign for an account in place of its own.
    pub fn signers(&self, account: &AccountId) -> Option<&'a Signers> {
        self.signer_set(account).map(|set| &set.signers)
    }

    /// The same, with what the account set aside for it.
    pub fn signer_set(&self, account: &AccountId) -> Option<&'a SignerSet> {
        let Some(Object::Signers(set)) = self.get(&Key::Signers(*account)) else { return None };
        Some(set)
    }

    /// What an account granted to a key.
    pub fn agent(&self, id: &ObjectId) -> Option<Agent> {
        let Some(Object::Agent(agent)) = self.get(&Key::Agent(*id)) else { return None };
        Some(**agent)
    }

    /// When the orders of an account end: the switch of that name.
    pub fn switch(&self, id: &ObjectId) -> Option<CancelSwitch> {
        let Some(Object::CancelSwitch(switch)) = self.get(&Key::CancelSwitch(*id)) else {
            return None;
        };
        Some(*switch)
    }

    /// How much of a quote was accepted, for as long as more could be.
    pub fn quote_use(&self, id: &ObjectId) -> Option<QuoteUse> {
        let Some(Object::QuoteUse(quote_use)) = self.get(&Key::QuoteUse(*id)) else { return None };
        Some(**quote_use)
    }

    /// A host.
    pub fn host(&self, id: &ObjectId) -> Option<&'a Host> {
        let Some(Object::Host(host)) = self.get(&Key::Host(*id)) else { return None };
        Some(host)
    }

    /// What a host has to sell in a market.
    pub fn pool(&self, id: &PoolId) -> Option<&'a Pool> {
        let Some(Object::Pool(pool)) = self.get(&Key::Pool(*id)) else { return None };
        Some(pool)
    }

    /// The pools of `host`, in order of market.
    pub fn pools_of(&self, host: ObjectId) -> BTreeMap<PoolId, &'a Pool> {
        let pool = |market| Key::Pool(PoolId { host, market });
        let all = pool(MarketId(0))..=pool(MarketId(u32::MAX));
        let written = self.layers().flat_map(|changes| changes.objects.range(all.clone()));
        let keys = self.state.others.range(all.clone()).map(|(key, _)| key);
        let keys = keys.chain(written.map(|(key, _)| key));
        keys.filter_map(|key| if let Key::Pool(id) = key { Some(*id) } else { None })
            .filter_map(|id| self.pool(&id).map(|pool| (id, pool)))
            .collect()
    }

    /// A standing order.
    pub fn standing(&self, id: &ObjectId) -> Option<&'a Standing> {
        let Some(Object::Standing(standing)) = self.get(&Key::Standing(*id)) else { return None };
        Some(standing)
    }
}
