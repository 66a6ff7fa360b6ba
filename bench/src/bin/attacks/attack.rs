//! The attacks: each is one attacker's work for a while, on connections of its own.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::connection::{Connection, request};

/// Where attacks come from.
const ATTACKER: &str = "127.0.0.2";
/// Between the bytes of somebody who sends slowly.
const TRICKLE: Duration = Duration::from_millis(50);

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
    loop {
        connection.ask(&body).await?;
    }
}

async fn not_taken(to: SocketAddr) -> Result<()> {
    let mut connection = Connection::open(ATTACKER, to).await?;
    loop {
        connection.send(&request(&batch())).await?;
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
