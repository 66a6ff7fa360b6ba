//! The genesis file: what people write, word for word, and how it is read.

use std::collections::BTreeMap;

use chain::account::AccountId;
use chain::address::{self, Network};
use chain::amount::Amount;
use chain::authority::{Authority, AuthorityKey};
use chain::block::VERSION;
use chain::charter::{Balance, Charter};
use chain::market::{Market, MarketStatus};
use chain::params::{ContractTerms, Deposits, Fees, ProposalTerms};
use chain::quantity::{Price, Quantity};
use chain::time::{Millis, Time};
use chain::token::{DECIMALS_MAX, Token};
use serde::{Deserialize, Serialize};

use crate::attributes::{self, AttributeSpec};
use crate::check;
use crate::error::{GenesisError, Problem};
use crate::genesis::Genesis;
use crate::span;

/// A genesis file. Amounts carry their unit (`1.5TLY`, `1utly`), spans of time too (`500ms`, `1h`,
/// `31d`). Unknown keys are errors. A cashier, treasury, authority or account left out is empty here,
/// and an error of [`Spec::genesis`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Which kind of network it is: decides how addresses begin.
    pub network: NetworkName,
    /// What people call it: small letters, digits and `-`.
    pub name: String,
    /// The time of block 0, RFC 3339, in whole milliseconds.
    pub time: String,
    /// Blocks in an epoch.
    pub epoch_blocks: u64,
    /// The address that may deposit, and that pays withdrawals out.
    #[serde(default)]
    pub cashier: String,
    /// The address that gets the members' share of the fees.
    #[serde(default)]
    pub treasury: String,
    /// Its money.
    pub token: TokenSpec,
    /// What transactions pay.
    pub fees: FeesSpec,
    /// What objects cost while they stand.
    pub deposits: DepositsSpec,
    /// The bounds of channels.
    pub channels: ChannelsSpec,
    /// The bounds of holds.
    pub holds: HoldsSpec,
    /// The bounds of withdrawals.
    pub withdrawals: WithdrawalsSpec,
    /// The bounds of refunds.
    pub refunds: RefundsSpec,
    /// The terms of contracts.
    pub contracts: ContractsSpec,
    /// The terms of proposals.
    pub proposals: ProposalsSpec,
    /// Who votes, in any order.
    #[serde(default)]
    pub authorities: Vec<AuthoritySpec>,
    /// Who has money, in any order.
    #[serde(default)]
    pub accounts: Vec<AccountSpec>,
    /// What is traded; a market's position is its number.
    #[serde(default)]
    pub markets: Vec<MarketSpec>,
}

/// A kind of network, as the file names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkName {
    /// Real money.
    Main,
    /// A public trial network.
    Test,
    /// A developer's own chain.
    Dev,
}

/// The network's money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenSpec {
    /// Two to eight capital letters.
    pub symbol: String,
    /// Digits after the point.
    pub decimals: u8,
}

/// What transactions pay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeesSpec {
    /// An amount for every transaction.
    pub base: String,
    /// An amount for every byte of it.
    pub per_byte: String,
    /// An amount for every operation in it.
    pub per_operation: String,
    /// The proposer's part in basis points.
    pub proposer_bps: u16,
}

/// What objects cost while they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepositsSpec {
    /// An amount for an account.
    pub account: String,
    /// An amount for a hold opened by its owner, and for a withdrawal.
    pub hold: String,
    /// An amount for an order.
    pub order: String,
    /// An amount for a channel.
    pub channel: String,
    /// An amount for the name of an account.
    pub name: String,
    /// An amount for a set of keys in place of an account's own.
    pub keys: String,
    /// An amount for what is granted to an agent.
    pub agent: String,
    /// An amount for a host.
    pub host: String,
    /// An amount for a pool of a host.
    pub pool: String,
    /// An amount for a proposal of an authority.
    pub proposal: String,
}

/// The bounds of channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelsSpec {
    /// The shortest settle delay, a span.
    pub settle_delay_min: String,
    /// The longest settle delay, a span.
    pub settle_delay_max: String,
    /// Blocks that pass, besides the delay, before a channel closes on its payer's word.
    pub settle_blocks: u64,
}

/// The bounds of holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldsSpec {
    /// The furthest a hold's end may lie ahead, a span.
    pub span_max: String,
}

/// The bounds of withdrawals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalsSpec {
    /// How long the cashier may take to answer, a span.
    pub span: String,
}

/// The bounds of refunds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundsSpec {
    /// How long after the end of what paid it a payment may be given back, a span.
    pub span: String,
}

/// How long authorities have to agree, and how long before what they agreed on takes effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposalsSpec {
    /// How long a proposal can be approved, a span.
    pub span: String,
    /// How long after the last approval that it needs it takes effect, a span above zero.
    pub delay: String,
}

/// How long the parties of a contract have for what, and what it costs to leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractsSpec {
    /// For the buyer to stage after the match, a span; the window's start is early enough in any case.
    pub stage_grace: String,
    /// For the seller to be ready after the window's start or the staging, a span.
    pub ready_grace: String,
    /// For the seller to post a result after the end of the slots, a span.
    pub result_grace: String,
    /// For the buyer to reject a result, a span.
    pub sign_off_grace: String,
    /// For the parties to agree on what was rejected, a span.
    pub dispute_span: String,
    /// What is held back of every slot's price until the contract closes, in basis points.
    pub holdback_bps: u16,
    /// What a buyer pays of the whole price who does not use what it booked, in basis points.
    pub booking_bps: u16,
    /// What the treasury gets of all that contracts pay, in basis points.
    pub commission_bps: u16,
    /// The most that may ever become.
    pub commission_bps_max: u16,
    /// What the broker of each side gets of the commission, in basis points of it.
    pub broker_bps: u16,
}

/// A key that may vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthoritySpec {
    /// Its ed25519 key, 64 hexadecimal digits.
    pub key: String,
    /// The address its fees go to.
    pub account: String,
}

/// An account that begins with money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountSpec {
    /// Its address.
    pub address: String,
    /// All its money, its own deposit included.
    pub balance: String,
}

/// A market.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketSpec {
    /// What people call it; small letters, digits and `-`; unique.
    pub name: String,
    /// The unit of the good, as `core`.
    pub unit: String,
    /// The length of a slot, a span above zero.
    pub slot: String,
    /// Quantities are multiples of this.
    pub lot: u64,
    /// Prices are multiples of this amount.
    pub tick: String,
    /// The smallest quantity of an order, a multiple of the lot.
    pub quantity_min: u64,
    /// How far ahead an order's window may end, a span of whole slots.
    pub horizon: String,
    /// How long before its window a bid must trade, a span.
    pub lead: String,
    /// Where the price lies between ask (0) and bid (10 000).
    pub k_bps: u16,
    /// What the grades above the one that everything has are called, the lowest first; names as the market's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<String>,
    /// What bids may ask of hosts, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, AttributeSpec>,
}

impl Spec {
    /// Reads a genesis file.
    ///
    /// # Errors
    /// [`GenesisError::Toml`] with line and column, when it is no TOML, has an unknown key, lacks one,
    /// or has a value of the wrong kind. Values are checked by [`Spec::genesis`].
    pub fn from_toml(text: &str) -> Result<Self, GenesisError> {
        Ok(toml::from_str(text)?)
    }

    /// Writes a genesis file.
    ///
    /// # Errors
    /// When a number is above the largest that TOML knows, 2^63 - 1.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(self)
    }

    /// What the file means, every value checked.
    ///
    /// # Errors
    /// [`GenesisError::Value`] names the first value that cannot be.
    pub fn genesis(&self) -> Result<Genesis, GenesisError> {
        let reader = Reader { network: self.network.into(), token: self.token.read()? };
        let mut authorities = self.authorities(&reader)?;
        authorities.sort_unstable();
        let mut accounts = self.accounts(&reader)?;
        accounts.sort_unstable();
        let charter = Charter {
            version: VERSION,
            network: reader.network,
            name: self.name.clone(),
            time: time(&self.time).ok_or_else(|| GenesisError::at("time", Problem::Time))?,
            authorities,
            epoch_blocks: self.epoch_blocks,
            cashier: reader.address("cashier", &self.cashier)?,
            treasury: reader.address("treasury", &self.treasury)?,
            fees: self.fees.read(&reader)?,
            deposits: self.deposits.read(&reader)?,
            settle_delay_min: span("channels.settle_delay_min", &self.channels.settle_delay_min)?,
            settle_delay_max: span("channels.settle_delay_max", &self.channels.settle_delay_max)?,
            settle_blocks: self.channels.settle_blocks,
            hold_span_max: span("holds.span_max", &self.holds.span_max)?,
            withdrawal_span: span("withdrawals.span", &self.withdrawals.span)?,
            refund_span: span("refunds.span", &self.refunds.span)?,
            contracts: self.contracts.read()?,
            proposals: self.proposals.read()?,
            markets: self.markets.iter().map(|m| m.read(&reader)).collect::<Result<_, _>>()?,
            accounts_root: Balance::root(&accounts),
            token: reader.token,
        };
        let genesis = Genesis { charter, accounts };
        check::check(&genesis)?;
        Ok(genesis)
    }

    fn authorities(&self, reader: &Reader) -> Result<Vec<Authority>, GenesisError> {
        let read = |(number, authority): (usize, &AuthoritySpec)| {
            let place = format!("authorities[{number}]");
            let key = AuthorityKey::from_hex(&authority.key)
                .ok_or_else(|| GenesisError::at(format!("{place}.key"), Problem::Key))?;
            let account = reader.address(format!("{place}.account"), &authority.account)?;
            Ok(Authority { key, account })
        };
        self.authorities.iter().enumerate().map(read).collect()
    }

    fn accounts(&self, reader: &Reader) -> Result<Vec<Balance>, GenesisError> {
        let read = |(number, account): (usize, &AccountSpec)| {
            let (address, balance) = (&account.address, &account.balance);
            Ok(Balance {
                account: reader.address(format!("accounts[{number}].address"), address)?,
                amount: reader.amount(format!("accounts[{address}].balance"), balance)?,
            })
        };
        self.accounts.iter().enumerate().map(read).collect()
    }
}

impl From<NetworkName> for Network {
    fn from(name: NetworkName) -> Self {
        match name {
            NetworkName::Main => Self::Main,
            NetworkName::Test => Self::Test,
            NetworkName::Dev => Self::Dev,
        }
    }
}

impl TokenSpec {
    fn read(&self) -> Result<Token, GenesisError> {
        if self.decimals > DECIMALS_MAX {
            let max = DECIMALS_MAX.into();
            return Err(GenesisError::at("token.decimals", Problem::TooLarge { max }));
        }
        let token = Token { symbol: self.symbol.clone(), decimals: self.decimals };
        if token.is_valid() {
            Ok(token)
        } else {
            Err(GenesisError::at("token.symbol", Problem::Symbol))
        }
    }
}

impl FeesSpec {
    fn read(&self, reader: &Reader) -> Result<Fees, GenesisError> {
        Ok(Fees {
            base: reader.amount("fees.base", &self.base)?,
            per_byte: reader.amount("fees.per_byte", &self.per_byte)?,
            per_operation: reader.amount("fees.per_operation", &self.per_operation)?,
            proposer_bps: self.proposer_bps,
        })
    }
}

impl DepositsSpec {
    fn read(&self, reader: &Reader) -> Result<Deposits, GenesisError> {
        Ok(Deposits {
            account: reader.amount("deposits.account", &self.account)?,
            hold: reader.amount("deposits.hold", &self.hold)?,
            order: reader.amount("deposits.order", &self.order)?,
            channel: reader.amount("deposits.channel", &self.channel)?,
            name: reader.amount("deposits.name", &self.name)?,
            keys: reader.amount("deposits.keys", &self.keys)?,
            agent: reader.amount("deposits.agent", &self.agent)?,
            host: reader.amount("deposits.host", &self.host)?,
            pool: reader.amount("deposits.pool", &self.pool)?,
            proposal: reader.amount("deposits.proposal", &self.proposal)?,
        })
    }
}

impl ContractsSpec {
    fn read(&self) -> Result<ContractTerms, GenesisError> {
        Ok(ContractTerms {
            stage_grace: span("contracts.stage_grace", &self.stage_grace)?,
            ready_grace: span("contracts.ready_grace", &self.ready_grace)?,
            result_grace: span("contracts.result_grace", &self.result_grace)?,
            sign_off_grace: span("contracts.sign_off_grace", &self.sign_off_grace)?,
            dispute_span: span("contracts.dispute_span", &self.dispute_span)?,
            holdback_bps: self.holdback_bps,
            booking_bps: self.booking_bps,
            commission_bps: self.commission_bps,
            commission_bps_max: self.commission_bps_max,
            broker_bps: self.broker_bps,
        })
    }
}

impl ProposalsSpec {
    fn read(&self) -> Result<ProposalTerms, GenesisError> {
        let span = span("proposals.span", &self.span)?;
        Ok(ProposalTerms { span, delay: self::span("proposals.delay", &self.delay)? })
    }
}

impl MarketSpec {
    fn read(&self, reader: &Reader) -> Result<Market, GenesisError> {
        let place = |field| format!("markets[{}].{field}", self.name);
        let slot = span(place("slot"), &self.slot)?;
        let horizon = span(place("horizon"), &self.horizon)?;
        if slot == Millis(0) {
            return Err(GenesisError::at(place("slot"), Problem::Zero));
        }
        if !horizon.0.is_multiple_of(slot.0) {
            return Err(GenesisError::at(place("horizon"), Problem::NotMultiple { of: "slot" }));
        }
        let tick = reader.amount(place("tick"), &self.tick)?;
        let tick = u64::try_from(tick.base_units())
            .map_err(|_| GenesisError::at(place("tick"), Problem::TooLarge { max: u64::MAX }))?;
        Ok(Market {
            name: self.name.clone(),
            unit: self.unit.clone(),
            slot,
            lot: Quantity(self.lot),
            tick: Price(tick),
            quantity_min: Quantity(self.quantity_min),
            horizon_slots: horizon.0 / slot.0,
            lead: span(place("lead"), &self.lead)?,
            k_bps: self.k_bps,
            grades: self.grades.clone(),
            attributes: attributes::schema(&place("attributes"), &self.attributes)?,
            status: MarketStatus::Open,
        })
    }
}

/// What it takes to read amounts and addresses.
struct Reader {
    network: Network,
    token: Token,
}

impl Reader {
    fn amount(&self, place: impl Into<String>, text: &str) -> Result<Amount, GenesisError> {
        self.token.parse(text).map_err(|invalid| GenesisError::at(place, invalid))
    }

    fn address(&self, place: impl Into<String>, text: &str) -> Result<AccountId, GenesisError> {
        if text.is_empty() {
            return Err(GenesisError::at(place, Problem::Missing));
        }
        address::decode(self.network, text).map_err(|invalid| GenesisError::at(place, invalid))
    }
}

fn span(place: impl Into<String>, text: &str) -> Result<Millis, GenesisError> {
    span::parse(text).map_err(|invalid| GenesisError::at(place, invalid))
}

fn time(text: &str) -> Option<Time> {
    let time: jiff::Timestamp = text.parse().ok()?;
    let ms = u64::try_from(time.as_millisecond()).ok()?;
    (time.subsec_nanosecond() % 1_000_000 == 0).then_some(Time(ms))
}
