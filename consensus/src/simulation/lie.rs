//! What an authority signs that lies.

use chain::equivocation::Equivocation;
use chain::hash::Hash;
use commonware_consensus::simplex::types::{Activity, ConflictingFinalize, Finalize, Proposal};
use commonware_consensus::types::{Epoch, Round, View};
use commonware_cryptography::Signer;
use commonware_cryptography::sha256::Digest;
use commonware_utils::ordered::Set;

use crate::AuthoritySecret;
use crate::committee::{Scheme, namespace};
use crate::witness::equivocation;

/// Makes two blocks that do not exist final, with the one vote of `secret`, in one view of `chain`.
pub fn equivocate(
    secret: &AuthoritySecret,
    chain: Hash,
    (epoch, view): (u64, u64),
) -> Equivocation {
    let signer = secret.signer();
    let voters = Set::from_iter_dedup([signer.public_key()]);
    let scheme = Scheme::signer(&namespace(chain), voters, signer).expect("it is the one voter");
    let round = Round::new(Epoch::new(epoch), View::new(view));
    let [one, other] = [1, 2].map(|byte| {
        let proposal = Proposal::new(round, View::new(0), Digest([byte; 32]));
        Finalize::sign(&scheme, proposal).expect("a voter signs")
    });
    let found = Activity::ConflictingFinalize(ConflictingFinalize::new(one, other));
    equivocation(&found, &scheme).expect("they contradict each other")
}
