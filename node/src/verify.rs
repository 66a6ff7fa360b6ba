//! Signatures: many are verified together, by all cores, away from the threads that serve clients.
//!
//! ```text
//! submissions -> queue -> a thread a core: takes what waits, up to a batch, and verifies it together
//! ```
//! Whoever comes alone is verified at once; whoever comes with others shares a batch with them. A block of
//! somebody else is verified by the thread that judges it and others beside it, without what waits in the
//! mempool, which was verified when it came.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use chain::hash::Hash;
use chain::keys::SignatureInvalid;
use chain::transaction::{SignedTransaction, VerifiedTransaction, verify_all};

/// Fewer transactions than this are not worth a thread.
const THREAD_TRANSACTIONS_MIN: usize = 16;
/// Transactions that are verified together at most: more gain little, and keep the first waiting.
const BATCH_TRANSACTIONS_MAX: usize = 512;
/// Transactions that wait to be verified; whoever brings more waits for room.
const QUEUE_TRANSACTIONS_MAX: usize = 16_384;

// A batch always finds room in the end.
const _: () = assert!(BATCH_TRANSACTIONS_MAX <= QUEUE_TRANSACTIONS_MAX);

/// What became of one transaction.
type Verdict = Result<VerifiedTransaction, SignatureInvalid>;

/// Threads that verify what clients submit. They end when this is dropped.
#[derive(Debug)]
pub struct Verifier {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something waits, or nothing will any more.
    arrived: Condvar,
    /// Something was taken.
    taken: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Job>,
    /// How many transactions wait, over all jobs.
    transactions: usize,
    closed: bool,
}

/// Transactions of one caller, at most a batch.
#[derive(Debug)]
struct Job {
    transactions: Vec<SignedTransaction>,
    answer: mpsc::Sender<Vec<Verdict>>,
}

impl Verifier {
    /// Starts a thread for each core.
    ///
    /// # Panics
    /// When the system has no threads left.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let thread = |_| {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name("verify".to_owned())
                .spawn(move || shared.run())
                .expect("the system has a thread left")
        };
        let threads = (0..cores()).map(thread).collect();
        Self { shared, threads }
    }

    /// Verifies `transactions`; returns a verdict on each, in their order. Waits for room while too many
    /// others wait.
    ///
    /// # Panics
    /// When a thread that verifies has panicked.
    pub fn verify(&self, transactions: Vec<SignedTransaction>) -> Vec<Verdict> {
        let mut rest = transactions;
        let mut answers = Vec::new();
        while !rest.is_empty() {
            let after = rest.split_off(rest.len().min(BATCH_TRANSACTIONS_MAX));
            let (answer, verdicts) = mpsc::channel();
            self.shared.push(Job { transactions: rest, answer });
            answers.push(verdicts);
            rest = after;
        }
        let answer =
            |verdicts: mpsc::Receiver<_>| verdicts.recv().expect("verifying does not panic");
        answers.into_iter().flat_map(answer).collect()
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.arrived.notify_all();
        for thread in self.threads.drain(..) {
            // One that panicked has said so already.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Job) {
        let count = job.transactions.len();
        let full = |queue: &mut Queue| queue.transactions + count > QUEUE_TRANSACTIONS_MAX;
        let queue = self.taken.wait_while(self.lock(), full);
        let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
        queue.transactions += count;
        queue.waiting.push_back(job);
        self.arrived.notify_one();
    }

    /// Verifies batch after batch, until nothing will come any more.
    fn run(&self) {
        while let Some(jobs) = self.next() {
            let mut answers = Vec::with_capacity(jobs.len());
            let mut transactions = Vec::new();
            for mut job in jobs {
                answers.push((job.answer, job.transactions.len()));
                transactions.append(&mut job.transactions);
            }
            let mut verdicts = verify_all(transactions).into_iter();
            for (answer, count) in answers {
                // Whoever asked may have gone.
                let _ = answer.send(verdicts.by_ref().take(count).collect());
            }
        }
    }

    /// Waits for jobs and takes as many as fit one batch, at least one.
    fn next(&self) -> Option<Vec<Job>> {
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.closed;
        let queue = self.arrived.wait_while(self.lock(), idle);
        let mut queue = queue.unwrap_or_else(PoisonError::into_inner);
        let jobs = queue.take();
        self.taken.notify_all();
        (!jobs.is_empty()).then_some(jobs)
    }
}

impl Queue {
    fn take(&mut self) -> Vec<Job> {
        let mut count = 0;
        let fits = |job: &&Job| {
            count += job.transactions.len();
            count <= BATCH_TRANSACTIONS_MAX
        };
        let jobs = self.waiting.iter().take_while(fits).count();
        let jobs: Vec<Job> = self.waiting.drain(..jobs).collect();
        self.transactions -= jobs.iter().map(|job| job.transactions.len()).sum::<usize>();
        jobs
    }
}

/// Verifies `transactions`, in their order. What `known` finds under its id and is the same to the last
/// byte is not verified again.
///
/// # Errors
/// [`SignatureInvalid`] when one signature does not verify.
pub fn transactions(
    transactions: &[SignedTransaction],
    known: impl Fn(&Hash) -> Option<Arc<VerifiedTransaction>>,
) -> Result<Vec<VerifiedTransaction>, SignatureInvalid> {
    let mut verified: Vec<Option<VerifiedTransaction>> = transactions
        .iter()
        .map(|signed| {
            let known = known(&signed.transaction.id())?;
            (known.signed() == signed).then(|| Arc::unwrap_or_clone(known))
        })
        .collect();
    let unknown: Vec<(usize, &SignedTransaction)> =
        transactions.iter().enumerate().filter(|(index, _)| verified[*index].is_none()).collect();
    for (index, transaction) in in_parallel(&unknown)? {
        verified[index] = Some(transaction);
    }
    Ok(verified.into_iter().flatten().collect())
}

type Numbered = (usize, VerifiedTransaction);

fn in_parallel(unknown: &[(usize, &SignedTransaction)]) -> Result<Vec<Numbered>, SignatureInvalid> {
    let share = unknown.len().div_ceil(cores()).max(THREAD_TRANSACTIONS_MIN);
    let mut shares = unknown.chunks(share);
    let Some(own) = shares.next() else { return Ok(Vec::new()) };
    thread::scope(|scope| {
        let others: Vec<_> = shares.map(|share| scope.spawn(|| in_batches(share))).collect();
        let mut verified = in_batches(own)?;
        for other in others {
            verified.extend(other.join().expect("verifying does not panic")?);
        }
        Ok(verified)
    })
}

fn in_batches(share: &[(usize, &SignedTransaction)]) -> Result<Vec<Numbered>, SignatureInvalid> {
    let mut verified = Vec::with_capacity(share.len());
    for batch in share.chunks(BATCH_TRANSACTIONS_MAX) {
        let transactions = batch.iter().map(|(_, signed)| (*signed).clone()).collect();
        for ((index, _), verdict) in batch.iter().zip(verify_all(transactions)) {
            verified.push((*index, verdict?));
        }
    }
    Ok(verified)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn each_submission_gets_its_own_verdicts_in_order() {
        let verifier = Verifier::start();
        let count = BATCH_TRANSACTIONS_MAX as u64 + 10;
        std::thread::scope(|scope| {
            for sender in [1, 2, 3] {
                let verifier = &verifier;
                scope.spawn(move || {
                    let mut signed: Vec<_> =
                        (0..count).map(|nonce| testing::transfer(sender, nonce)).collect();
                    signed[5].witnesses[0].signature.0[0] ^= 1;
                    let verdicts = verifier.verify(signed.clone());
                    assert_eq!(verdicts.len(), signed.len());
                    for (index, (verdict, signed)) in verdicts.iter().zip(&signed).enumerate() {
                        let verified = verdict.as_ref().map(VerifiedTransaction::signed);
                        assert_eq!(verified.ok(), (index != 5).then_some(signed), "{index}");
                    }
                });
            }
        });
        assert!(verifier.verify(Vec::new()).is_empty());
    }

    #[test]
    fn whoever_brings_too_many_waits_for_room() {
        let queue = |transactions| Queue { transactions, ..Queue::default() };
        let shared =
            Shared { queue: Mutex::new(queue(QUEUE_TRANSACTIONS_MAX)), ..Shared::default() };
        let (answer, _verdicts) = mpsc::channel();
        let job = Job { transactions: vec![testing::transfer(1, 0)], answer };
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| shared.push(job));
            assert!(!waiting.is_finished());
            shared.lock().transactions -= 1;
            shared.taken.notify_all();
            waiting.join().unwrap();
        });
        assert_eq!(shared.lock().transactions, QUEUE_TRANSACTIONS_MAX);
        assert_eq!(shared.lock().waiting.len(), 1);
    }

    #[test]
    fn verified_transactions_keep_their_order() {
        let signed: Vec<_> = (0..100).map(|nonce| testing::transfer(1, nonce)).collect();
        let verified = transactions(&signed, |_| None).unwrap();
        assert!(verified.iter().map(VerifiedTransaction::signed).eq(&signed));
    }

    #[test]
    fn one_bad_signature_among_many_is_found() {
        for bad in [0, 50, 99] {
            let mut signed: Vec<_> = (0..100).map(|nonce| testing::transfer(1, nonce)).collect();
            signed[bad].transaction.fee_max = chain::amount::Amount::ZERO;
            assert_eq!(transactions(&signed, |_| None), Err(SignatureInvalid));
        }
    }

    #[test]
    fn known_transaction_with_other_witnesses_is_verified_again() {
        let known = Arc::new(testing::transfer(1, 0).verify().unwrap());
        let mut other = testing::transfer(1, 0);
        let look_up = |_: &Hash| Some(Arc::clone(&known));
        assert!(transactions(std::slice::from_ref(&other), look_up).is_ok());
        other.witnesses[0].signature.0[0] ^= 1;
        assert_eq!(transactions(&[other], look_up), Err(SignatureInvalid));
    }
}
