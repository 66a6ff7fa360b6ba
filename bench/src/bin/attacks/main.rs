//! Attacks on a node's RPC, and how long honest calls take meanwhile.
//!
//! A node of a developer's chain is started; honest calls from one address are timed alone and then
//! while each attack runs from another.
//!
//! Attackers are far away: what they do costs the node nothing but what it does about it. On one machine they
//! would take its processors from it, so they run on one of them alone and only while nobody else wants it.

mod attack;
mod connection;
mod node;
mod processors;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::{program, screen};
use clap::Parser;

use attack::ATTACKS;
use connection::{Connection, request};
use node::Node;
use tokio::runtime::Runtime;

/// Where honest calls come from.
const HONEST: &str = "127.0.0.9";
/// Between two honest calls: they are a person's, not a load.
const PAUSE: Duration = Duration::from_millis(2);
/// How long an attack runs before honest calls are timed.
const WARM_UP: Duration = Duration::from_millis(500);
/// How often honest calls are timed with and without each attack: a machine that does something else for a
/// moment shows in one of them.
const ROUNDS: usize = 5;
const QUESTION: &str = r#"{"jsonrpc":"2.0","id":1,"method":"chain_status"}"#;

/// Times honest calls to a node that is attacked.
#[derive(Debug, Parser)]
struct Arguments {
    /// The node's program; by default the one beside this.
    #[arg(long)]
    tallyd: Option<PathBuf>,
    /// Seconds for each of five measurements with an attack, and each of five without.
    #[arg(long, default_value_t = 2)]
    seconds: u64,
    /// Attack in place of measuring: what the measuring process starts.
    #[arg(long, requires = "on", hide = true)]
    attack: Option<String>,
    /// Whom to attack.
    #[arg(long, requires = "attack", hide = true)]
    on: Option<SocketAddr>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    match arguments {
        Arguments { attack: Some(name), on: Some(to), .. } => {
            // Before there are any other threads: those to come stay where this one is.
            processors::take_one()?;
            Runtime::new()?.block_on(attack::rage(&name, to))
        }
        Arguments { tallyd, seconds, .. } => {
            let tallyd = program::tallyd(tallyd.as_deref())?;
            Runtime::new()?.block_on(compare(&tallyd, Duration::from_secs(seconds)))
        }
    }
}

async fn compare(tallyd: &Path, span: Duration) -> Result<()> {
    let node = &Node::start(tallyd).await?;
    measure(node, span).await?;
    screen::result("attack                    calls   alone p99   attacked p99   ratio");
    for attack in &ATTACKS {
        let (mut alone, mut attacked) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(measure(node, span).await?);
            let raging = attack::start(attack, node.address)?;
            tokio::time::sleep(WARM_UP).await;
            attacked.push(measure(node, span).await?);
            drop(raging);
        }
        let (alone, attacked) = (median(alone), median(attacked));
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

/// The one in the middle by its time.
fn median(mut rounds: Vec<Measured>) -> Measured {
    rounds.sort_unstable_by_key(|measured| measured.p99);
    rounds.swap_remove(rounds.len() / 2)
}

/// Asks for the state of the chain, again and again, on one connection.
async fn measure(node: &Node, span: Duration) -> Result<Measured> {
    let mut connection = Connection::open(HONEST, node.address).await?;
    let question = request(QUESTION);
    let mut times = Vec::new();
    let began = Instant::now();
    while began.elapsed() < span {
        let asked = Instant::now();
        let answer = connection.ask(&question).await?;
        ensure!(answer.contains("\"result\""), "an honest call was refused: {answer}");
        times.push(asked.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    Ok(Measured { calls: times.len(), p99 })
}
