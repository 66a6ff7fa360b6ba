//! What makes calls wait, and the chain grow, when a test says so.

use std::sync::{Condvar, Mutex};

use super::*;

type Heard = Box<dyn Fn(u64) + Send + Sync>;

#[derive(Default)]
pub(crate) struct Fake {
    waits: Mutex<Waits>,
    changed: Condvar,
    chain: Mutex<Growing>,
}

/// A chain that grows when it is told to.
#[derive(Default)]
struct Growing {
    height: u64,
    listeners: Vec<Heard>,
}

#[derive(Default)]
struct Waits {
    arrived: usize,
    released: bool,
}

impl Fake {
    /// Blocks until a call about [`WAITS`] is being answered.
    pub(crate) fn arrived(&self) {
        self.arrived_times(1);
    }

    /// Blocks until so many calls about [`WAITS`] are being answered.
    pub(crate) fn arrived_times(&self, calls: usize) {
        let waits = self.waits.lock().unwrap();
        drop(self.changed.wait_while(waits, |waits| waits.arrived < calls).unwrap());
    }

    /// Commits so many blocks.
    pub(crate) fn grow(&self, blocks: u64) {
        (0..blocks).for_each(|_| self.grow_at_once(1));
    }

    /// Commits so many blocks, of which but the last is told.
    pub(crate) fn grow_at_once(&self, blocks: u64) {
        let mut chain = self.chain.lock().unwrap();
        chain.height += blocks;
        let height = chain.height;
        chain.listeners.iter().for_each(|heard| heard(height));
    }

    pub(super) fn check_height(&self, height: u64) -> Result<(), Error> {
        let tip = self.height();
        if height > tip { Err(Error::HeightUnavailable { first: 0, tip }) } else { Ok(()) }
    }

    /// Lets calls about [`WAITS`] end.
    pub(crate) fn release(&self) {
        self.waits.lock().unwrap().released = true;
        self.changed.notify_all();
    }

    pub(super) fn wait(&self) {
        let mut waits = self.waits.lock().unwrap();
        waits.arrived += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(waits, |waits| !waits.released).unwrap());
    }

    pub(super) fn height(&self) -> u64 {
        self.chain.lock().unwrap().height
    }

    pub(super) fn hear(&self, heard: Heard) {
        self.chain.lock().unwrap().listeners.push(heard);
    }

    pub(super) fn block(&self, height: u64) -> Result<BlockView, Error> {
        self.check_height(height)?;
        Ok(translator()
            .block(&Block { header: header(height), transactions: vec![] }, &Receipts::default()))
    }

    pub(super) fn account(
        &self,
        account: &Text<Address>,
        height: u64,
    ) -> Result<FollowedAccountView, Error> {
        translator().account(account)?;
        self.check_height(height)?;
        let transactions = vec![Hash([u8::try_from(height).unwrap(); 32]).into()];
        // Every other block has nothing to say.
        let quiet = !height.is_multiple_of(2);
        let transactions = if quiet { Vec::new() } else { transactions };
        Ok(FollowedAccountView { transactions, events: Vec::new() })
    }

    pub(super) fn trades(&self, market: &str, height: u64) -> Result<Vec<TradeView>, Error> {
        if market != "cpu" {
            return Err(Error::MarketUnknown);
        }
        self.check_height(height)?;
        Ok(past::trades_at(height))
    }
}
