//! `tally verify equivocation`: a proof that an authority contradicted itself, checked against the chain's own voters.

use std::path::{Path, PathBuf};

use chain::certificate::Ballot;
use chain::equivocation::{Contradiction, Equivocation};
use clap::Args;
use rpc::canonical::Canonical;
use rpc::text::{Text, TextForm};
use serde::Deserialize;
use serde_json::json;

use super::Anchor;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::output::Answer;
use crate::proof::{Auditor, ProofError};
use crate::text::facts;

/// Bytes of a file with a proof, at most.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// The arguments of `verify equivocation`.
#[derive(Debug, Args)]
pub(crate) struct EquivocationArgs {
    /// A file that 'tallyd equivocations' lists
    file: PathBuf,
}

/// What is read of a file; the rest of it says the same for people.
#[derive(Deserialize)]
struct File {
    proof: String,
}

/// Checks the signatures in the file, and that their authority votes in their epoch.
pub(super) async fn prove(
    anchor: &Anchor,
    auditor: &mut Auditor,
    args: &EquivocationArgs,
) -> Result<Answer, Failure> {
    let proof = read(&args.file)?;
    let Equivocation { authority, epoch, view, first, second } = proof;
    let contradiction = proof.verify(anchor.chain).map_err(|reason| {
        invalid(format!("it proves nothing on chain {}: {reason}", anchor.chain))
    })?;
    let voters = match auditor.voters(epoch).await {
        Err(ProofError::EpochMissing { epoch: reached }) => return Err(not_yet(epoch, reached)),
        voters => voters?,
    };
    if !voters.contains(&authority) {
        let reason =
            format!("{authority} has no vote in epoch {epoch}: what it signs means nothing");
        return Err(invalid(reason));
    }
    let lines = [
        ("authority", authority.to_string()),
        ("contradiction", said(contradiction).to_owned()),
        ("where", format!("epoch {epoch}, view {view}")),
        ("signed", shown(first.ballot)),
        ("and signed", shown(second.ballot)),
        ("chain", anchor.named()),
    ];
    let document = json!({
        "authority": Text(authority),
        "epoch": epoch,
        "view": view,
        "contradiction": contradiction.name(),
        "chain": Text(anchor.chain),
        "trust": anchor.source.name(),
    });
    Ok(Answer::new(&document, facts(&lines)))
}

/// The proof in the file at `path`.
fn read(path: &Path) -> Result<Equivocation, Failure> {
    let bytes = files::read_bounded(path, FILE_BYTES_MAX)?;
    let unreadable = || {
        let path = path.display();
        Failure::usage(format!("{path} is no file of 'tallyd equivocations'"))
            .hint("it should be a JSON object with the bytes of a proof under \"proof\"")
    };
    let file: File = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
    let Canonical(proof) = Canonical::parse(&file.proof).ok_or_else(unreadable)?;
    Ok(proof)
}

fn invalid(message: String) -> Failure {
    Failure::new(Exit::Usage, "PROOF_INVALID", message)
}

fn not_yet(epoch: u64, reached: u64) -> Failure {
    let message =
        format!("who votes in epoch {epoch} is not known: the node is in epoch {reached}");
    Failure::new(Exit::Unknown, "EPOCH_UNKNOWN", message)
        .hint("ask a node that is further, with --node URL")
}

const fn said(contradiction: Contradiction) -> &'static str {
    match contradiction {
        Contradiction::TwoProposals => "it voted for two proposals of one view",
        Contradiction::TwoFinals => "it made two proposals of one view final",
        Contradiction::GivenUpAndFinal => "it gave a view up and made its proposal final",
    }
}

fn shown(ballot: Ballot) -> String {
    match ballot {
        Ballot::Notarize(voted) => format!("notarize {}", voted.block),
        Ballot::Nullify => "nullify".to_owned(),
        Ballot::Finalize(voted) => format!("finalize {}", voted.block),
    }
}
