//! The attacks: each is one attacker's work for a while, on connections of its own. They run in a process of
//! their own and of the lowest priority.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::setpriority_process;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::connection::{Connection, request};

/// Where attacks come from.
const ATTACKER: &str = "127.0.0.2";
/// Between the bytes of somebody who sends slowly.
const TRICKLE: Duration = Duration::from_millis(50);

/// Attackers at once; more connections than the server gives one address are refused anyway.
const ATTACKERS: usize = 32;
/// How long an attacker goes on with one connection.
const PATIENCE: Duration = Duration::from_secs(1);
/// The lowest priority.
const LOWEST: i32 = 19;

type Run = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What an attacker does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) run: fn(SocketAddr) -> Run,
}

pub(crate) const ATTACKS: [Attack; 9] = [
    Attack { name: "idle connections", run: |to| Box::pin(idle(to)) },
    Attack { name: "connect and go", run: |to| Box::pin(connect(to)) },
    Attack { name: "slow headers", run: |to| Box::pin(slow(to, b"POST / HTTP/1.1\r\nHost: ")) },
    Attack { name: "slow bodies", run: |to| Box::pin(slow_body(to)) },
    Attack { name: "bodies too large", run: |to| Box::pin(send(to, too_large())) },
    Attack { name: "deep nesting", run: |to| Box::pin(ask(to, "[".repeat(200_000))) },
    Attack { name: "batches of large answers", run: |to| Box::pin(ask(to, batch())) },
    Attack { name: "answers not taken", run: |to| Box::pin(not_taken(to)) },
    Attack { name: "bad transactions", run: |to| Box::pin(ask(to, bad_transactions())) },
];

/// Starts the attack in a process of its own, which ends with what is returned.
pub(crate) fn start(attack: &Attack, to: SocketAddr) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--attack", attack.name, "--on", &to.to_string()]).stdin(Stdio::null());
    Ok(command.kill_on_drop(true).spawn()?)
}

/// Runs the attack of this name until the process is ended.
pub(crate) async fn rage(name: &str, to: SocketAddr) -> Result<()> {
    let attack = ATTACKS.iter().find(|attack| attack.name == name).context("no such attack")?;
    setpriority_process(None, LOWEST)?;
    let mut attackers = JoinSet::new();
    for _ in 0..ATTACKERS {
        attackers.spawn(async move {
            loop {
                // Refused or cut off, an attacker comes again.
                let _ = timeout(PATIENCE, (attack.run)(to)).await;
            }
        });
    }
    while attackers.join_next().await.is_some() {}
    Ok(())
}

async fn idle(to: SocketAddr) -> Result<()> {
    let mut connection = Connection::open(ATTACKER, to).await?;
    connection.read_to_end().await
}

async fn connect(to: SocketAddr) -> Result<()> {
    Connection::open(ATTACKER, to).await.map(drop)
}

async fn slow(to: SocketAddr, head: &[u8]) -> Result<()> {
    let mut connection = Connection::open(ATTACKER, to).await?;
    connection.send(head).await?;
    loop {
        connection.send(b"a").await?;
        sleep(TRICKLE).await;
    }
}

async fn slow_body(to: SocketAddr) -> Result<()> {
    let body = " ".repeat(100_000);
    let whole = request(&body);
    slow(to, &whole[..whole.len() - body.len()]).await
}

async fn send(to: SocketAddr, bytes: Vec<u8>) -> Result<()> {
    let mut connection = Connection::open(ATTACKER, to).await?;
    connection.send(&bytes).await?;
    connection.read_to_end().await
}

async fn ask(to: SocketAddr, body: String) -> Result<()> {
    let mut connection = Connection::open(ATTACKER, to).await?;
    let request = request(&body);
    loop {
        connection.ask(&request).await?;
    }
}

async fn not_taken(to: SocketAddr) -> Result<()> {
    let mut connection = Connection::open(ATTACKER, to).await?;
    let request = request(&batch());
    loop {
        connection.send(&request).await?;
    }
}

/// A body of ten million bytes, which the server need not read.
fn too_large() -> Vec<u8> {
    request(&" ".repeat(10_000_000))
}

fn batch() -> String {
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"chain_get_blocks","params":{"from":0}}"#;
    format!("[{}]", vec![call; 20].join(","))
}

/// Twenty submissions of five thousand bytes that are no transactions.
fn bad_transactions() -> String {
    let bytes = "ab".repeat(5_000);
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tx_submit","params":{{"transaction":"{bytes}"}}}}"#
    );
    format!("[{}]", vec![call; 20].join(","))
}
