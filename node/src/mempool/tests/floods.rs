//! Floods from many accounts: the bounds hold, and whoever sends little is in a block soon.

use chain::amount::Amount;
use chain::keys::SecretKey;
use chain::limits::{BLOCK_BYTES_MAX, OPERATIONS_MAX};
use chain::memo::Memo;
use chain::witness::Witness;

use super::*;

/// Blocks within which an honest transaction is in one.
const BLOCKS_MAX: usize = 5;

/// A flood, and the accounts that it pays from.
struct Flood {
    mempool: Mempool,
    keys: Vec<SecretKey>,
    nonces: BTreeMap<AccountId, u64>,
    operations: Vec<Operation>,
    /// Bytes, and bytes of memory, when it was fullest.
    fullest: (usize, usize),
}

impl Flood {
    fn new(senders: u16, operations: Vec<Operation>) -> Self {
        let key = |number: u16| {
            let mut bytes = [0xf1; 32];
            bytes[..2].copy_from_slice(&number.to_be_bytes());
            SecretKey::from_bytes(&bytes).unwrap()
        };
        let keys = (0..senders).map(key).collect();
        let (mempool, nonces) = (Mempool::default(), BTreeMap::new());
        Self { mempool, keys, nonces, operations, fullest: (0, 0) }
    }

    /// Every sender offers its next transactions in turn, until nobody gets any more in.
    fn rage(&mut self) {
        let keys = self.keys.clone();
        let mut open: Vec<&SecretKey> = keys.iter().collect();
        while !open.is_empty() {
            open.retain(|key| self.offer(key).is_ok());
        }
        assert!(self.mempool.bytes <= BYTES_MAX && self.mempool.len() <= TRANSACTIONS_MAX);
        assert!(self.mempool.memory_bytes <= MEMORY_BYTES_MAX);
        let (bytes, memory_bytes) = self.fullest;
        self.fullest = (bytes.max(self.mempool.bytes), memory_bytes.max(self.mempool.memory_bytes));
    }

    /// The sender's next transaction, as the node takes it: signed only if there is room.
    fn offer(&mut self, key: &SecretKey) -> Result<(), InsertError> {
        let sender = AccountId::of_key(&key.public_key());
        let at = Nonce(self.nonces.get(&sender).copied().unwrap_or(0));
        let mut asked = transaction(1, self.mempool.next_nonce(&sender, at).0);
        (asked.sender, asked.operations) = (sender, self.operations.clone());
        let witness = Witness { key: key.public_key(), signature: chain::keys::Signature([0; 64]) };
        let unsigned = SignedTransaction { transaction: asked.clone(), witnesses: vec![witness] };
        let bytes = chain::encoding::encode(&unsigned).len();
        let entry = Entry { id: asked.id(), signed: &unsigned, bytes, before: None };
        self.mempool.check(&entry, at)?;
        self.mempool.insert(verified(asked.sign(key)), at)
    }

    /// A block of what the mempool offers. True when something of `watched` is in it.
    fn block(&mut self, height: u64, watched: AccountId) -> bool {
        let next = |sender: &AccountId| Nonce(self.nonces.get(sender).copied().unwrap_or(0));
        let mut bytes = 0;
        let fits = |it: &&Arc<VerifiedTransaction>| {
            bytes += it.bytes();
            bytes <= BLOCK_BYTES_MAX - chain::limits::BLOCK_OVERHEAD_BYTES_MAX
        };
        let block: Vec<SignedTransaction> = self
            .mempool
            .candidates(next)
            .take_while(fits)
            .map(|candidate| candidate.signed().clone())
            .collect();
        for signed in &block {
            *self.nonces.entry(signed.transaction.sender).or_default() += 1;
        }
        self.mempool.settle(Height(height), &block);
        block.iter().any(|signed| signed.transaction.sender == watched)
    }

    /// An honest account pays so many times, one payment after the other, while the flood goes on.
    fn check_honest(&mut self, payments: u64) {
        let honest = account(1);
        self.rage();
        let mut height = 0;
        for payment in 0..payments {
            let mut blocks = 0;
            loop {
                self.rage();
                let at = Nonce(self.nonces.get(&honest).copied().unwrap_or(0));
                // Refused, it is tried again with the next block; waiting already, it waits.
                let _ = self.mempool.insert(verified(transfer(1, payment)), at);
                (height, blocks) = (height + 1, blocks + 1);
                if self.block(height, honest) {
                    break;
                }
                assert!(blocks < BLOCKS_MAX, "payment {payment} waits for the {blocks}th block");
            }
        }
    }
}

/// As many operations as may be, each as many bytes as may be.
fn large() -> Vec<Operation> {
    let memo = Memo::new("x".repeat(128)).unwrap();
    let step = Operation::Transfer { to: account(2), amount: Amount::from_u64(1), memo };
    vec![step; OPERATIONS_MAX]
}

/// As many operations as may be, each as few bytes as may be.
fn dense() -> Vec<Operation> {
    vec![Operation::AccountUpdate { name: None }; OPERATIONS_MAX]
}

#[test]
fn honest_payments_are_soon_in_a_block_while_many_accounts_send_what_is_large() {
    let mut flood = Flood::new(600, large());
    flood.check_honest(3);
    assert!(flood.fullest.0 >= BYTES_MAX / 2, "the flood fills the mempool");
}

#[test]
fn honest_payments_are_soon_in_a_block_while_many_accounts_send_what_takes_memory() {
    let mut flood = Flood::new(600, dense());
    flood.check_honest(1);
    assert!(flood.fullest.1 >= MEMORY_BYTES_MAX / 2, "the flood fills the mempool");
}

#[test]
fn fuller_the_mempool_the_fewer_of_one_sender_wait() {
    let mut mempool = Mempool::default();
    let max = |mempool: &mut Mempool, eighths: usize| {
        mempool.bytes = BYTES_MAX / 8 * eighths;
        mempool.sender_transactions_max()
    };
    let allowed: Vec<usize> = (0..=8).map(|eighths| max(&mut mempool, eighths)).collect();
    assert_eq!(allowed, [64, 64, 64, 64, 16, 16, 4, 1, 1]);
    mempool.bytes = 0;
    mempool.memory_bytes = MEMORY_BYTES_MAX;
    assert_eq!(mempool.sender_transactions_max(), 1);
}

#[test]
fn large_transaction_waits_for_as_many_turns_as_it_is_worth() {
    let mut mempool = Mempool::default();
    let mut first = transaction(1, 0);
    first.operations = large();
    let large = verified(first.sign(&key(1)));
    let turns = large.bytes().div_ceil(TURN_BYTES) as u64;
    mempool.insert(large, Nonce(0)).unwrap();
    for nonce in 0..20 {
        insert(&mut mempool, 2, nonce).unwrap();
    }
    let place = candidates(&mempool).iter().position(|(sender, _)| *sender == 1);
    assert_eq!(place, usize::try_from(turns - 1).ok());
}
