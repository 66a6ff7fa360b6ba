//! What can be wrong with a genesis, and where.

use chain::address::AddressInvalid;
use chain::token::AmountInvalid;

use crate::span::SpanInvalid;

/// Why a text is no genesis. The first problem found is reported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// No TOML, a key that is unknown or missing, or a value of the wrong kind. Says line and column.
    #[error("genesis: {0}")]
    Toml(#[from] toml::de::Error),
    /// A value that cannot be.
    #[error("genesis: {place}: {problem}")]
    Value {
        /// Which value, as the file names it: `fees.base`, `markets[cpu].slot`.
        place: String,
        /// What is wrong with it.
        problem: Problem,
    },
}

impl GenesisError {
    pub(crate) fn at(place: impl Into<String>, problem: impl Into<Problem>) -> Self {
        Self::Value { place: place.into(), problem: problem.into() }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It is left out or empty.
    #[error("is missing")]
    Missing,
    /// It is no amount of this network's money.
    #[error("{0}")]
    Amount(#[from] AmountInvalid),
    /// It is no address of this network.
    #[error("{0}")]
    Address(#[from] AddressInvalid),
    /// It is no span of time.
    #[error("{0}")]
    Span(#[from] SpanInvalid),
    /// It is no point in time.
    #[error("not a time since 1970 in whole milliseconds: write it as 2026-01-01T00:00:00Z")]
    Time,
    /// It is no key of an authority.
    #[error("not a key: write its 64 hexadecimal digits")]
    Key,
    /// It is no name.
    #[error("not a name: write small letters, digits and '-', a letter first, at most {bytes_max}")]
    Name {
        /// The longest there is.
        bytes_max: usize,
    },
    /// It is no word.
    #[error(
        "not a word: write small letters, digits, '-', '_' and '.', a letter or digit at either end, \
         at most {bytes_max}"
    )]
    Word {
        /// The longest there is.
        bytes_max: usize,
    },
    /// It is of another kind than in a market before.
    #[error("{key} is of another kind in market {market}")]
    AttributeDiffers {
        /// The attribute.
        key: String,
        /// The market before.
        market: String,
    },
    /// It is no unit of a good.
    #[error("not a unit: write letters, digits and '-', a letter first, at most {bytes_max}")]
    Unit {
        /// The longest there is.
        bytes_max: usize,
    },
    /// It is no symbol of a token.
    #[error("not a symbol: write two to eight capital letters")]
    Symbol,
    /// It is nothing.
    #[error("must be above zero")]
    Zero,
    /// It is too small.
    #[error("must be at least {min}")]
    TooSmall {
        /// The smallest there is.
        min: u64,
    },
    /// It is too large.
    #[error("must be at most {max}")]
    TooLarge {
        /// The largest there is.
        max: u64,
    },
    /// It does not divide into whole parts.
    #[error("must be a whole multiple of {of}")]
    NotMultiple {
        /// The name of the value it is a multiple of.
        of: &'static str,
    },
    /// It is longer than a value that bounds it.
    #[error("must not be longer than {than}")]
    Longer {
        /// The name of that value.
        than: &'static str,
    },
    /// It is as long as a value that bounds it, or longer.
    #[error("must be shorter than {than}")]
    NotShorter {
        /// The name of that value.
        than: &'static str,
    },
    /// It is there twice.
    #[error("is there twice")]
    Duplicate,
    /// The list is empty.
    #[error("at least one is needed")]
    None,
    /// The list is too long.
    #[error("more than {max}")]
    TooMany {
        /// The longest there is.
        max: usize,
    },
    /// It names an account that gets no money, and so does not exist.
    #[error("this account is not listed under accounts")]
    AccountMissing,
    /// The account could not pay its own deposit.
    #[error("{balance} does not cover the account's deposit of {deposit}")]
    BelowDeposit {
        /// What it has, with its unit.
        balance: String,
        /// What it needs, with its unit.
        deposit: String,
    },
    /// All balances together are more than the ledger can count.
    #[error("the balances add up to more money than the chain can hold")]
    SupplyTooLarge,
    /// The largest transaction would cost more than the ledger can count.
    #[error("the largest transaction would cost more money than the chain can hold")]
    FeeTooLarge,
}
