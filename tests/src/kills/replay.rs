//! The chain once more, from genesis through the rules, out of what RPC says of the headers and what the
//! senders themselves have signed.

use anyhow::{Context, Result, ensure};
use chain::authority::Authority;
use chain::block::{Block, Header};
use chain::hash::Hash;
use chain::height::Height;
use chain::state::{Key, Object};
use chain::time::Time;
use chain::transaction::SignedTransaction;
use genesis::Genesis;
use rpc::types::BlockView;
use runtime::block::apply_block;
use runtime::context::BlockContext;
use runtime::invariants;
use runtime::state::{State, View};

use super::book::Book;

/// Applies `chain` to the first state of `genesis`, and compares every root.
pub(super) fn from_genesis(genesis: &Genesis, chain: &[BlockView], book: &Book) -> Result<()> {
    let mut state = State::from_objects(genesis.initial_state());
    let mut tree = genesis.initial_tree();
    let mut parent = genesis.block().header;
    let supply = View::new(&state, &[]).supply();
    for shown in chain {
        let header = header(shown, parent.chain);
        let height = header.height;
        ensure!(header.digest() == shown.hash.0, "block {height} has another header than it says");
        ensure!(header.parent == parent.digest(), "block {height} does not follow its parent");
        let signed = transactions(shown, book)?;
        let root = Block::transactions_root(&signed);
        ensure!(root == header.transactions_root, "block {height} holds other transactions");
        let verified: Result<Vec<_>, _> =
            signed.into_iter().map(SignedTransaction::verify).collect();
        let applied =
            apply_block(View::new(&state, &[]), BlockContext::of(&header, &parent), &verified?)
                .with_context(|| format!("block {height}"))?;
        ensure!(applied.receipts.root() == header.receipts_root, "receipts of block {height}");
        ensure!(applied.next_authorities == header.next_authorities, "authorities of {height}");
        let objects = &applied.changes.objects;
        let digests = objects
            .iter()
            .map(|(key, object)| (Key::digest(key), object.as_ref().map(Object::digest)));
        let changes = tree.update(&[], digests);
        ensure!(changes.root() == header.state_root, "state of block {height}");
        state.commit(&applied.changes);
        tree.commit(changes);
        parent = header;
    }
    invariants::check(&state)?;
    ensure!(View::new(&state, &[]).supply() == supply, "the supply has changed");
    Ok(())
}

fn header(shown: &BlockView, chain: Hash) -> Header {
    let authorities = shown.next_authorities.as_ref().map(|authorities| {
        let authority = |view: &rpc::types::AuthorityView| Authority {
            key: view.key.0,
            account: view.account.0.account,
        };
        authorities.iter().map(authority).collect()
    });
    Header {
        version: shown.version,
        chain,
        height: Height(shown.height),
        epoch: shown.epoch,
        parent: shown.parent.0,
        time: Time(shown.time),
        proposer: shown.proposer.0,
        transactions_root: shown.transactions_root.0,
        receipts_root: shown.receipts_root.0,
        state_root: shown.state_root.0,
        next_authorities: authorities,
    }
}

fn transactions(shown: &BlockView, book: &Book) -> Result<Vec<SignedTransaction>> {
    let content = shown.content.as_ref().context("blocks fit an answer")?;
    let signed = content.transactions.iter().map(|included| {
        let id = included.transaction.id.0;
        book.signed(&id).with_context(|| format!("{id} was signed by nobody"))
    });
    signed.collect()
}
