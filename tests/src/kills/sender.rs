//! A client that pays, sets money aside, orders and opens channels, and insists on an answer.
//!
//! While the node is away it waits; when it is back it submits the same bytes again, which must be
//! harmless, until it is told that they are settled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use chain::account::AccountId;
use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::encoding::encode;
use chain::hash::{Domain, Hash};
use chain::height::{Height, Nonce};
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::limits::VALID_FOR_BLOCKS_MAX;
use chain::market::{Grade, MarketId};
use chain::memo::Memo;
use chain::operation::{Operation, OrderPlace};
use chain::order::{self, AskTerms, BidTerms, FillRule, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Time, Window};
use chain::transaction::{SignedTransaction, Transaction};
use chain::voucher::Voucher;
use genesis::Genesis;
use rpc::client::{Client, ClientError};
use rpc::methods::{ChainStatus, TxGet, TxSubmit};
use rpc::text::TransactionBytes;
use rpc::types::TxView;
use tokio::time::sleep;

use super::Door;
use super::book::Book;
use crate::random::Random;

/// Transactions that are submitted before the first is asked about.
const BATCH: u64 = 8;
/// Objects of one kind that a sender remembers.
const OBJECTS_MAX: usize = 32;
/// Vouchers that are submitted before a channel is closed.
const VOUCHERS: u64 = 4;
/// How long a client waits before it asks again.
const PAUSE: Duration = Duration::from_millis(20);
/// More than any transaction here pays.
const FEE_MAX: Amount = Amount::from_u64(1_000_000);
const HOUR: Millis = Millis(3_600_000);

/// Signs for two accounts, as a hold and a channel have two sides.
pub(super) struct Sender {
    payer: Hand,
    payee: Hand,
    accounts: Arc<[AccountId]>,
    book: Arc<Book>,
    random: Random,
    chain: Hash,
    /// Where the chain stands, roughly.
    tip: Height,
    time: Time,
    holds: Vec<ObjectId>,
    orders: Vec<ObjectId>,
    channel: Option<Channel>,
}

/// One account, and the nonce of what it signs next.
struct Hand {
    key: SecretKey,
    account: AccountId,
    nonce: Nonce,
}

/// Who of the two signs.
#[derive(Clone, Copy)]
enum Side {
    Payer,
    Payee,
}

#[derive(Clone, Copy)]
struct Channel {
    id: ObjectId,
    sequence: u64,
}

/// The node is away, or has forgotten what waits.
struct Away;

/// The key of account `number`.
fn key(seed: u64, number: u64) -> SecretKey {
    let digest = Hash::of(Domain::Account, &[b"kills", &seed.to_le_bytes(), &number.to_le_bytes()]);
    SecretKey::from_bytes(digest.as_bytes()).expect("a digest is a key but once in 2^127")
}

/// The accounts of `senders` senders.
pub(super) fn accounts(seed: u64, senders: u64) -> Arc<[AccountId]> {
    (0..2 * senders).map(|number| Hand::new(seed, number).account).collect()
}

impl Hand {
    fn new(seed: u64, number: u64) -> Self {
        let key = key(seed, number);
        let account = AccountId::of_key(&key.public_key());
        Self { key, account, nonce: Nonce::default() }
    }
}

impl Sender {
    pub(super) fn new(
        seed: u64,
        number: u64,
        genesis: &Genesis,
        accounts: Arc<[AccountId]>,
        book: Arc<Book>,
    ) -> Self {
        Self {
            payer: Hand::new(seed, 2 * number),
            payee: Hand::new(seed, 2 * number + 1),
            accounts,
            book,
            random: Random::new(seed ^ (number + 1)),
            chain: genesis.hash(),
            tip: Height::GENESIS,
            time: genesis.time,
            holds: Vec::new(),
            orders: Vec::new(),
            channel: None,
        }
    }

    /// Sends until it is enough, and everything that was sent is settled.
    pub(super) async fn run(mut self, mut door: Door, enough: Arc<AtomicBool>) -> Result<()> {
        while !enough.load(Ordering::Relaxed) {
            if self.look(&mut door).await.is_err() {
                continue;
            }
            let batch: Vec<_> = (0..1 + self.random.below(BATCH)).map(|_| self.sign()).collect();
            for signed in &batch {
                self.book.sign(signed.transaction.id(), signed.clone());
            }
            let mut rest = &batch[..];
            while !rest.is_empty() {
                let client = answering(&mut door).await?;
                let settled = self.settle(&client, rest).await?;
                rest = &rest[settled..];
            }
        }
        Ok(())
    }

    /// Learns where the chain stands.
    async fn look(&mut self, door: &mut Door) -> Result<(), Away> {
        let client = answering(door).await.map_err(|_| Away)?;
        let status = client.call(ChainStatus {}).await.map_err(|_| Away)?;
        (self.tip, self.time) = (Height(status.tip.height), Time(status.tip.time));
        Ok(())
    }

    /// Submits `batch` and waits until it is settled. Answers with how many are, counted from the first;
    /// fewer than all when the node went away.
    async fn settle(&self, client: &Client, batch: &[SignedTransaction]) -> Result<usize> {
        for signed in batch {
            let bytes = TransactionBytes::new(encode(signed)).expect("they are small");
            match client.call(TxSubmit { transaction: bytes.into() }).await {
                Ok(submitted) => ensure!(submitted.id.0 == signed.transaction.id(), "another id"),
                Err(ClientError::Refused(refusal)) if !passes(&refusal.name) => {
                    bail!("{} was refused: {refusal:?}", signed.transaction.id())
                }
                Err(ClientError::Incompatible { reason, .. }) => bail!("{reason}"),
                Err(_) => {
                    sleep(PAUSE).await;
                    return Ok(0);
                }
            }
        }
        let mut settled = 0;
        while settled < batch.len() {
            let id = batch[settled].transaction.id();
            match client.call(TxGet { id: id.into() }).await.map(|answer| answer.value) {
                Ok(TxView::Included { height, included, .. }) => {
                    self.book.settle(height, &included)?;
                    settled += 1;
                }
                Ok(TxView::Pending { .. }) => sleep(PAUSE).await,
                // What waited is lost with the node that was killed, and submitted again.
                Ok(TxView::Unknown { .. }) => break,
                Ok(other) => bail!("{id} has come to a bad end: {other:?}"),
                Err(ClientError::Incompatible { reason, .. }) => bail!("{reason}"),
                Err(_) => {
                    sleep(PAUSE).await;
                    break;
                }
            }
        }
        Ok(settled)
    }

    fn sign(&mut self) -> SignedTransaction {
        let (side, operation) = self.operation();
        let (chain, valid_until) = (self.chain, self.tip.after(VALID_FOR_BLOCKS_MAX / 2));
        let hand = match side {
            Side::Payer => &mut self.payer,
            Side::Payee => &mut self.payee,
        };
        let transaction = Transaction {
            chain,
            sender: hand.account,
            nonce: hand.nonce,
            valid_until,
            fee_max: FEE_MAX,
            operations: vec![operation],
        };
        hand.nonce = hand.nonce.next().expect("nonces do not run out");
        transaction.sign(&hand.key)
    }

    /// Any operation. Some fail, which counts as settled too.
    fn operation(&mut self) -> (Side, Operation) {
        let made = ObjectId::of_operation(self.chain, self.payer.account, self.payer.nonce, 0);
        let amount = Amount::from_u64(1 + self.random.below(1_000));
        match self.random.below(12) {
            0 => {
                remember(&mut self.holds, made);
                let expires = self.time.after(Millis(1_000 + self.random.below(60_000)));
                let beneficiary = self.payee.account;
                (Side::Payer, Operation::HoldOpen { amount, beneficiary, expires })
            }
            1 if !self.holds.is_empty() => {
                let hold = *self.random.pick(&self.holds);
                (Side::Payee, Operation::HoldCapture { hold, cumulative: amount })
            }
            2 if !self.holds.is_empty() => {
                let hold = self.random.take(&mut self.holds);
                (Side::Payee, Operation::HoldRelease { hold })
            }
            3 => {
                remember(&mut self.orders, made);
                let terms = BidTerms { fill: FillRule::AtLeast(Quantity(1)), sellers_max: None };
                (Side::Payer, self.order(order::Side::Bid(terms)))
            }
            4 => (Side::Payee, self.order(order::Side::Ask(AskTerms::OWN))),
            5 if !self.orders.is_empty() => {
                let order = self.random.take(&mut self.orders);
                (Side::Payer, Operation::OrderCancel { order })
            }
            6 | 7 => self.channel(made),
            _ => {
                let to = *self.random.pick(&self.accounts);
                let side = if self.random.once_in(2) { Side::Payer } else { Side::Payee };
                (side, Operation::Transfer { to, amount, memo: Memo::default() })
            }
        }
    }

    fn order(&mut self, side: order::Side) -> Operation {
        let start = Time((self.time.0 / HOUR.0 + 2 + self.random.below(2)) * HOUR.0);
        let window = Window { start, end: start.after(HOUR.times(1 + self.random.below(3))) };
        let span = Millis(2_000 + self.random.below(30_000));
        Operation::OrderPlace(OrderPlace {
            market: MarketId(0),
            side,
            quantity: Quantity(1 + self.random.below(4)),
            window,
            limit: Price(50 + self.random.below(100)),
            time_in_force: TimeInForce::Until(self.time.after(span)),
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: Conditions::default(),
            predicates: Predicates::default(),
            stretch: None,
        })
    }

    /// Opens a channel, claims from it, or closes it.
    fn channel(&mut self, made: ObjectId) -> (Side, Operation) {
        let Some(Channel { id, sequence }) = self.channel else {
            self.channel = Some(Channel { id: made, sequence: 1 });
            let open = Operation::ChannelOpen {
                payee: self.payee.account,
                amount: Amount::from_u64(1_000),
                voucher_key: self.payer.key.public_key(),
                settle_delay: Millis(1_000),
            };
            return (Side::Payer, open);
        };
        if sequence > VOUCHERS {
            self.channel = None;
            return if self.random.once_in(2) {
                (Side::Payer, Operation::CloseByPayer { channel: id })
            } else {
                (Side::Payee, Operation::CloseByPayee { channel: id })
            };
        }
        self.channel = Some(Channel { id, sequence: sequence + 1 });
        let cumulative = Amount::from_u64(sequence * 10);
        let voucher = Voucher { chain: self.chain, channel: id, sequence, cumulative };
        (Side::Payee, Operation::VoucherSubmit { voucher: voucher.sign(&self.payer.key) })
    }
}

/// Waits until the node answers.
async fn answering(door: &mut Door) -> Result<Client> {
    let client = door.wait_for(Option::is_some).await?;
    Ok(client.clone().expect("it was waited for"))
}

fn remember(objects: &mut Vec<ObjectId>, object: ObjectId) {
    if objects.len() < OBJECTS_MAX {
        objects.push(object);
    }
}

/// True for refusals that only mean: later.
fn passes(name: &str) -> bool {
    ["SHUTTING_DOWN", "TIMEOUT", "MEMPOOL_FULL", "SENDER_FULL"].contains(&name)
}
