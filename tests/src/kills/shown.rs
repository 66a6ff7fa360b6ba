//! Blocks that the node has shown. What RPC shows is final, so it must show the same ever after.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rpc::client::{Client, ClientError};
use rpc::methods::ChainGetBlocks;
use rpc::types::{BLOCKS_MAX, BlockView, BlocksView, Limit};
use tokio::time::sleep;

use super::book::digest;

/// Blocks below the last one shown that are looked at again after every kill.
const LOOKED_AT_AGAIN: u64 = 8;
/// How often the node is asked for new blocks.
const PAUSE: Duration = Duration::from_millis(10);

/// Height and digest of every block that was shown.
#[derive(Default)]
pub(super) struct Shown(BTreeMap<u64, u64>);

impl Shown {
    /// Looks at new blocks until there are so many, but no longer than `life`; at least once.
    pub(super) async fn follow(
        &mut self,
        client: &Client,
        blocks: u64,
        life: Duration,
    ) -> Result<()> {
        let began = Instant::now();
        let goal = self.last() + blocks;
        loop {
            match ask(client, self.last() + 1).await {
                Ok(blocks) => self.note(&blocks.items)?,
                Err(ClientError::Refused(refusal)) if refusal.name == "HEIGHT_UNAVAILABLE" => {}
                Err(error) => return Err(error.into()),
            }
            if self.last() >= goal || began.elapsed() >= life {
                return Ok(());
            }
            sleep(PAUSE).await;
        }
    }

    /// Sees to it that the last blocks that were shown are there, as they were.
    pub(super) async fn check(&mut self, client: &Client) -> Result<()> {
        let last = self.last();
        if last == 0 {
            return Ok(());
        }
        let from = last.saturating_sub(LOOKED_AT_AGAIN).max(1);
        let blocks = ask(client, from).await.context("a block that was shown")?;
        ensure!(blocks.tip.height >= last, "the tip is {}, after {last}", blocks.tip.height);
        ensure!(
            blocks.items.last().is_some_and(|block| block.height >= last),
            "blocks are missing"
        );
        self.note(&blocks.items)
    }

    /// Sees to it that every block that was shown is in `chain`, as it was.
    pub(super) fn compare(&mut self, chain: &[BlockView]) -> Result<()> {
        let last = self.last();
        ensure!(chain.last().map_or(0, |block| block.height) >= last, "blocks are missing");
        self.note(chain)
    }

    /// The last height that was shown; 0 when none was.
    fn last(&self) -> u64 {
        self.0.keys().next_back().copied().unwrap_or_default()
    }

    fn note(&mut self, blocks: &[BlockView]) -> Result<()> {
        for block in blocks {
            let (height, content) = (block.height, digest(block));
            let before = self.0.insert(height, content);
            ensure!(before.is_none_or(|before| before == content), "block {height} has changed");
        }
        Ok(())
    }
}

/// All blocks but genesis.
pub(super) async fn read_all(client: &Client) -> Result<Vec<BlockView>> {
    let mut chain: Vec<BlockView> = Vec::new();
    let mut next = Some(1);
    while let Some(from) = next {
        let blocks = ask(client, from).await?;
        next = blocks.next_height;
        chain.extend(blocks.items);
    }
    let heights = chain.iter().map(|block| block.height);
    ensure!(heights.eq(1..=chain.len() as u64), "heights follow one another");
    Ok(chain)
}

async fn ask(client: &Client, from: u64) -> Result<BlocksView, ClientError> {
    let count = Limit::<BLOCKS_MAX>::new(BLOCKS_MAX).expect("a limit is within itself");
    client.call(ChainGetBlocks { from, count }).await
}
