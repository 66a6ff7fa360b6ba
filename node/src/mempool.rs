//! Transactions that wait for a block: verified, in their senders' order, within fixed bounds.
//!
//! Invariants:
//! - a waiting transaction is never replaced or thrown out for another; a full mempool refuses;
//! - what waits behind a gap in its sender's nonces pays nobody until the gap closes, so it may begin to
//!   wait in a quiet mempool only, and goes with the one before it that is rejected or expires;
//! - the fuller the mempool, the fewer transactions of one sender begin to wait, down to one: to keep
//!   others out takes as many accounts as there is room for transactions;
//! - senders take turns: each offers one transaction before any offers a second, a large one after as
//!   many turns as it is worth, and whoever was included goes to the back of the line;
//! - what leaves without being included is remembered for a while, with the reason.
//!
//! Pure: neither clock nor threads. The same calls in the same order give the same answers.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use chain::account::AccountId;
use chain::hash::Hash;
use chain::height::{Height, Nonce};
use chain::operation::Operation;
use chain::transaction::{SignedTransaction, Transaction, VerifiedTransaction};
use runtime::rejection::Rejection;

/// Transactions of one sender that wait; also how far a nonce may lie ahead of its account's.
pub const SENDER_TRANSACTIONS_MAX: usize = 64;
/// Transactions that wait.
pub const TRANSACTIONS_MAX: usize = 100_000;
/// Bytes of all transactions that wait.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of memory that they take: operations of a few bytes take many when they are decoded.
pub const MEMORY_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Transactions that wait, from which on none is taken behind a gap in its sender's nonces.
pub const GAP_TRANSACTIONS_MAX: usize = TRANSACTIONS_MAX / 16;
/// Bytes of all transactions that wait, from which on none is taken behind a gap.
pub const GAP_BYTES_MAX: usize = BYTES_MAX / 16;
/// Bytes that a sender's turn is worth: who sends more waits for as many turns as it takes.
pub const TURN_BYTES: usize = 1024;
/// Bytes of memory for a transaction besides its own and its operations': its places in the tables.
const TRANSACTION_MEMORY_BYTES: usize = 1024;
/// Transactions that left without being included and are still remembered.
pub const FATES_MAX: usize = 65_536;

/// A transaction that may be inserted once its signatures are verified.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its id.
    pub id: Hash,
    /// The transaction.
    pub signed: &'a SignedTransaction,
    /// Its size in bytes.
    pub bytes: usize,
    /// The nonce of its sender's transaction that is inserted right before, if there is one.
    pub before: Option<Nonce>,
}

/// Why the mempool did not take a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// It waits already.
    #[error("the transaction waits already")]
    Known,
    /// Another transaction of the sender waits with the same nonce.
    #[error("another transaction of the sender waits with nonce {0}")]
    NonceTaken(Nonce),
    /// As many transactions of the sender wait as may, which are fewer while the mempool is busy, or its
    /// nonce lies too far ahead: by [`SENDER_TRANSACTIONS_MAX`], or at all while the mempool is busy.
    #[error("too many transactions of the sender wait, or its nonce lies too far ahead")]
    SenderFull,
    /// No room: it may be tried again later.
    #[error("the mempool is full")]
    Full,
}

/// What became of a transaction that is in no block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The rules refuse it.
    Rejected(Rejection),
    /// The last height that might hold it has passed.
    Expired,
}

/// Transactions that wait for a block.
#[derive(Debug, Default)]
pub struct Mempool {
    senders: HashMap<AccountId, Queue>,
    /// Whose turn it is: senders by ticket.
    line: BTreeMap<u64, AccountId>,
    ids: HashMap<Hash, (AccountId, Nonce)>,
    /// By the last height that may hold them.
    expiries: BTreeMap<Height, HashSet<Hash>>,
    bytes: usize,
    memory_bytes: usize,
    fates: Fates,
}

#[derive(Debug, Default)]
struct Queue {
    ticket: u64,
    waiting: BTreeMap<Nonce, Arc<VerifiedTransaction>>,
}

impl Mempool {
    /// Takes `transaction`, whose sender's account stands at nonce `account`. The caller has checked it
    /// against the rules.
    ///
    /// # Errors
    /// [`InsertError`] when it waits already or there is no room.
    pub fn insert(
        &mut self,
        transaction: Arc<VerifiedTransaction>,
        account: Nonce,
    ) -> Result<(), InsertError> {
        self.check_room(&transaction, account)?;

        // From here on the insertion succeeds.
        let (sender, nonce) = (transaction.transaction().sender, transaction.transaction().nonce);
        let id = transaction.id();
        self.bytes += transaction.bytes();
        self.memory_bytes += memory_bytes(transaction.signed(), transaction.bytes());
        self.ids.insert(id, (sender, nonce));
        self.expiries.entry(transaction.transaction().valid_until).or_default().insert(id);
        self.fates.forget(&id);
        let queue = self.senders.entry(sender).or_default();
        if queue.waiting.is_empty() {
            queue.ticket = line_up(&mut self.line, sender);
        }
        queue.waiting.insert(nonce, transaction);
        Ok(())
    }

    /// Says whether [`Self::insert`] would take a transaction, before its signatures are verified.
    ///
    /// # Errors
    /// [`InsertError`], as `insert` does.
    pub fn check(&self, entry: &Entry<'_>, account: Nonce) -> Result<(), InsertError> {
        let Transaction { sender, nonce, .. } = entry.signed.transaction;
        let first = entry.before.and_then(Nonce::next).unwrap_or(account);
        self.check_place(entry.id, sender, nonce, account)?;
        if nonce > first {
            self.check_gap(&sender, nonce, account)?;
        }
        self.check_bytes(entry.signed, entry.bytes)
    }

    fn check_room(
        &self,
        transaction: &VerifiedTransaction,
        account: Nonce,
    ) -> Result<(), InsertError> {
        let (sender, nonce) = (transaction.transaction().sender, transaction.transaction().nonce);
        self.check_place(transaction.id(), sender, nonce, account)?;
        self.check_gap(&sender, nonce, account)?;
        self.check_bytes(transaction.signed(), transaction.bytes())
    }

    fn check_place(
        &self,
        id: Hash,
        sender: AccountId,
        nonce: Nonce,
        account: Nonce,
    ) -> Result<(), InsertError> {
        if self.ids.contains_key(&id) {
            return Err(InsertError::Known);
        }
        let ahead = nonce.0.saturating_sub(account.0);
        let waiting = self.senders.get(&sender).map(|queue| &queue.waiting);
        if waiting.is_some_and(|waiting| waiting.contains_key(&nonce)) {
            return Err(InsertError::NonceTaken(nonce));
        }
        let count = waiting.map_or(0, BTreeMap::len);
        if count >= self.sender_transactions_max() || ahead >= SENDER_TRANSACTIONS_MAX as u64 {
            return Err(InsertError::SenderFull);
        }
        Ok(())
    }

    fn check_gap(
        &self,
        sender: &AccountId,
        nonce: Nonce,
        account: Nonce,
    ) -> Result<(), InsertError> {
        let busy = self.ids.len() >= GAP_TRANSACTIONS_MAX || self.bytes >= GAP_BYTES_MAX;
        if busy && nonce > self.next_nonce(sender, account) {
            return Err(InsertError::SenderFull);
        }
        Ok(())
    }

    fn check_bytes(&self, signed: &SignedTransaction, bytes: usize) -> Result<(), InsertError> {
        let fits = self.ids.len() < TRANSACTIONS_MAX
            && self.bytes + bytes <= BYTES_MAX
            && self.memory_bytes + memory_bytes(signed, bytes) <= MEMORY_BYTES_MAX;
        if fits { Ok(()) } else { Err(InsertError::Full) }
    }

    /// How many transactions of one sender may wait, as full as the mempool is.
    fn sender_transactions_max(&self) -> usize {
        let eighths = [
            self.ids.len() * 8 / TRANSACTIONS_MAX,
            self.bytes * 8 / BYTES_MAX,
            self.memory_bytes * 8 / MEMORY_BYTES_MAX,
        ];
        match eighths.into_iter().max() {
            None | Some(0..4) => SENDER_TRANSACTIONS_MAX,
            Some(4..6) => SENDER_TRANSACTIONS_MAX / 4,
            Some(6) => SENDER_TRANSACTIONS_MAX / 16,
            Some(_) => 1,
        }
    }

    /// The transactions to try next, in the order in which they should be tried. `next` is the nonce that
    /// an account may use next; a transaction whose nonce cannot be reached is left out.
    pub fn candidates<N: Fn(&AccountId) -> Nonce>(&self, next: N) -> Candidates<'_, N> {
        Candidates { mempool: self, next, line: self.line.values(), rounds: VecDeque::new() }
    }

    /// The first nonce from `account` on with which nothing waits.
    pub fn next_nonce(&self, sender: &AccountId, account: Nonce) -> Nonce {
        let Some(queue) = self.senders.get(sender) else { return account };
        let mut next = account;
        while queue.waiting.contains_key(&next) {
            let Some(after) = next.next() else { break };
            next = after;
        }
        next
    }

    /// The transaction with this id, if it waits.
    pub fn waiting(&self, id: &Hash) -> Option<&Arc<VerifiedTransaction>> {
        let (sender, nonce) = self.ids.get(id)?;
        self.senders.get(sender)?.waiting.get(nonce)
    }

    /// What became of the transaction with this id, if it left without being included and is remembered.
    pub fn fate(&self, id: &Hash) -> Option<Fate> {
        self.fates.by_id.get(id).copied()
    }

    /// The first that waits of each of these senders, if any.
    pub fn heads<'a>(
        &'a self,
        senders: impl IntoIterator<Item = AccountId> + 'a,
    ) -> impl Iterator<Item = &'a Arc<VerifiedTransaction>> + 'a {
        senders.into_iter().filter_map(|sender| self.senders.get(&sender)?.waiting.values().next())
    }

    /// Forgets what a committed block holds, and what it made impossible: transactions with nonces that are
    /// used up, those that expired with its height, and what waits behind those.
    pub fn settle<'a>(
        &mut self,
        height: Height,
        included: impl IntoIterator<Item = &'a SignedTransaction>,
    ) {
        for signed in included {
            self.use_up(&signed.transaction);
        }
        let due = self.expiries.range(..=height).flat_map(|(_, ids)| ids);
        let mut expired: Vec<Hash> = due.copied().collect();
        expired.sort_unstable();
        // All of them before any follower: a follower that expired too is remembered as such.
        let gaps: Vec<_> = expired.iter().filter_map(|id| self.remove(id, Fate::Expired)).collect();
        for (sender, nonce) in gaps {
            self.drop_followers(sender, nonce);
        }
    }

    /// Drops a transaction that the rules refuse, and remembers why. What waits behind it goes too, as
    /// [`Rejection::NonceTooHigh`].
    pub fn reject(&mut self, id: &Hash, rejection: Rejection) {
        if let Some((sender, nonce)) = self.remove(id, Fate::Rejected(rejection)) {
            self.drop_followers(sender, nonce);
        }
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True when none waits.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many bytes wait.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Removes what the inclusion of `included` settles, and sends its sender to the back.
    fn use_up(&mut self, included: &Transaction) {
        let Transaction { sender, nonce, .. } = *included;
        let Some(queue) = self.senders.get_mut(&sender) else { return };
        let ticket = queue.ticket;
        let later = match nonce.next() {
            Some(next) => queue.waiting.split_off(&next),
            None => BTreeMap::new(),
        };
        let used = std::mem::replace(&mut queue.waiting, later);
        if queue.waiting.is_empty() {
            self.senders.remove(&sender);
            self.line.remove(&ticket);
        } else if !used.is_empty() {
            self.line.remove(&ticket);
            queue.ticket = line_up(&mut self.line, sender);
        }
        for gone in used.into_values() {
            self.forget(&gone);
            if gone.transaction() != included {
                self.fates.remember(gone.id(), Fate::Rejected(Rejection::NonceTooLow));
            }
        }
    }

    /// Drops what `sender` has waiting above `nonce`, which left without being included.
    fn drop_followers(&mut self, sender: AccountId, nonce: Nonce) {
        let Some(queue) = self.senders.get(&sender) else { return };
        let above = queue.waiting.range((Bound::Excluded(nonce), Bound::Unbounded));
        let followers: Vec<Hash> = above.map(|(_, follower)| follower.id()).collect();
        for id in &followers {
            self.remove(id, Fate::Rejected(Rejection::NonceTooHigh));
        }
    }

    fn remove(&mut self, id: &Hash, fate: Fate) -> Option<(AccountId, Nonce)> {
        let taken = self.take(id)?;
        self.fates.remember(*id, fate);
        Some(taken)
    }

    /// Removes what waits with this id. Returns whose it was, and its nonce.
    fn take(&mut self, id: &Hash) -> Option<(AccountId, Nonce)> {
        let (sender, nonce) = *self.ids.get(id)?;
        let queue = self.senders.get_mut(&sender).expect("what has an id has a queue");
        let taken = queue.waiting.remove(&nonce).expect("what has an id waits");
        if queue.waiting.is_empty() {
            self.line.remove(&queue.ticket);
            self.senders.remove(&sender);
        }
        self.forget(&taken);
        Some((sender, nonce))
    }

    /// Strikes off what has left its queue.
    fn forget(&mut self, gone: &VerifiedTransaction) {
        let (id, valid_until) = (gone.id(), gone.transaction().valid_until);
        self.ids.remove(&id);
        self.bytes -= gone.bytes();
        self.memory_bytes -= memory_bytes(gone.signed(), gone.bytes());
        if let Some(ids) = self.expiries.get_mut(&valid_until) {
            ids.remove(&id);
            if ids.is_empty() {
                self.expiries.remove(&valid_until);
            }
        }
    }
}

/// Gives `sender` the last place in `line`. Returns its ticket.
fn line_up(line: &mut BTreeMap<u64, AccountId>, sender: AccountId) -> u64 {
    let ticket = line.last_key_value().map_or(0, |(last, _)| last + 1);
    line.insert(ticket, sender);
    ticket
}

/// The memory that a transaction of so many bytes takes while it waits.
fn memory_bytes(signed: &SignedTransaction, bytes: usize) -> usize {
    bytes + signed.transaction.operations.len() * size_of::<Operation>() + TRANSACTION_MEMORY_BYTES
}

/// Walks the line round by round. See [`Mempool::candidates`].
#[derive(Debug)]
pub struct Candidates<'a, N> {
    mempool: &'a Mempool,
    next: N,
    line: std::collections::btree_map::Values<'a, u64, AccountId>,
    rounds: VecDeque<Turn>,
}

/// A sender's place in the rounds.
#[derive(Debug)]
struct Turn {
    sender: AccountId,
    nonce: Nonce,
    /// Bytes that its turns since its last transaction were worth.
    saved_bytes: usize,
}

impl<'a, N: Fn(&AccountId) -> Nonce> Iterator for Candidates<'a, N> {
    type Item = &'a Arc<VerifiedTransaction>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Turn { sender, nonce, saved_bytes } = match self.line.next() {
                Some(sender) => {
                    Turn { sender: *sender, nonce: (self.next)(sender), saved_bytes: 0 }
                }
                None => self.rounds.pop_front()?,
            };
            let waiting = self.mempool.senders.get(&sender).map(|queue| &queue.waiting);
            let Some(transaction) = waiting.and_then(|waiting| waiting.get(&nonce)) else {
                continue;
            };
            let saved_bytes = saved_bytes + TURN_BYTES;
            if transaction.bytes() > saved_bytes {
                self.rounds.push_back(Turn { sender, nonce, saved_bytes });
                continue;
            }
            let next = nonce.next().map(|nonce| Turn { sender, nonce, saved_bytes: 0 });
            self.rounds.extend(next);
            return Some(transaction);
        }
    }
}

/// A bounded memory of what left: the oldest is forgotten first.
#[derive(Debug, Default)]
struct Fates {
    by_id: HashMap<Hash, Fate>,
    oldest_first: VecDeque<Hash>,
}

impl Fates {
    fn remember(&mut self, id: Hash, fate: Fate) {
        if self.by_id.insert(id, fate).is_some() {
            return;
        }
        self.oldest_first.push_back(id);
        if self.oldest_first.len() > FATES_MAX
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.by_id.remove(&oldest);
        }
    }

    /// Forgets one that waits again. Its place in the order of age stays, and does no harm.
    fn forget(&mut self, id: &Hash) {
        self.by_id.remove(id);
    }
}

#[cfg(test)]
mod tests;
