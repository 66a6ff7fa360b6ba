//! How long a node takes to join a long chain: from an empty home, over every block, and from a snapshot.
//!
//! A lone authority makes the chain, as fast as its machine lets it, with its own ledger, engine and certificates.
//! Then it idles as usual, and one follower after the other starts beside it.

mod network;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use bench::machine::Machine;
use bench::{program, screen};
use clap::Parser;
use network::{Network, Pace};

/// Measures how long a node takes to join a chain.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many blocks the chain has at least.
    #[arg(long, default_value_t = 100_000, value_name = "COUNT")]
    blocks: u64,
    /// The folder of the network, which is kept; one that is there goes on [default: one that is gone afterwards].
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// The node's program [default: the one beside this].
    #[arg(long, value_name = "FILE")]
    tallyd: Option<PathBuf>,
}

/// How long a node took.
#[derive(Clone, Copy, Debug)]
struct Joined {
    blocks: u64,
    took: Duration,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let tallyd = program::tallyd(arguments.tallyd.as_deref())?;
    screen::result(&Machine::read().to_string());
    let temporary = tempfile::Builder::new().prefix("tally-join-").tempdir()?;
    let folder = arguments.folder.unwrap_or_else(|| temporary.path().join("net"));
    let network = Network::open(folder, tallyd)?;

    let mut authority = network.start("authority-1", Pace::Fast).await?;
    let (began, first) = (Instant::now(), authority.height().await?);
    let grown = authority.reach(arguments.blocks, |height| {
        screen::progress(&format!("the chain has {height} blocks"));
    });
    let made = Joined { blocks: grown.await?.saturating_sub(first), took: began.elapsed() };
    report("the authority makes", made);
    // One more start: the snapshot of the tip is made while it stands still.
    authority.stop().await?;
    network.snapshot("authority-1")?;
    let mut authority = network.start("authority-1", Pace::Usual).await?;

    let whole = join(&network, "follower-1", &mut authority).await?;
    report("a follower from an empty home takes", whole);
    let began = Instant::now();
    let bytes = network.begin("follower-2", &authority.url)?;
    let begun = began.elapsed();
    let rest = join(&network, "follower-2", &mut authority).await?;
    let took = begun + rest.took;
    screen::result(&format!(
        "a follower from a snapshot: {:.1} s, of them {:.1} s to take and verify {bytes} bytes",
        took.as_secs_f64(),
        begun.as_secs_f64()
    ));
    let ratio = whole.took.as_secs_f64() / took.as_secs_f64();
    screen::result(&format!("from a snapshot it is {ratio:.0} times as fast"));
    authority.stop().await
}

/// Starts a follower, and waits until it is where the authority was then.
async fn join(network: &Network, name: &str, authority: &mut network::Node) -> Result<Joined> {
    let goal = authority.height().await?;
    let began = Instant::now();
    let mut node = network.start(name, Pace::Usual).await?;
    let reached = node.reach(goal, |height| {
        screen::progress(&format!("{name} is at height {height} of {goal}"));
    });
    let blocks = reached.await?;
    let took = began.elapsed();
    node.stop().await?;
    Ok(Joined { blocks, took })
}

fn report(what: &str, joined: Joined) {
    let Joined { blocks, took } = joined;
    let seconds = took.as_secs_f64();
    let count = f64::from(u32::try_from(blocks).unwrap_or(u32::MAX));
    let rate = count / seconds;
    screen::result(&format!("{what} {blocks} blocks in {seconds:.1} s, {rate:.0} blocks/s"));
}
