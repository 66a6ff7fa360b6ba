//! Reads over RPC at full speed: accounts, beside a method that looks nothing up.

use std::time::{Duration, Instant};

use anyhow::Result;
use rpc::client::Client;
use rpc::methods::{AccountGet, Method, NodeStatus};
use rpc::text::{Address, Text};
use tokio::task::JoinSet;

/// How long each of the rates is measured.
const SPAN: Duration = Duration::from_secs(2);

/// Calls answered a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reads {
    /// `account_get`, each of another account.
    pub(crate) accounts: f64,
    /// `node_status`, which looks up no object.
    pub(crate) empty: f64,
}

impl Reads {
    /// Measures both over so many connections.
    pub(crate) async fn measure(
        client: &Client,
        accounts: &[Text<Address>],
        connections: u8,
    ) -> Result<Self> {
        let lanes: Vec<Vec<AccountGet>> = accounts
            .chunks(accounts.len().div_ceil(connections.into()))
            .map(|share| share.iter().map(|account| AccountGet { account: *account }).collect())
            .collect();
        let empty = vec![vec![NodeStatus {}]; lanes.len()];
        Ok(Self { accounts: rate(client, lanes).await?, empty: rate(client, empty).await? })
    }
}

/// Asks each lane's questions over and over on a connection of its own. Returns how many a second are
/// answered.
async fn rate<M: Method + Clone + Sync>(client: &Client, lanes: Vec<Vec<M>>) -> Result<f64> {
    let began = Instant::now();
    let mut running = JoinSet::new();
    for lane in lanes {
        let client = client.clone();
        running.spawn(async move {
            let mut answered = 0_u32;
            for question in lane.iter().cycle() {
                client.call(question.clone()).await?;
                answered += 1;
                if began.elapsed() >= SPAN {
                    break;
                }
            }
            Ok::<_, anyhow::Error>(answered)
        });
    }
    let mut answered = 0.0;
    while let Some(lane) = running.join_next().await {
        answered += f64::from(lane??);
    }
    Ok(answered / began.elapsed().as_secs_f64())
}
