//! Attacks on a node's RPC, and how long honest calls take meanwhile.
//!
//! A node of a developer's chain is started; honest calls from one address are timed alone and then
//! while each attack runs from another. Attackers use the same processors, so that a ratio holds their
//! own work too.

mod attack;
mod connection;
mod node;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::screen;
use clap::Parser;

use attack::{ATTACKS, Attack};
use connection::Connection;
use node::Node;

/// Where honest calls come from.
const HONEST: &str = "127.0.0.9";
/// Between two honest calls: they are a person's, not a load.
const PAUSE: Duration = Duration::from_millis(2);
/// Attackers at once; more connections than the server gives one address are refused anyway.
const ATTACKERS: usize = 32;

/// Times honest calls to a node that is attacked.
#[derive(Debug, Parser)]
struct Arguments {
    /// The node's program.
    #[arg(long, default_value = "target/release/tallyd")]
    tallyd: PathBuf,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let span = Duration::from_secs(arguments.seconds);
    let node = Node::start(&arguments.tallyd).await?;
    measure(&node, span).await?;
    screen::result("attack                    calls   alone p99   attacked p99   ratio");
    for attack in &ATTACKS {
        let alone = measure(&node, span).await?;
        let attacked = measure_under(&node, attack, span).await?;
        let ratio = attacked.p99.as_secs_f64() / alone.p99.as_secs_f64();
        screen::result(&format!(
            "{:24} {:6} {:9.2} ms {:11.2} ms {ratio:7.2}",
            attack.name,
            attacked.calls,
            milliseconds(alone.p99),
            milliseconds(attacked.p99),
        ));
    }
    Ok(())
}

fn milliseconds(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// Honest calls, and the time that all but one in a hundred took at most.
#[derive(Debug)]
struct Measured {
    calls: usize,
    p99: Duration,
}

async fn measure_under(node: &Node, attack: &Attack, span: Duration) -> Result<Measured> {
    let over = Arc::new(AtomicBool::new(false));
    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|_| {
            let (over, address, run) = (Arc::clone(&over), node.address, attack.run);
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    // Refused or cut off, an attacker comes again.
                    let _ = tokio::time::timeout(Duration::from_secs(1), run(address)).await;
                }
            })
        })
        .collect();
    let measured = measure(node, span).await;
    over.store(true, Ordering::Relaxed);
    for attacker in attackers {
        attacker.await?;
    }
    measured
}

/// Asks for the state of the chain, again and again, on one connection.
async fn measure(node: &Node, span: Duration) -> Result<Measured> {
    let mut connection = Connection::open(HONEST, node.address).await?;
    let mut times = Vec::new();
    let began = Instant::now();
    while began.elapsed() < span {
        let asked = Instant::now();
        let answer = connection.ask(r#"{"jsonrpc":"2.0","id":1,"method":"chain_status"}"#).await?;
        ensure!(answer.contains("\"result\""), "an honest call was refused: {answer}");
        times.push(asked.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Measured { calls: times.len(), p99 })
}
