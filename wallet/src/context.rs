//! What a command works with: settings, output, the keystore and, where it needs one, a node of the
//! right chain.

use std::time::Duration;

use chain::account::AccountId;
use chain::address::{self, AddressInvalid, Network};
use chain::amount::Amount;
use chain::keys::PublicKey;
use chain::quantity::Price;
use chain::time::Time;
use chain::token::Token;
use rpc::client::Client;
use rpc::methods::ChainStatus;
use rpc::text::{Address, Text};
use rpc::types::{AtTip, ChainStatusView};
use serde_json::json;

use crate::args::{AmountText, PasswordArgs, SignArgs};
use crate::failure::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::keystore::{KeyEntry, KeyName, Keystore};
use crate::output::Output;
use crate::pending::Pending;
use crate::prompt::PasswordSource;
use crate::settings::{Pin, Settings, network_name};
use crate::signer::{Means, Program, Signer};

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
    /// The transactions whose end has not been seen.
    pub(crate) pending: Pending,
    /// What Ctrl-C says.
    pub(crate) interrupt: Interrupt,
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
    /// What a command with these settings works with.
    pub(crate) fn new(settings: Settings) -> Self {
        let keystore = Keystore::below(&settings.home);
        let pending = Pending::below(&settings.home);
        let output = settings.output.clone();
        Self { settings, output, keystore, pending, interrupt: Interrupt::default() }
    }

    /// Where the password of a key comes from: flags, or the settings, or its owner.
    pub(crate) fn password(&self, args: &PasswordArgs) -> PasswordSource {
        let file = || self.settings.password_file.clone();
        match (&args.password_file, args.password_stdin) {
            (Some(path), _) => PasswordSource::File(path.clone()),
            (None, true) => PasswordSource::Stdin,
            (None, false) => file().map_or(PasswordSource::Prompt, PasswordSource::File),
        }
    }

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

    /// Who sends and who signs.
    ///
    /// # Errors
    /// [`Failure`] when nobody was named and there is not exactly one key, or who was named is missing.
    pub(crate) async fn signer(&self, sign: &SignArgs) -> Result<Signer, Failure> {
        let from = sign.sender.as_deref().map(|text| self.sender_account(text)).transpose()?;
        if let (Some((account, network)), true, None) = (from, sign.build.is_some(), &sign.key) {
            // Whoever signs the file may be somebody else, somewhere else.
            let name = sign.sender.clone().unwrap_or_default();
            return Ok(Signer { account, network, name, means: Means::Later });
        }
        let signer = self.who_signs(sign.key.as_ref(), sign.signer.as_ref()).await?;
        Ok(match from {
            Some((account, network)) => signer.on_behalf_of(account, network),
            None => signer,
        })
    }

    /// Who signs: the key or program named by a flag, then by the settings, then the only key there is.
    ///
    /// # Errors
    /// As [`Self::signer`].
    pub(crate) async fn who_signs(
        &self,
        key: Option<&KeyName>,
        program: Option<&Program>,
    ) -> Result<Signer, Failure> {
        let program = program.or(self.settings.signer.as_ref()).filter(|_| key.is_none());
        match program {
            Some(program) => Signer::program(program.clone()).await,
            None => self.own_key(key).map(Signer::key),
        }
    }

    /// The account that sends: an address of any network, which the node's is compared with later, or a
    /// key in the keystore.
    fn sender_account(&self, text: &str) -> Result<(AccountId, Option<Network>), Failure> {
        let network = text.rsplit_once('1').and_then(|(prefix, _)| Network::from_prefix(prefix));
        let expected = network.unwrap_or_else(|| self.settings.network_offline());
        Ok((self.account(text, expected)?, network))
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

    /// The key that `text` names: its 64 hexadecimal digits, or a key in the keystore.
    ///
    /// # Errors
    /// [`Failure`] when it is neither.
    pub(crate) fn public_key(&self, text: &str) -> Result<PublicKey, Failure> {
        if let Some(key) = PublicKey::from_hex(text) {
            return Ok(key);
        }
        let name: KeyName = text.parse().map_err(|_| {
            let message = format!("'{}' is no key", crate::text::escape(text));
            Failure::usage(message).hint("write its 64 hexadecimal digits, or the name of a key")
        })?;
        Ok(self.keystore.entry(&name)?.public_key)
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

/// The text is an address of another network, or the prefix of one.
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
    /// Refuses a signer whose account was named by an address of another network.
    ///
    /// # Errors
    /// [`Failure`] naming both networks.
    pub(crate) fn check_network(&self, signer: &Signer) -> Result<(), Failure> {
        match signer.network {
            Some(network) if network != self.network() => {
                Err(wrong_network(network.prefix(), self.network()))
            }
            _ => Ok(()),
        }
    }

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
