//! What the buyer and the seller of a contract do in it, each in its turn.

use std::path::{Path, PathBuf};

use chain::amount::Amount;
use chain::contract::{ContractAct, Delivery, Extent, Staged, Verdict};
use chain::hash::Hash;
use chain::id::ObjectId;
use chain::limits::STAGED_DIGESTS_MAX;
use chain::operation::Operation;
use chain::sealed::Sealed;
use clap::{Args, Subcommand};
use rpc::methods::ContractGet;

use super::turn;
use crate::args::{SignArgs, hash, object_id};
use crate::commands::sealed_file;
use crate::context::{Context, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::grouped;

const STAGE_EXAMPLES: &str = "\
Examples:
  sha256sum job.tar                  its first word is the DIGEST
  tally contract stage CONTRACT --digest DIGEST --location place.age

The seller fetches code and data from the place that --location tells it. The
chain shows that file's bytes to everybody: encrypt them to the seller first.";

const RESULT_EXAMPLES: &str = "\
Examples:
  tally contract result CONTRACT --digest DIGEST --location place.age
  tally contract result CONTRACT --digest DIGEST --partial

A whole result before the window is over ends the contract's slots there.";

/// An act of the buyer or the seller.
#[derive(Debug, Subcommand)]
pub(crate) enum Act {
    /// As the buyer, say that code and data are ready to be fetched
    #[command(after_help = STAGE_EXAMPLES)]
    Stage {
        #[command(flatten)]
        of: Of,
        /// The SHA-256 of what is to be fetched; may be given several times
        #[arg(long = "digest", value_name = "DIGEST", value_parser = hash, required = true)]
        digests: Vec<Hash>,
        /// A file with the place where it is, encrypted to the seller
        #[arg(long, value_name = "FILE")]
        location: Option<PathBuf>,
    },
    /// As the seller, say that the job can start
    Ready {
        #[command(flatten)]
        of: Of,
        /// The SHA-256 of what will run
        #[arg(long, value_name = "DIGEST", value_parser = hash)]
        fingerprint: Hash,
    },
    /// Say where you can be reached
    Endpoint {
        #[command(flatten)]
        of: Of,
        /// A file with your address, encrypted to the other side
        #[arg(value_name = "FILE")]
        endpoint: PathBuf,
    },
    /// As the seller, post what was computed
    #[command(after_help = RESULT_EXAMPLES)]
    Result {
        #[command(flatten)]
        of: Of,
        /// The SHA-256 of the result
        #[arg(long, value_name = "DIGEST", value_parser = hash)]
        digest: Hash,
        /// A file with the place where it is, encrypted to the buyer
        #[arg(long, value_name = "FILE")]
        location: Option<PathBuf>,
        /// It is what there is so far
        #[arg(long)]
        partial: bool,
    },
    /// As the buyer, accept the result; what was held back is paid
    Accept {
        #[command(flatten)]
        of: Of,
    },
    /// As the buyer, reject the result; what was held back is disputed
    Reject {
        #[command(flatten)]
        of: Of,
    },
    /// As the buyer, end the window early; slots that have not begun are not paid
    End {
        #[command(flatten)]
        of: Of,
    },
    /// As the seller, take back what is left of the window after the notice you agreed on
    Reclaim {
        #[command(flatten)]
        of: Of,
    },
    /// Give up what you still have to expect of the contract
    Abort {
        #[command(flatten)]
        of: Of,
    },
}

/// Which contract, and who signs.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// The contract
    #[arg(value_parser = object_id)]
    contract: ObjectId,
    #[command(flatten)]
    sign: SignArgs,
}

/// An act, put together.
struct Step {
    of: Of,
    act: ContractAct,
    action: &'static str,
}

/// Carries out one act.
pub(super) async fn run(context: &Context, act: Act) -> Result<Answer, Failure> {
    let Step { of: Of { contract, sign }, act, action } = step(act)?;
    let signer = context.signer(&sign).await?;
    let session = context.connect(Trust::Pinned).await?;
    let answer = session.client.call(ContractGet { contract: contract.into() }).await?;
    let (view, now) = (answer.value, answer.tip.time);
    match turn::check(&view, (signer.account, &signer.name), act.kind(), now) {
        // What is signed later may be in turn by then.
        Err(failure) if sign.build.is_some() => context.output.note(&failure.message),
        other => other?,
    }
    let facts = vec![
        ("contract", contract.to_string()),
        ("state", super::shown_state(&view)),
        ("buyer", grouped(&view.buyer.to_string())),
        ("seller", grouped(&view.seller.to_string())),
        ("paid", format!("{} of {}", session.show(view.paid.0), session.show(view.total.0))),
    ];
    let operations = vec![Operation::Contract { contract, act }];
    let plan = Plan { operations, action, facts, needed: Amount::ZERO, makes: None };
    carry_out(context, &session, &signer, &sign, plan).await
}

fn step(act: Act) -> Result<Step, Failure> {
    let (of, act, action) = match act {
        Act::Stage { of, digests, location } => {
            if digests.len() > STAGED_DIGESTS_MAX {
                let message = format!("a contract stages at most {STAGED_DIGESTS_MAX} digests");
                return Err(Failure::usage(message));
            }
            let staged = Staged { digests, location: sealed(location.as_deref())? };
            (of, ContractAct::StageReady(staged), "stage")
        }
        Act::Ready { of, fingerprint } => (of, ContractAct::HostReady { fingerprint }, "be ready"),
        Act::Endpoint { of, endpoint } => {
            let endpoint = sealed(Some(&endpoint))?;
            (of, ContractAct::EndpointPublish { endpoint }, "publish an endpoint")
        }
        Act::Result { of, digest, location, partial } => {
            let extent = if partial { Extent::Partial } else { Extent::Whole };
            let delivery = Delivery { digest, location: sealed(location.as_deref())?, extent };
            (of, ContractAct::ResultPost(delivery), "post a result")
        }
        Act::Accept { of } => (of, ContractAct::SignOff { verdict: Verdict::Accept }, "accept"),
        Act::Reject { of } => (of, ContractAct::SignOff { verdict: Verdict::Reject }, "reject"),
        Act::End { of } => (of, ContractAct::EndEarly, "end early"),
        Act::Reclaim { of } => (of, ContractAct::ReclaimStart, "take back what is left"),
        Act::Abort { of } => (of, ContractAct::Abort, "abort"),
    };
    Ok(Step { of, act, action })
}

/// The bytes of a file that only the other side can read; none without a file.
fn sealed(path: Option<&Path>) -> Result<Sealed, Failure> {
    path.map_or_else(|| Ok(Sealed::default()), sealed_file)
}
