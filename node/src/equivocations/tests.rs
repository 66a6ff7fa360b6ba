//! Proofs are kept once each, readable by whoever is shown one, and not without end.

use chain::authority::{AuthorityKey, AuthoritySignature};
use chain::certificate::{Ballot, Voted};
use chain::equivocation::Signed;
use rpc::text::TextForm;
use serde_json::Value;
use tempfile::TempDir;

use super::*;

const CHAIN: Hash = Hash([0xc0; 32]);

fn proof(view: u64) -> Equivocation {
    let signature = AuthoritySignature([7; 64]);
    let ballot = Ballot::Finalize(Voted { parent_view: 0, block: Hash([1; 32]) });
    let first = Signed { ballot: Ballot::Nullify, signature };
    let second = Signed { ballot, signature };
    Equivocation { authority: AuthorityKey([9; 32]), epoch: 2, view, first, second }
}

#[test]
fn what_is_kept_is_listed_and_reads_back() {
    let folder = TempDir::new().unwrap();
    let kept = Equivocations::of(folder.path().join("equivocations"));
    assert!(kept.list().unwrap().is_empty());
    let path = kept.keep(CHAIN, &proof(5), Contradiction::GivenUpAndFinal).unwrap();
    let again = kept.keep(CHAIN, &proof(5), Contradiction::GivenUpAndFinal).unwrap();
    assert_eq!(path, again);
    assert_eq!(kept.list().unwrap(), std::slice::from_ref(&path));
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(document["contradiction"], "given_up_and_final");
    assert_eq!(document["chain"], CHAIN.to_string());
    let text = document["proof"].as_str().unwrap();
    assert_eq!(Canonical::<Equivocation>::parse(text), Some(Canonical(proof(5))));
}

#[test]
fn endless_contradictions_do_not_fill_the_disk() {
    let folder = TempDir::new().unwrap();
    let kept = Equivocations::of(folder.path());
    for number in 0..KEPT_MAX {
        fs::write(folder.path().join(format!("{number}.json")), "").unwrap();
    }
    let refused = kept.keep(CHAIN, &proof(5), Contradiction::GivenUpAndFinal).unwrap_err();
    assert!(refused.to_string().contains("are kept already"), "{refused}");
    assert_eq!(kept.list().unwrap().len(), KEPT_MAX);
}
