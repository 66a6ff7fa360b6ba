//! The way in for transactions, whoever brings them: a client, or another node.
//!
//! What is cheap to refuse is refused before a signature is verified; what depends on the tip is checked
//! again after, because the tip may have moved.

use std::collections::BTreeMap;
use std::sync::Arc;

use chain::account::AccountId;
use chain::encoding::encode;
use chain::hash::Hash;
use chain::height::Nonce;
use chain::limits::TRANSACTION_BYTES_MAX;
use chain::transaction::{SignedTransaction, Transaction, VerifiedTransaction};
use consensus::Wake;
use runtime::rejection::Rejection;
use runtime::transaction::check_terms;

use crate::application::{SharedMempool, lock};
use crate::ledger::{Committed, Ledger};
use crate::mempool::{Entry, InsertError};
use crate::store::StoreError;
use crate::verify::Verifier;

/// Why a transaction was not let in.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Its bytes are too many, or none of a transaction.
    #[error("its bytes are none of a transaction")]
    Malformed,
    /// The rules refuse it on the tip.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// A signature does not verify.
    #[error("a signature does not verify")]
    Signature,
    /// The mempool does not take it.
    #[error(transparent)]
    NoRoom(#[from] InsertError),
    /// The database is damaged.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A transaction that the door let pass.
#[derive(Clone, Debug)]
pub enum Admitted {
    /// It waits or is settled already, which is as good.
    Known(Hash),
    /// It waits from now on.
    New(Arc<VerifiedTransaction>),
}

impl Admitted {
    /// Its id.
    pub fn id(&self) -> Hash {
        match self {
            Self::Known(id) => *id,
            Self::New(transaction) => transaction.id(),
        }
    }
}

/// A transaction that somebody brings, its signatures not verified.
#[derive(Debug)]
pub struct Offer {
    signed: SignedTransaction,
    id: Hash,
    bytes: usize,
}

impl Offer {
    /// Reads one.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when the bytes are too many, or none of a transaction.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let signed = SignedTransaction::from_bytes(bytes).map_err(|_| Refusal::Malformed)?;
        Ok(Self { id: signed.transaction.id(), signed, bytes: bytes.len() })
    }

    /// Takes one that came with others.
    ///
    /// # Errors
    /// [`Refusal::Malformed`] when it has too many bytes.
    pub fn of(signed: SignedTransaction) -> Result<Self, Refusal> {
        let bytes = encode(&signed).len();
        if bytes > TRANSACTION_BYTES_MAX {
            return Err(Refusal::Malformed);
        }
        Ok(Self { id: signed.transaction.id(), signed, bytes })
    }

    /// Checks what can be checked on the tip, signatures apart. `latest` are the nonces of the last offers
    /// of their senders in the same call, which come first. True when it is new.
    fn check(
        &self,
        door: &Door,
        committed: &Committed,
        latest: &BTreeMap<AccountId, Nonce>,
    ) -> Result<bool, Refusal> {
        let nonce = door.account_nonce(committed, &self.id, &self.signed, self.bytes)?;
        let Some(account) = nonce else { return Ok(false) };
        let before = latest.get(&self.signed.transaction.sender).copied();
        let entry = Entry { id: self.id, signed: &self.signed, bytes: self.bytes, before };
        match lock(&door.mempool).check(&entry, account) {
            Ok(()) => Ok(true),
            Err(InsertError::Known) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The way into a mempool.
#[derive(Debug)]
pub struct Door {
    ledger: Arc<Ledger>,
    mempool: SharedMempool,
    verifier: Verifier,
    wake: Wake,
}

impl Door {
    /// The way into `mempool`, by the rules on the tip of `ledger`; `wake` is rung when something starts to
    /// wait. Starts the threads that verify what is brought.
    pub fn new(ledger: Arc<Ledger>, mempool: SharedMempool, wake: Wake) -> Self {
        Self { ledger, mempool, verifier: Verifier::start(), wake }
    }

    /// The ledger.
    pub const fn ledger(&self) -> &Arc<Ledger> {
        &self.ledger
    }

    /// The mempool.
    pub const fn mempool(&self) -> &SharedMempool {
        &self.mempool
    }

    /// Lets `offers` wait for a block; what becomes of each is its own result, in their order. Those that are
    /// refused already stay so.
    pub fn admit(&self, offers: Vec<Result<Offer, Refusal>>) -> Vec<Result<Admitted, Refusal>> {
        let mut results = Vec::with_capacity(offers.len());
        let (mut places, mut unverified) = (Vec::new(), Vec::new());
        let mut latest = BTreeMap::new();
        let committed = self.ledger.read();
        for (place, offer) in offers.into_iter().enumerate() {
            let checked = offer.and_then(|offer| {
                if offer.check(self, &committed, &latest)? {
                    let Transaction { sender, nonce, .. } = offer.signed.transaction;
                    latest.insert(sender, nonce);
                    places.push(place);
                    unverified.push(offer.signed);
                }
                Ok(Admitted::Known(offer.id))
            });
            results.push(checked);
        }
        drop(committed);
        if unverified.is_empty() {
            return results;
        }

        let verdicts = self.verifier.verify(unverified);
        let committed = self.ledger.read();
        for (place, verdict) in places.into_iter().zip(verdicts) {
            let verified = verdict.map_err(|_| Refusal::Signature);
            results[place] = verified.and_then(|verified| self.insert(&committed, verified));
        }
        drop(committed);
        self.wake.raise();
        results
    }

    /// Lets a verified transaction wait, if the rules still accept it.
    fn insert(
        &self,
        committed: &Committed,
        verified: VerifiedTransaction,
    ) -> Result<Admitted, Refusal> {
        let (id, signed, bytes) = (verified.id(), verified.signed(), verified.bytes());
        let Some(account) = self.account_nonce(committed, &id, signed, bytes)? else {
            return Ok(Admitted::Known(id));
        };
        let transaction = Arc::new(verified);
        match lock(&self.mempool).insert(Arc::clone(&transaction), account) {
            Ok(()) => Ok(Admitted::New(transaction)),
            Err(InsertError::Known) => Ok(Admitted::Known(id)),
            Err(error) => Err(error.into()),
        }
    }

    /// The nonce of the sender's account when the rules accept the transaction on the tip; `None` when it is
    /// settled, which they refuse to do twice.
    fn account_nonce(
        &self,
        committed: &Committed,
        id: &Hash,
        signed: &SignedTransaction,
        bytes: usize,
    ) -> Result<Option<Nonce>, Refusal> {
        let (view, height) = (committed.view(), committed.header.height.next());
        let transaction = &signed.transaction;
        let account = view.account(&transaction.sender).unwrap_or_default().nonce;
        // A gap may be closed by others that wait; the mempool says how wide it may be.
        let expected = transaction.nonce.max(account);
        match check_terms(&view, height, signed, bytes, expected) {
            Ok(_) => Ok(Some(account)),
            Err(_) if self.is_settled(committed, id)? => Ok(None),
            Err(rejection) => Err(rejection.into()),
        }
    }

    fn is_settled(&self, committed: &Committed, id: &Hash) -> Result<bool, StoreError> {
        let place = self.ledger.store().place(id)?;
        Ok(place.is_some_and(|place| place.height <= committed.header.height))
    }
}
