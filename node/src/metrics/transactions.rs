//! What becomes of transactions that somebody brings: how many came, and why those were refused that were.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use runtime::rejection::Rejection;

use crate::door::{Admitted, Refusal};
use crate::mempool::InsertError;

type Labels = [(&'static str, &'static str); 1];

/// Why a transaction is refused where the rules have no say.
const OTHER_REFUSALS: [&str; 6] = [
    "TRANSACTION_MALFORMED",
    "SIGNATURE_INVALID",
    "NONCE_TAKEN",
    "SENDER_FULL",
    "MEMPOOL_FULL",
    "INTERNAL",
];

/// What becomes of transactions that somebody brings.
#[derive(Clone, Debug)]
pub struct Transactions {
    offered: Family<Labels, Counter>,
    admitted: Family<Labels, Counter>,
    refused: Family<Labels, Counter>,
}

/// Who brings a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A client of this node.
    Client,
    /// Another node, which passes it on.
    Peer,
}

impl Source {
    const fn labels(self) -> Labels {
        match self {
            Self::Client => [("source", "client")],
            Self::Peer => [("source", "peer")],
        }
    }
}

impl Transactions {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let [offered, admitted, refused] = [(); 3].map(|()| Family::<Labels, Counter>::default());
        for source in [Source::Client, Source::Peer] {
            drop(offered.get_or_create(&source.labels()));
            drop(admitted.get_or_create(&source.labels()));
        }
        let codes = Rejection::ALL.iter().map(|rejection| rejection.name());
        for code in codes.chain(OTHER_REFUSALS) {
            drop(refused.get_or_create(&[("code", code)]));
        }
        registry.register(
            "transactions_offered",
            "Transactions that clients submitted, or other nodes passed on",
            offered.clone(),
        );
        registry.register(
            "transactions_admitted",
            "Transactions that were new and began to wait",
            admitted.clone(),
        );
        registry.register(
            "transactions_refused",
            "Transactions that were refused before they waited, by the name of the reason",
            refused.clone(),
        );
        Self { offered, admitted, refused }
    }

    /// Notes what became of transactions that came from `source`.
    pub fn came(&self, source: Source, results: &[Result<Admitted, Refusal>]) {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.offered.get_or_create(&source.labels()).inc_by(count(results.len()));
        let new = results.iter().filter(|result| matches!(result, Ok(Admitted::New(_))));
        self.admitted.get_or_create(&source.labels()).inc_by(count(new.count()));
        for refusal in results.iter().filter_map(|result| result.as_ref().err()) {
            self.refused.get_or_create(&[("code", code(refusal))]).inc();
        }
    }
}

/// The public name of `refusal`, as clients are told.
fn code(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Rejected(rejection) => rejection.name(),
        Refusal::Malformed => "TRANSACTION_MALFORMED",
        Refusal::Signature => "SIGNATURE_INVALID",
        Refusal::NoRoom(InsertError::NonceTaken(_)) => "NONCE_TAKEN",
        Refusal::NoRoom(InsertError::SenderFull) => "SENDER_FULL",
        Refusal::NoRoom(InsertError::Full | InsertError::Known) => "MEMPOOL_FULL",
        Refusal::Store(_) => "INTERNAL",
    }
}
