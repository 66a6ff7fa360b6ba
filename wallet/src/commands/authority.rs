//! `tally authority`: who votes, who will, and what an authority does with its own keys.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey, AuthoritySignature};
use chain::authority_set::AuthorityAct;
use chain::operation::Operation;
use chain::proposal::Admission;
use clap::Subcommand;
use rpc::methods::{AuthorityList, AuthorityListHistory};
use rpc::text::{Address, Text};
use rpc::types::{AuthoritiesView, HappeningView, Limit, SeatView};
use serde::Deserialize;
use serde_json::Value;

use crate::args::{ListArgs, SignArgs};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::files;
use crate::output::Answer;
use crate::signing::{Plan, carry_out};
use crate::text::{escape, facts, listing};
use crate::when;

/// Bytes of an offer, at most.
const OFFER_BYTES_MAX: u64 = 4 * 1024;

const ROTATE_EXAMPLES: &str = "\
Examples:
  tallyd key rotate --account tallydev1... > next.json     on the node's machine
  tally authority rotate next.json --key authority

The node keeps both keys and takes the new one up when its epoch begins; the old
one votes until then.";

/// Who votes, and what an authority does with its own keys
#[derive(Debug, Subcommand)]
pub(crate) enum AuthorityCommand {
    /// List who votes, who will, and the version of the rules
    List,
    /// List all that authorities have decided
    History {
        #[command(flatten)]
        list: ListArgs,
    },
    /// Let another key vote in place of your authority's, from the next epoch on
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate {
        /// The file that 'tallyd key rotate' wrote on the node's machine
        offer: PathBuf,
        #[command(flatten)]
        sign: SignArgs,
    },
    /// Say where your authority's node is reached by the others
    Move {
        /// The authority's key
        #[arg(value_parser = authority_key)]
        authority: AuthorityKey,
        /// Its node's address: IP:PORT
        #[arg(long, value_name = "IP:PORT", required_unless_present = "nowhere")]
        address: Option<SocketAddr>,
        /// Say no more where it is
        #[arg(long, conflicts_with = "address")]
        nowhere: bool,
        #[command(flatten)]
        sign: SignArgs,
    },
}

/// What a node's owner says of a key that is to vote, with the key's own signature.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Offer {
    account: Text<Address>,
    key: Text<AuthorityKey>,
    replaces: Option<Text<AuthorityKey>>,
    address: Option<SocketAddr>,
    proof: String,
}

impl Offer {
    /// Reads a file that `tallyd key` wrote.
    ///
    /// # Errors
    /// [`Failure`] when it is none.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let invalid = |reason: &str| Failure::usage(format!("{}: {reason}", path.display()));
        let bytes = files::read_bounded(path, OFFER_BYTES_MAX)?;
        serde_json::from_slice(&bytes).map_err(|error| {
            invalid(&format!("no offer of a key: {error}")).hint("'tallyd key offer' writes one")
        })
    }

    /// What a proposal says of an authority that joins.
    ///
    /// # Errors
    /// [`Failure`] when it is of another network, replaces a key, or is not signed by its own.
    pub(crate) fn admission(&self, session: &Session) -> Result<Admission, Failure> {
        if self.replaces.is_some() {
            return Err(Failure::usage("that key is to replace another")
                .hint("its authority asks for that itself: 'tally authority rotate'"));
        }
        let proof = self.proof(session)?;
        let authority = Authority { key: self.key.0, account: self.account.0.account };
        Ok(Admission { authority, address: self.address, proof })
    }

    fn proof(&self, session: &Session) -> Result<AuthoritySignature, Failure> {
        let (chain, account) = (session.status.value.chain.0, &self.account.0.account);
        if self.account.0.network != session.network() {
            return Err(Failure::usage("the offer is for another network"));
        }
        let proof = signature(&self.proof).ok_or_else(|| Failure::usage("the proof is none"))?;
        let replaces = self.replaces.map(|key| key.0);
        if self.key.0.proves((chain, account), replaces, &proof) {
            Ok(proof)
        } else {
            Err(Failure::usage("the offer is not signed by its key for this chain and account"))
        }
    }
}

fn signature(text: &str) -> Option<AuthoritySignature> {
    let bytes = hex::decode(text).ok()?;
    Some(AuthoritySignature(bytes.try_into().ok()?))
}

fn authority_key(text: &str) -> Result<AuthorityKey, &'static str> {
    AuthorityKey::from_hex(text).ok_or("an authority's key has 64 hexadecimal digits")
}

/// Runs `tally authority`.
pub(super) async fn run(context: &Context, command: AuthorityCommand) -> Result<Answer, Failure> {
    match command {
        AuthorityCommand::List => list(context).await,
        AuthorityCommand::History { list } => history(context, list).await,
        AuthorityCommand::Rotate { offer, sign } => {
            let offer = Offer::read(&offer)?;
            let signer = context.signer(&sign).await?;
            let session = context.connect(Trust::Pinned).await?;
            let Some(replaces) = offer.replaces else {
                return Err(Failure::usage("that key replaces none")
                    .hint("whoever joins is proposed: 'tally propose authority --add FILE'"));
            };
            let (operations, address) = rotation(&session, &offer, replaces.0).await?;
            let facts = vec![
                ("key now", replaces.to_string()),
                ("key then", offer.key.to_string()),
                ("its node", address.map_or_else(|| "nowhere".to_owned(), |it| it.to_string())),
                ("when", "from the next epoch on".to_owned()),
            ];
            let (action, needed) = ("let another key vote", Amount::ZERO);
            let plan = Plan { operations, action, facts, needed, makes: None };
            carry_out(context, &session, &signer, &sign, plan).await
        }
        AuthorityCommand::Move { authority, address, sign, .. } => {
            let signer = context.signer(&sign).await?;
            let session = context.connect(Trust::Pinned).await?;
            let where_to = address.map_or_else(|| "nowhere".to_owned(), |it| it.to_string());
            let facts = vec![("key", authority.to_string()), ("its node", where_to)];
            let act = AuthorityAct::Move { address };
            let operations = vec![Operation::Authority { key: authority, act }];
            let (action, needed) = ("say where the node is", Amount::ZERO);
            let plan = Plan { operations, action, facts, needed, makes: None };
            carry_out(context, &session, &signer, &sign, plan).await
        }
    }
}

/// What lets the offered key vote in place of another and says where its node is, and that.
async fn rotation(
    session: &Session,
    offer: &Offer,
    replaces: AuthorityKey,
) -> Result<(Vec<Operation>, Option<SocketAddr>), Failure> {
    let act = AuthorityAct::Rotate { key: offer.key.0, proof: offer.proof(session)? };
    let mut operations = vec![Operation::Authority { key: replaces, act }];
    let view = session.client.call(AuthorityList {}).await?.value;
    let seat = view.next.iter().find(|seat| seat.key.0 == replaces);
    let said = seat.and_then(|seat| seat.address).map(|address| address.0);
    let address = offer.address.or(said);
    if address.is_none() && view.next.len() > 1 {
        return Err(Failure::usage("nobody could tell the others where the key's node is")
            .hint("write the offer with 'tallyd key rotate --address IP:PORT'"));
    }
    // The chain takes what it knows of the old key over to the new one.
    if address != said {
        let act = AuthorityAct::Move { address };
        operations.push(Operation::Authority { key: offer.key.0, act });
    }
    Ok((operations, address))
}

async fn list(context: &Context) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let answer = session.client.call(AuthorityList {}).await?;
    let view = &answer.value;
    let mut seats: Vec<&SeatView> = view.voting.iter().collect();
    let has = |seats: &[SeatView], key| seats.iter().any(|seat| seat.key == key);
    seats.extend(view.next.iter().filter(|seat| !has(&view.voting, seat.key)));
    let row = |seat: &&SeatView| {
        let votes = match (has(&view.voting, seat.key), has(&view.next, seat.key)) {
            (true, true) => "yes".to_owned(),
            (true, false) => format!("until epoch {}", view.epoch + 1),
            (false, _) => format!("from epoch {} on", view.epoch + 1),
        };
        let address = seat.address.map_or_else(|| "not said".to_owned(), |it| it.to_string());
        (vec![seat.account.to_string(), votes, address], vec![format!("key {}", seat.key)])
    };
    let rows = seats.iter().map(row).collect();
    let table = listing(&["ACCOUNT", "VOTES", "NODE"], rows, "no authorities");
    let text = format!("{table}{}", facts(&summary(view, answer.tip.height)));
    Ok(Answer::new(&answer, text))
}

fn summary(view: &AuthoritiesView, height: u64) -> Vec<(&'static str, String)> {
    let left = view.next_epoch_height.saturating_sub(height.saturating_add(1));
    let mut facts = vec![
        ("epoch", view.epoch.to_string()),
        ("next epoch", format!("at height {}, in {left} blocks", view.next_epoch_height)),
        ("quorum", format!("{} of {}", view.quorum, view.voting.len())),
        ("version", view.protocol_version.to_string()),
    ];
    facts.extend(view.upgrade.map(|upgrade| {
        ("upgrade", format!("version {} from height {} on", upgrade.version, upgrade.height))
    }));
    facts
}

async fn history(context: &Context, list: ListArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let limit = Limit::new(list.limit).unwrap_or_default();
    let question = AuthorityListHistory { cursor: list.cursor, limit };
    let page = session.client.call(question).await?;
    let row = |happening: &HappeningView| {
        let value = serde_json::to_value(&happening.event).unwrap_or_default();
        let word = value["type"].as_str().unwrap_or_default().replace('_', " ");
        let of = |value: &Value, name: &str| {
            let field = &value[name];
            let text = field.as_str().map(escape).or_else(|| Some(field.as_u64()?.to_string()));
            text.map(|text| format!("{name} {text}"))
        };
        let about = ["proposal", "office", "account", "key", "address", "epoch"];
        let changed = ["param", "before", "value", "version", "height"];
        let about = about.into_iter().filter_map(|name| of(&value, name));
        let change = [&value["change"], &value["upgrade"]].into_iter();
        let change = change.flat_map(|it| changed.into_iter().filter_map(move |name| of(it, name)));
        let cells = vec![when::show(happening.time), happening.height.to_string(), word];
        (cells, change.chain(about).collect())
    };
    let rows = page.items.iter().map(row).collect();
    let text = listing(&["TIME", "HEIGHT", "EVENT"], rows, "nothing was decided");
    Ok(Answer::new(&page, text).with_text(&super::more(page.next_cursor.as_deref())))
}
