//! `tallyd key`: what a home's authority key says of itself, for others to vote on or for its account to send.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use chain::account::AccountId;
use chain::address;
use chain::authority::AuthorityKey;
use chain::authority_set::is_reachable;
use clap::{Args, Subcommand};
use consensus::AuthoritySecret;
use genesis::Spec;
use node::config::Config;
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
    },
    /// Makes the key that is to follow this home's, and prints what lets it: for `tally authority rotate FILE`.
    /// The node may run: it takes the new key up by itself in the epoch in which that votes.
    Rotate {
        #[command(flatten)]
        home: HomeArgument,
        #[command(flatten)]
        whose: Whose,
    },
    /// Prints the home's key, and the one that is to follow it if there is one. They are public.
    Show {
        #[command(flatten)]
        home: HomeArgument,
        /// Prints one JSON document.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// The authority's account: its address.
    #[arg(long, value_name = "ADDRESS")]
    account: String,
    /// Where the others reach its node; unless it is said here, where the node listens, if that is one address.
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
}

impl KeyCommand {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Offer { home, whose } => {
                let root = home.path("node")?;
                offer(&root, &Home::peek(&root)?, &whose, None)
            }
            Self::Rotate { home, whose } => {
                let root = home.path("node")?;
                let replaces = Home::peek(&root)?.key();
                offer(&root, &Home::make_next(&root)?, &whose, Some(replaces))
            }
            Self::Show { home, json } => {
                let root = home.path("node")?;
                let next = Home::peek_next(&root)?.map(|secret| secret.key().to_string());
                let key = Home::peek(&root)?.key().to_string();
                if json {
                    output::say(json!({ "schema": 1, "key": key, "next": next }));
                } else {
                    show(&key, next.as_deref());
                }
                Ok(())
            }
        }
    }
}

fn show(key: &str, next: Option<&str>) {
    output::say(format_args!("{:<5}{key}", "Key"));
    if let Some(next) = next {
        output::say(format_args!("{:<5}{next}, which votes once the chain says so", "Next"));
    }
}

/// Prints the offer of a key, signed by it, as one JSON object.
fn offer(
    root: &Path,
    secret: &AuthoritySecret,
    whose: &Whose,
    replaces: Option<AuthorityKey>,
) -> anyhow::Result<()> {
    let genesis = Spec::from_toml(&home::read_genesis(&root.join("genesis.toml"))?)?.genesis()?;
    let Whose { account, address } = whose;
    let id: AccountId = address::decode(genesis.network, account)
        .with_context(|| format!("'{}' is no address of this network", account.escape_debug()))?;
    let listens = Config::read(&root.join("config.toml"))?.network_listen;
    let address = address.or_else(|| is_reachable(listens).then_some(listens));
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
