//! What a command works with: settings, output, the keystore and, where it needs one, a node of the
//! right chain.

use std::time::Duration;

use chain::account::AccountId;
use chain::address::{self, AddressInvalid, Network};
use chain::amount::Amount;
use chain::quantity::Price;
use chain::time::Time;
use chain::token::Token;
use rpc::client::Client;
use rpc::methods::ChainStatus;
use rpc::text::{Address, Text};
use rpc::types::{AtTip, ChainStatusView};
use serde_json::json;

use crate::args::{AmountText, SignArgs};
use crate::failure::{Exit, Failure};
use crate::keystore::{KeyEntry, KeyName, Keystore};
use crate::output::Output;
use crate::settings::{Pin, Settings, network_name};

/// How long a node may take for one answer, in milliseconds.
const ANSWER_MS_MAX: u64 = 15_000;

/// What every command works with.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where the wallet lives and whom it talks to.
    pub(crate) settings: Settings,
    /// Where and how to print.
    pub(crate) output: Output,
    /// The keys.
    pub(crate) keystore: Keystore,
}

/// A node that was asked which chain it is of, and gave the right answer.
#[derive(Debug)]
pub(crate) struct Session {
    /// The way to the node.
    pub(crate) client: Client,
    /// What the node said about the chain.
    pub(crate) status: AtTip<ChainStatusView>,
    /// The chain's money.
    pub(crate) token: Token,
}

/// Whether a chain that a profile has not seen may take the place of the one it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The chain seen first is the right one.
    Pinned,
    /// The chain that answers is the right one from now on.
    Anew,
}

impl Context {
    /// Asks the node which chain it is of, and refuses one that is not meant.
    ///
    /// # Errors
    /// [`Failure`] when the node does not answer or is of another chain.
    pub(crate) async fn connect(&self, trust: Trust) -> Result<Session, Failure> {
        let Settings { node, profile, .. } = &self.settings;
        self.output.detail(&format!("asking {node} (profile '{profile}')"));
        let client = Client::new(node, Duration::from_millis(ANSWER_MS_MAX))?;
        let status = client.call(ChainStatus {}).await?;
        self.check_chain(&status.value, trust)?;
        let token = Token::from(&status.value.token);
        if !token.is_valid() {
            let message = "the node's chain has money of an unknown form";
            return Err(Failure::new(Exit::Network, "NODE_INCOMPATIBLE", message));
        }
        Ok(Session { client, status, token })
    }

    /// The key that signs.
    ///
    /// # Errors
    /// [`Failure`] when none was named and there is not exactly one, or the named one is missing.
    pub(crate) fn signer(&self, sign: &SignArgs) -> Result<KeyEntry, Failure> {
        self.own_key(sign.key.as_ref())
    }

    /// The key `named`, or the one in the settings, or the only one there is.
    ///
    /// # Errors
    /// [`Failure`] when there is no such key, or more than one to choose from.
    pub(crate) fn own_key(&self, named: Option<&KeyName>) -> Result<KeyEntry, Failure> {
        if let Some(name) = named.or(self.settings.key.as_ref()) {
            return Ok(self.keystore.entry(name)?);
        }
        let mut entries = self.keystore.entries()?;
        match (entries.pop(), entries.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(Failure::usage("there are several keys: which one?")
                .hint("name one with --key NAME, or set TALLY_KEY")),
            (None, _) => {
                let message = format!("there is no key in {}", self.keystore.folder().display());
                let failure = Failure::new(Exit::Keystore, "KEY_UNKNOWN", message);
                Err(failure.hint("make one with 'tally key new NAME'"))
            }
        }
    }

    /// The account that `text` names: an address of `network`, or a key in the keystore.
    ///
    /// # Errors
    /// [`Failure`] when it is neither; an address of another network names both.
    pub(crate) fn account(&self, text: &str, network: Network) -> Result<AccountId, Failure> {
        if let Ok(name) = text.parse::<KeyName>() {
            return Ok(self.keystore.entry(&name)?.account());
        }
        address::decode(network, text).map_err(|error| match error {
            AddressInvalid::Malformed => {
                let message = format!("'{}' is {error}", crate::text::escape(text));
                Failure::new(Exit::Usage, "ADDRESS_INVALID", message)
            }
            AddressInvalid::WrongNetwork { .. } => wrong_network(text, network),
        })
    }

    fn check_chain(&self, status: &ChainStatusView, trust: Trust) -> Result<(), Failure> {
        let Settings { network, chain, pin, profile, .. } = &self.settings;
        let found = Pin { chain: status.chain, network: status.network };
        let there = Network::from(status.network);
        if let Some(meant) = network.filter(|meant| *meant != there) {
            let (meant, there) = (network_name(meant), network_name(there));
            let message = format!("the node is of network '{there}', but '{meant}' is meant");
            let data = json!({ "expected": meant, "found": there });
            return Err(Failure::new(Exit::Network, "WRONG_NETWORK", message).data(data));
        }
        let pinned = pin.filter(|_| trust == Trust::Pinned).map(|pin| pin.chain.0);
        let Some(meant) = chain.or(pinned) else {
            self.output
                .detail(&format!("profile '{profile}' is from now on of chain {}", found.chain));
            return self.settings.keep_pin(found);
        };
        if meant == found.chain.0 {
            return match trust {
                Trust::Anew => self.settings.keep_pin(found),
                Trust::Pinned => Ok(()),
            };
        }
        let there = found.chain;
        let message = format!("the node is of chain {there}, but {meant} is meant");
        let data = json!({ "expected": meant.to_string(), "found": there });
        let failure = Failure::new(Exit::Network, "WRONG_NETWORK", message).data(data);
        Err(if chain.is_some() {
            failure
        } else {
            failure.hint(format!(
                "profile '{profile}' saw that chain first; if the new one is right, run 'tally status --trust'"
            ))
        })
    }
}

fn wrong_network(text: &str, here: Network) -> Failure {
    let prefix = text.rsplit_once('1').map_or(text, |(prefix, _)| prefix).to_lowercase();
    let there = match Network::from_prefix(&prefix) {
        Some(network) => format!("network '{}'", network_name(network)),
        None => "no Tally network".to_owned(),
    };
    let expected = network_name(here);
    let message = format!(
        "an address of {there}; this is network '{expected}', whose addresses begin with '{}1'",
        here.prefix()
    );
    let data = json!({ "expected": expected, "found_prefix": crate::text::escape(&prefix) });
    Failure::new(Exit::Usage, "ADDRESS_OF_OTHER_NETWORK", message).data(data)
}

impl Session {
    /// Which kind of network the chain is.
    pub(crate) fn network(&self) -> Network {
        self.status.value.network.into()
    }

    /// The time of the last block there was when the node was asked.
    pub(crate) fn time(&self) -> Time {
        Time(self.status.tip.time)
    }

    /// `account` as the network writes it.
    pub(crate) fn address(&self, account: AccountId) -> Text<Address> {
        Text(Address { network: self.network(), account })
    }

    /// Reads an amount above zero in a unit of the network.
    ///
    /// # Errors
    /// [`Failure`] saying what is wrong with it.
    pub(crate) fn amount(&self, text: &AmountText) -> Result<Amount, Failure> {
        let invalid = |message: String| Failure::new(Exit::Usage, "AMOUNT_INVALID", message);
        let amount = self.token.parse(&text.0).map_err(|error| invalid(error.to_string()))?;
        if amount.is_zero() { Err(invalid("the amount is zero".to_owned())) } else { Ok(amount) }
    }

    /// Reads a price for one unit and slot in a unit of the network.
    ///
    /// # Errors
    /// [`Failure`] saying what is wrong with it.
    pub(crate) fn price(&self, text: &AmountText) -> Result<Price, Failure> {
        let base_units = self.amount(text)?.base_units();
        u64::try_from(base_units).map(Price).map_err(|_| {
            Failure::new(Exit::Usage, "AMOUNT_INVALID", "the price is larger than any can be")
        })
    }

    /// Writes an amount with its unit.
    pub(crate) fn show(&self, amount: Amount) -> String {
        self.token.format(amount)
    }

    /// Writes a price with its unit, the base unit.
    pub(crate) fn show_price(&self, price: Price) -> String {
        format!("{price}{}", self.token.base_unit())
    }
}
