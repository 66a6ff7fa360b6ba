//! The end of the day: who offered, who needed, what cleared, what was paid, and that the books add up.
//!
//! Everything here is read from the chain over RPC, nothing from what was asked for.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use chain::amount::Amount;
use chain::id::ObjectId;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use rpc::methods::{AccountGet, ChainGetBlocks, ChainStatus, ChannelGet, ContractGet, OrderGet};
use rpc::text::{Address, Text};
use rpc::types::{
    AccountView, BlockView, ContractClosedView, ContractView, EventView, Limit, OrderClosedView,
    OrderDetailView, WindowView,
};

use crate::play::{Played, Stage};

/// What the chain says about the day.
#[derive(Debug)]
pub(crate) struct Report {
    offers: Vec<OrderDetailView>,
    needs: Vec<OrderDetailView>,
    contracts: Vec<ContractView>,
    accounts: Vec<(String, AccountView, Option<Amount>)>,
    channels: Vec<(String, String, Amount, Amount)>,
    supply: Amount,
    blocks: u64,
    transactions: u64,
}

impl Report {
    /// Reads everything from the chain. `founded` are the accounts that the genesis opened.
    ///
    /// # Errors
    /// Says what could not be read.
    pub(crate) async fn read(
        stage: &Stage,
        played: &Played,
        founded: &[(String, Address)],
    ) -> Result<Self> {
        let mut report = Self {
            offers: orders(stage, played.asks.iter()).await?,
            needs: orders(stage, played.bids.iter().flatten()).await?,
            contracts: Vec::new(),
            accounts: Vec::new(),
            channels: Vec::new(),
            supply: Amount::ZERO,
            blocks: 0,
            transactions: 0,
        };
        for channel in &played.channels {
            let view = stage.client.call(ChannelGet { channel: Text(*channel) }).await?.value;
            let (payer, payee) = (stage.name_of(&view.payer.0), stage.name_of(&view.payee.0));
            let paid = view.best.map_or(Amount::ZERO, |best| best.cumulative.0);
            report.channels.push((payer, payee, view.funded.0, paid));
        }
        report.read_blocks(stage).await?;
        report.read_accounts(stage, founded).await?;
        Ok(report)
    }

    async fn read_blocks(&mut self, stage: &Stage) -> Result<()> {
        let mut next = Some(1);
        while let Some(from) = next {
            let count = Limit::new(100).context("a hundred is allowed")?;
            let blocks = stage.client.call(ChainGetBlocks { from, count }).await?;
            for block in &blocks.items {
                self.blocks += 1;
                self.transactions += u64::from(block.transactions_count);
                for contract in matched(block)? {
                    let view = stage.client.call(ContractGet { contract }).await?.value;
                    self.contracts.push(view);
                }
            }
            next = blocks.next_height;
        }
        Ok(())
    }

    async fn read_accounts(&mut self, stage: &Stage, founded: &[(String, Address)]) -> Result<()> {
        let members = stage.members.iter();
        let members =
            members.map(|member| (member.name.clone(), member.address, Some(member.deposit)));
        let founded = founded.iter().map(|(name, address)| (name.clone(), *address, None));
        for (name, address, deposit) in members.chain(founded) {
            let view = stage.client.call(AccountGet { account: Text(address) }).await?.value;
            self.accounts.push((name, view, deposit));
        }
        self.supply = stage.client.call(ChainStatus {}).await?.value.supply.0;
        Ok(())
    }

    /// The report as text.
    ///
    /// # Errors
    /// When the books do not add up.
    pub(crate) fn text(&self, stage: &Stage) -> Result<String> {
        let mut text = String::new();
        writeln!(text, "\nOffered\n{}", self.offers_table(stage))?;
        writeln!(text, "\nNeeded\n{}", self.needs_table(stage))?;
        writeln!(text, "\nCleared\n{}", self.contracts_table(stage))?;
        if !self.channels.is_empty() {
            writeln!(text, "\nPaid by voucher\n{}", self.channels_table(stage))?;
        }
        writeln!(text, "\nAccounts\n{}", self.accounts_table(stage))?;
        let total = self.accounts.iter().map(|(_, account, _)| account.amount.0);
        let total = Amount::sum(total).context("the cash of all accounts is no amount")?;
        ensure!(
            total == self.supply,
            "the books do not add up: {} in accounts, {} minted",
            stage.money(total),
            stage.money(self.supply)
        );
        writeln!(
            text,
            "\nThe books add up: {} in {} accounts = {} minted, after {} blocks and {} transactions.",
            stage.money(total),
            self.accounts.len(),
            stage.money(self.supply),
            self.blocks,
            self.transactions
        )?;
        Ok(text)
    }

    fn offers_table(&self, stage: &Stage) -> Table {
        let mut table = table(["who", "units", "hours", "asked", "sold", "left on offer"]);
        for offer in &self.offers {
            let order = &offer.order;
            let sold = offer.sold.iter();
            let sold =
                sold.map(|sold| format!("{} in {}", sold.quantity, hours(stage, sold.window)));
            table.add_row([
                stage.name_of(&order.owner.0),
                order.quantity.to_string(),
                hours(stage, order.window),
                price(stage, order.limit.0.0),
                join(sold),
                join(left(stage, offer).into_iter()),
            ]);
        }
        align(table, &[1, 3])
    }

    fn needs_table(&self, stage: &Stage) -> Table {
        let mut table = table(["who", "units", "hours", "at most", "filled", "ended"]);
        for need in &self.needs {
            let order = &need.order;
            table.add_row([
                stage.name_of(&order.owner.0),
                order.quantity.to_string(),
                hours(stage, order.window),
                price(stage, order.limit.0.0),
                order.filled.to_string(),
                order.reason.map_or("open", ended).to_owned(),
            ]);
        }
        align(table, &[1, 3, 4])
    }

    fn contracts_table(&self, stage: &Stage) -> Table {
        let header = [
            "buyer",
            "seller",
            "units",
            "hours",
            "price",
            "total",
            "hours paid",
            "paid",
            "signed off",
        ];
        let mut table = table(header);
        for contract in &self.contracts {
            table.add_row([
                stage.name_of(&contract.buyer.0),
                stage.name_of(&contract.seller.0),
                contract.quantity.to_string(),
                hours(stage, contract.window),
                price(stage, contract.price.0.0),
                base(stage, contract.total.0),
                format!("{} of {}", contract.slots_paid, contract.slots),
                base(stage, contract.paid.0),
                contract.reason.map_or("not yet", closed).to_owned(),
            ]);
        }
        align(table, &[2, 4, 5, 6, 7])
    }

    fn channels_table(&self, stage: &Stage) -> Table {
        let mut table = table(["payer", "payee", "funded", "paid"]);
        for (payer, payee, funded, paid) in &self.channels {
            let (funded, paid) = (stage.money(*funded), stage.money(*paid));
            table.add_row([payer, payee, &funded, &paid]);
        }
        align(table, &[2, 3])
    }

    fn accounts_table(&self, stage: &Stage) -> Table {
        let mut table = table(["account", "deposited", "amount", "held", "available"]);
        for (name, account, deposit) in &self.accounts {
            table.add_row([
                name.clone(),
                deposit.map_or_else(String::new, |deposit| stage.money(deposit)),
                stage.money(account.amount.0),
                stage.money(account.held.0),
                stage.money(account.available.0),
            ]);
        }
        align(table, &[1, 2, 3, 4])
    }
}

async fn orders(
    stage: &Stage,
    ids: impl Iterator<Item = &ObjectId>,
) -> Result<Vec<OrderDetailView>> {
    let mut orders = Vec::new();
    for id in ids {
        orders.push(stage.client.call(OrderGet { order: Text(*id) }).await?.value);
    }
    Ok(orders)
}

/// The contracts that a block made.
fn matched(block: &BlockView) -> Result<Vec<Text<ObjectId>>> {
    let content = block.content.as_ref().context("a block of the demo is small")?;
    let contracts = content.matching.iter().filter_map(|event| {
        if let EventView::Matched { contract, .. } = event { Some(*contract) } else { None }
    });
    Ok(contracts.collect())
}

/// What an offer has left, hour by hour, where that is anything.
fn left(stage: &Stage, offer: &OrderDetailView) -> Vec<String> {
    let window = offer.order.window;
    let slot = stage.hour.0;
    let free = |start: u64| {
        let sold =
            offer.sold.iter().filter(|sold| sold.window.start <= start && start < sold.window.end);
        offer.order.quantity - sold.map(|sold| sold.quantity).sum::<u64>()
    };
    let mut spans: Vec<(u64, WindowView)> = Vec::new();
    let mut start = window.start;
    while start < window.end {
        let end = start + slot;
        match spans.last_mut() {
            Some((quantity, span)) if *quantity == free(start) => span.end = end,
            _ => spans.push((free(start), WindowView { start, end })),
        }
        start = end;
    }
    let left = spans.iter().filter(|(quantity, _)| *quantity > 0);
    left.map(|(quantity, span)| format!("{quantity} in {}", hours(stage, *span))).collect()
}

/// A window in hours of the day.
fn hours(stage: &Stage, window: WindowView) -> String {
    let hour = |time: u64| time.saturating_sub(stage.start.0) / stage.hour.0;
    format!("{}\u{2013}{}", hour(window.start), hour(window.end))
}

fn price(stage: &Stage, base_units: u64) -> String {
    base(stage, Amount::from_u64(base_units))
}

/// A small sum in base units, as prices are.
fn base(stage: &Stage, amount: Amount) -> String {
    format!("{amount}{}", stage.token.base_unit())
}

fn ended(reason: OrderClosedView) -> &'static str {
    match reason {
        OrderClosedView::Filled => "filled",
        OrderClosedView::Cancelled => "cancelled",
        OrderClosedView::Expired => "expired",
        OrderClosedView::NotMatched => "no match",
        OrderClosedView::FillRule => "too little found",
        OrderClosedView::SoldOut => "sold out",
        OrderClosedView::MarketClosed => "market closed",
    }
}

fn closed(reason: ContractClosedView) -> &'static str {
    match reason {
        ContractClosedView::Accepted => "accepted",
        ContractClosedView::Silence => "by silence",
        ContractClosedView::NoResult => "no result",
        ContractClosedView::Rejected => "rejected",
        ContractClosedView::NoShow => "host did not come",
        ContractClosedView::BuyerLate => "buyer did not stage",
        ContractClosedView::AbortedByBuyer => "buyer gave up",
        ContractClosedView::AbortedBySeller => "host gave up",
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    if parts.is_empty() { "\u{2013}".to_owned() } else { parts.join(", ") }
}

fn table<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header);
    table
}

/// Sets columns of numbers flush right.
fn align(mut table: Table, columns: &[usize]) -> Table {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
