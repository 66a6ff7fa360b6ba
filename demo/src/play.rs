//! Plays a day: deposits, offers, needs, vouchers, and the passing of the hours.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chain::amount::Amount;
use chain::conditions::Conditions;
use chain::id::ObjectId;
use chain::keys::SecretKey;
use chain::limits::OPERATIONS_MAX;
use chain::market::{Grade, MarketId};
use chain::operation::{Operation, OrderPlace};
use chain::order::{AskTerms, BidTerms, FillRule, Side, TimeInForce};
use chain::parties::Parties;
use chain::predicate::Predicates;
use chain::quantity::{Price, Quantity};
use chain::standing::{DAY, Day, Days, StandingTerms, Weekdays};
use chain::time::{Millis, Time, Window};
use chain::token::Token;
use chain::voucher::Voucher;
use rpc::client::Client;
use rpc::methods::{ChainStatus, MarketGet, OrderList};
use rpc::text::{Address, Text};
use rpc::types::{ChainStatusView, Limit};
use tokio::time::sleep;
use wallet::compose::made_by;
use wallet::submit::{Ending, Sent, send, sender_of};

use crate::day::{self, Ask, Bid, Channel, Fill};
use crate::screen;

/// Time to place orders before the day begins, in milliseconds, and in hours of the day.
const LEAD_MS: u64 = 3_000;
const LEAD_HOURS: u64 = 2;
/// For how long standing offers stand; the demo sees the first week alone.
const WEEKS: u64 = 4;

/// Who takes part.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) key: SecretKey,
    pub(crate) address: Address,
    pub(crate) deposit: Amount,
}

/// Everything a day is played with.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) status: ChainStatusView,
    pub(crate) token: Token,
    pub(crate) market: MarketId,
    pub(crate) hour: Millis,
    /// How far ahead the market trades.
    horizon: Millis,
    pub(crate) members: Vec<Member>,
    /// When the day begins.
    pub(crate) start: Time,
}

/// What was placed and opened, for the report.
#[derive(Debug, Default)]
pub(crate) struct Played {
    pub(crate) asks: Vec<ObjectId>,
    /// One for each bid of the day, in its order.
    pub(crate) bids: Vec<Option<ObjectId>>,
    pub(crate) channels: Vec<ObjectId>,
}

impl Stage {
    /// Meets the node, makes keys for the members and has the cashier pay in for them.
    pub(crate) async fn set(client: Client, cashier: &SecretKey, day: &day::Day) -> Result<Self> {
        let status = client.call(ChainStatus {}).await?;
        let network = status.value.network.into();
        let token: Token = (&status.value.token).into();
        let question = MarketGet { market: day.market.name.clone() };
        let market = client.call(question).await.context("the chain lacks the day's market")?;
        let mut members = Vec::new();
        for member in &day.members {
            let key = screen::new_key(&member.name, network)?;
            let address = sender_of(&key, network);
            let deposit = day::amount(&token, &member.deposit)?;
            members.push(Member { name: member.name.clone(), key, address, deposit });
        }
        let stage = Self {
            client,
            token,
            market: MarketId(market.value.market),
            hour: Millis(market.value.slot_ms),
            horizon: Millis(market.value.slot_ms).times(market.value.horizon_slots),
            members,
            start: Time(0),
            status: status.value,
        };
        stage.pay_in(cashier).await?;
        Ok(stage)
    }

    /// Plays the day to its end.
    pub(crate) async fn play(&mut self, day: &day::Day) -> Result<Played> {
        self.start = self.next_start().await?;
        let mut played = Played { bids: vec![None; day.bids.len()], ..Played::default() };
        for ask in &day.asks {
            played.asks.push(self.place_ask(ask).await?);
        }
        for channel in &day.channels {
            played.channels.push(self.open_channel(channel).await?);
        }
        for hour in std::iter::once(None).chain((0..=day.hours).map(Some)) {
            if let Some(hour) = hour {
                self.wait_until(hour).await?;
                screen::hour(hour, day.hours);
            }
            for (bid, id) in day.bids.iter().zip(&mut played.bids) {
                if bid.placed == hour {
                    *id = Some(self.place_bid(bid).await?);
                }
            }
            if hour == Some(day.hours / 2) {
                self.settle_channels(day, &played.channels).await?;
            }
            self.attend().await?;
        }
        self.attend_to_the_end().await?;
        Ok(played)
    }

    pub(crate) fn member(&self, name: &str) -> &Member {
        let member = self.members.iter().find(|member| member.name == name);
        member.expect("the day was checked when it was read")
    }

    /// The member whose account this is.
    pub(crate) fn member_at(&self, address: Text<Address>) -> Result<&Member> {
        let member = self.members.iter().find(|member| member.address == address.0);
        member.with_context(|| format!("{address} is no member"))
    }

    /// What the account of `address` is called.
    pub(crate) fn name_of(&self, address: &Address) -> String {
        let member = self.members.iter().find(|member| member.address == *address);
        member.map_or_else(|| address.to_string(), |member| member.name.clone())
    }

    pub(crate) fn money(&self, amount: Amount) -> String {
        self.token.format(amount)
    }

    /// A price in base units for a unit and hour.
    fn price(&self, text: &str) -> Result<Price> {
        let amount = day::amount(&self.token, text)?;
        let price = u64::try_from(amount.base_units()).ok().filter(|price| *price > 0);
        price.map(Price).with_context(|| format!("'{text}' is no price"))
    }

    fn window(&self, from: u64, to: u64) -> Window {
        let at = |hour| self.start.after(self.hour.times(hour));
        Window { start: at(from), end: at(to) }
    }

    /// Sends operations and insists that they take effect.
    pub(crate) async fn done(&self, key: &SecretKey, operations: Vec<Operation>) -> Result<Sent> {
        let sent = send(&self.client, key, operations).await?;
        match &sent.ending {
            Ending::Applied { .. } => Ok(sent),
            Ending::Failed { rejection, .. } | Ending::Rejected(rejection) => {
                bail!("refused: {} ({})", rejection.message, rejection.name)
            }
            Ending::Expired | Ending::Unknown { .. } => bail!("the transaction got into no block"),
        }
    }

    async fn pay_in(&self, cashier: &SecretKey) -> Result<()> {
        for members in self.members.chunks(OPERATIONS_MAX) {
            let deposits = members.iter().map(|member| {
                let (to, amount) = (member.address.account, member.deposit);
                let reference = wallet::compose::reference(&format!("demo {}", member.name));
                Operation::Deposit { to, amount, reference }
            });
            self.done(cashier, deposits.collect()).await.context("the cashier's deposits")?;
        }
        for member in &self.members {
            screen::step(&format!(
                "the cashier deposits {} for {}",
                self.money(member.deposit),
                member.name
            ));
        }
        Ok(())
    }

    /// The first slot that leaves time to place orders before it.
    async fn next_start(&self) -> Result<Time> {
        let now = self.client.call(ChainStatus {}).await?.tip.time;
        let lead = LEAD_MS.max(self.hour.0.saturating_mul(LEAD_HOURS));
        let slots = now.saturating_add(lead).div_ceil(self.hour.0);
        Ok(Time(0).after(self.hour.times(slots)))
    }

    async fn place_ask(&self, ask: &Ask) -> Result<ObjectId> {
        let window = self.window(ask.from, ask.to);
        let place = OrderPlace {
            market: self.market,
            side: Side::Ask(AskTerms::OWN),
            quantity: Quantity(ask.quantity),
            window,
            limit: self.price(&ask.price)?,
            time_in_force: TimeInForce::Until(window.end),
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: Conditions::default(),
            predicates: Predicates::default(),
            stretch: None,
        };
        let Ask { member, quantity, price, from, to, weekly } = ask;
        let offers = format!("{member} offers {quantity} from {from} to {to} at {price}");
        if *weekly {
            let id = self.put_weekly(member, place).await?;
            screen::step(&format!("{offers}, every week"));
            Ok(id)
        } else {
            let id = self.place(member, place).await?;
            screen::step(&offers);
            Ok(id)
        }
    }

    /// Has an order placed every week. Returns the first, which is in the same block.
    async fn put_weekly(&self, member: &str, template: OrderPlace) -> Result<ObjectId> {
        let Member { key, address, .. } = self.member(member);
        let window = template.window;
        let length = window.end.since(window.start);
        let terms = StandingTerms {
            until: window.start.after(DAY.times(WEEKS * 7)),
            template,
            weekdays: Weekdays::of(Day::of(window.start)),
            skip: Days::default(),
            horizon: Millis(self.horizon.0.saturating_sub(length.0)),
            budget: None,
        };
        let sent = self.done(key, vec![Operation::StandingPut(Box::new(terms))]).await;
        let sent = sent.with_context(|| format!("the standing order of {member}"))?;
        let standing = made_by(&sent.transaction, 0).into();
        let question = OrderList {
            account: Text(*address),
            market: None,
            side: None,
            cursor: None,
            limit: Limit::default(),
        };
        let orders = self.client.call(question).await?.items;
        let first = orders.iter().find(|order| order.standing == Some(standing));
        first.map(|order| order.order.0).context("the standing order has placed none")
    }

    async fn place_bid(&self, bid: &Bid) -> Result<ObjectId> {
        let window = self.window(bid.from, bid.to);
        let fill = match bid.fill {
            Fill::Any => FillRule::AtLeast(Quantity::ZERO),
            Fill::AllOrNone => FillRule::AllOrNone,
        };
        let until = TimeInForce::Until(window.start);
        let place = OrderPlace {
            market: self.market,
            side: Side::Bid(BidTerms { fill, sellers_max: None }),
            quantity: Quantity(bid.quantity),
            window,
            limit: self.price(&bid.price)?,
            time_in_force: if bid.immediate { TimeInForce::ImmediateOrCancel } else { until },
            grade: Grade::BASE,
            parties: Parties::default(),
            conditions: Conditions::default(),
            predicates: Predicates::default(),
            stretch: None,
        };
        let id = self.place(&bid.member, place).await?;
        let Bid { member, quantity, price, from, to, .. } = bid;
        screen::step(&format!("{member} needs {quantity} from {from} to {to}, at most {price}"));
        Ok(id)
    }

    async fn place(&self, member: &str, place: OrderPlace) -> Result<ObjectId> {
        let key = &self.member(member).key;
        let sent = self.done(key, vec![Operation::OrderPlace(place)]).await;
        let sent = sent.with_context(|| format!("the order of {member}"))?;
        Ok(made_by(&sent.transaction, 0))
    }

    async fn open_channel(&self, channel: &Channel) -> Result<ObjectId> {
        let payer = self.member(&channel.payer);
        let open = Operation::ChannelOpen {
            payee: self.member(&channel.payee).address.account,
            amount: day::amount(&self.token, &channel.funded)?,
            voucher_key: payer.key.public_key(),
            settle_delay: Millis(self.status.settle_delay_min_ms),
        };
        let sent = self.done(&payer.key, vec![open]).await.context("opening a channel")?;
        let Channel { payer, payee, funded, .. } = channel;
        screen::step(&format!("{payer} opens a channel to {payee} over {funded}"));
        Ok(made_by(&sent.transaction, 0))
    }

    /// The payers sign their vouchers, off the chain; each payee submits the last and closes.
    async fn settle_channels(&self, day: &day::Day, ids: &[ObjectId]) -> Result<()> {
        for (channel, id) in day.channels.iter().zip(ids) {
            let payer = self.member(&channel.payer);
            let mut operations = Vec::new();
            for (sequence, cumulative) in (1..).zip(&channel.vouchers) {
                let cumulative = day::amount(&self.token, cumulative)?;
                let chain = self.status.chain.0;
                let voucher = Voucher { chain, channel: *id, sequence, cumulative };
                let voucher = voucher.sign(&payer.key);
                operations.push(Operation::VoucherSubmit { voucher });
            }
            ensure!(operations.len() < OPERATIONS_MAX, "a channel has too many vouchers");
            operations.push(Operation::CloseByPayee { channel: *id });
            let payee = self.member(&channel.payee);
            self.done(&payee.key, operations).await.context("settling a channel")?;
            let count = channel.vouchers.len();
            let Channel { payer, payee, .. } = channel;
            screen::step(&format!("{payee} submits {count} vouchers of {payer} and closes"));
        }
        Ok(())
    }

    /// Waits until the chain's own time has reached an hour of the day.
    async fn wait_until(&self, hour: u64) -> Result<()> {
        let point = self.start.after(self.hour.times(hour));
        loop {
            let now = Time(self.client.call(ChainStatus {}).await?.tip.time);
            if now >= point {
                return Ok(());
            }
            let rest = point.since(now).0;
            sleep(Duration::from_millis(rest.clamp(20, 200))).await;
        }
    }
}
