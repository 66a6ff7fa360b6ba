//! `tallyd key`: what a home's authority key says of itself, for others to vote on or for its account to send.

use std::net::SocketAddr;

use anyhow::Context;
use chain::account::AccountId;
use chain::address;
use chain::authority::AuthorityKey;
use clap::{Args, Subcommand};
use consensus::AuthoritySecret;
use genesis::Spec;
use node::home::{self, Home};
use serde_json::json;

use super::HomeArgument;
use crate::output;

/// The authority's key of a home.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Prints what lets this home's key join the authorities: for `tally propose authority --add FILE`.
    Offer {
        #[command(flatten)]
        home: HomeArgument,
        #[command(flatten)]
        whose: Whose,
        /// Where the node will be reached by the others.
        #[arg(long, value_name = "IP:PORT")]
        address: Option<SocketAddr>,
    },
    /// Makes the key that is to follow this home's, and prints what lets it: for `tally authority rotate FILE`.
    /// The node may run; started in the epoch in which the new key votes, it takes it up.
    Rotate {
        #[command(flatten)]
        home: HomeArgument,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// The authority's account: its address.
    #[arg(long, value_name = "ADDRESS")]
    account: String,
}

impl KeyCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Offer { home, whose, address } => {
                let root = home.path("node")?;
                let secret = Home::peek(&root)?;
                offer(&root, &secret, &whose.account, (None, address))
            }
            Self::Rotate { home, whose } => {
                let root = home.path("node")?;
                let replaces = Home::peek(&root)?.key();
                let secret = Home::make_next(&root)?;
                offer(&root, &secret, &whose.account, (Some(replaces), None))
            }
        }
    }
}

/// Prints the offer of a key, signed by it, as one JSON object.
fn offer(
    root: &std::path::Path,
    secret: &AuthoritySecret,
    account: &str,
    (replaces, address): (Option<AuthorityKey>, Option<SocketAddr>),
) -> anyhow::Result<()> {
    let genesis = Spec::from_toml(&home::read_genesis(&root.join("genesis.toml"))?)?.genesis()?;
    let id: AccountId = address::decode(genesis.network, account)
        .with_context(|| format!("'{}' is no address of this network", account.escape_debug()))?;
    let proof = secret.prove((genesis.hash(), &id), replaces);
    let digits: String = proof.0.iter().map(|byte| format!("{byte:02x}")).collect();
    let offer = json!({
        "account": account,
        "key": secret.key().to_string(),
        "replaces": replaces.map(|key| key.to_string()),
        "address": address.map(|address| address.to_string()),
        "proof": digits,
    });
    output::say(format_args!("{offer}"));
    Ok(())
}
