//! How amounts are written for people: a number and a unit, never a bare number.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::amount::Amount;

/// Digits after the point that a token may have.
pub const DECIMALS_MAX: u8 = 18;
/// Letters of a symbol.
pub const SYMBOL_BYTES_MAX: usize = 8;

/// The network's money: its symbol, as `TLY`, and how many digits follow the point. The base unit is
/// written with the prefix `u`, as `utly`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Token {
    /// Two to eight upper-case letters.
    pub symbol: String,
    /// At most [`DECIMALS_MAX`].
    pub decimals: u8,
}

/// Why a text is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountInvalid {
    /// A number without a unit.
    #[error("an amount needs a unit: write {number}{symbol} or {number}{base}")]
    UnitMissing {
        /// The number given.
        number: String,
        /// The token's symbol.
        symbol: String,
        /// The base unit.
        base: String,
    },
    /// A unit this network does not have.
    #[error("unknown unit '{unit}': this network has {symbol} and {base}")]
    UnitUnknown {
        /// The unit given.
        unit: String,
        /// The token's symbol.
        symbol: String,
        /// The base unit.
        base: String,
    },
    /// Not digits with at most one point between them.
    #[error("'{number}' is not a number: write digits, with a point before the fraction")]
    NumberMalformed {
        /// The number given.
        number: String,
    },
    /// More digits after the point than the unit has.
    #[error("too many digits after the point: {unit} has {decimals}")]
    TooPrecise {
        /// The unit given.
        unit: String,
        /// Digits it has.
        decimals: u8,
    },
    /// Above the largest amount.
    #[error("the amount is larger than any the chain can hold")]
    TooLarge,
}

impl Token {
    /// True when symbol and decimals are within their bounds.
    pub fn is_valid(&self) -> bool {
        (2..=SYMBOL_BYTES_MAX).contains(&self.symbol.len())
            && self.symbol.bytes().all(|byte| byte.is_ascii_uppercase())
            && self.decimals <= DECIMALS_MAX
    }

    /// The name of the base unit, as `utly`.
    pub fn base_unit(&self) -> String {
        format!("u{}", self.symbol.to_ascii_lowercase())
    }

    /// Writes `amount` in the token's unit without trailing zeros, as `1.5TLY`.
    pub fn format(&self, amount: Amount) -> String {
        let digits = format!("{:0>width$}", amount.base_units(), width = self.whole_digit());
        let (whole, fraction) = digits.split_at(digits.len().saturating_sub(self.decimals.into()));
        match fraction.trim_end_matches('0') {
            "" => format!("{whole}{}", self.symbol),
            fraction => format!("{whole}.{fraction}{}", self.symbol),
        }
    }

    /// Reads an amount with its unit: `1.5TLY`, `1.5 TLY` or `1500000utly`.
    ///
    /// # Errors
    /// [`AmountInvalid`] says what is wrong with `text`.
    pub fn parse(&self, text: &str) -> Result<Amount, AmountInvalid> {
        let text = text.trim();
        let unit_at = text.find(|char: char| char.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(unit_at);
        let number = number.trim_end();
        let (symbol, base) = (self.symbol.clone(), self.base_unit());
        let decimals = match unit {
            "" => {
                let number = number.to_owned();
                return Err(AmountInvalid::UnitMissing { number, symbol, base });
            }
            unit if unit == symbol => self.decimals,
            unit if unit == base => 0,
            unit => return Err(AmountInvalid::UnitUnknown { unit: unit.to_owned(), symbol, base }),
        };
        parse_number(number, decimals, unit)
    }

    /// Digits of the shortest number that has one before the point.
    fn whole_digit(&self) -> usize {
        usize::from(self.decimals).saturating_add(1)
    }
}

fn parse_number(number: &str, decimals: u8, unit: &str) -> Result<Amount, AmountInvalid> {
    let malformed = || AmountInvalid::NumberMalformed { number: number.to_owned() };
    let (whole, fraction) = match number.split_once('.') {
        Some((_, "")) => return Err(malformed()),
        Some(parts) => parts,
        None => (number, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
    {
        return Err(malformed());
    }
    let Some(missing) = usize::from(decimals).checked_sub(fraction.len()) else {
        return Err(AmountInvalid::TooPrecise { unit: unit.to_owned(), decimals });
    };
    let digits = format!("{whole}{fraction}{}", "0".repeat(missing));
    digits.parse().ok().and_then(Amount::new).ok_or(AmountInvalid::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token { symbol: "TLY".to_owned(), decimals: 6 }
    }

    #[test]
    fn amounts_round_trip_through_text() {
        for (text, base_units) in [
            ("1.5TLY", 1_500_000),
            ("0TLY", 0),
            ("0.000001TLY", 1),
            ("12345678.9TLY", 12_345_678_900_000),
        ] {
            let amount = token().parse(text).unwrap();
            assert_eq!(amount, Amount::from_u64(base_units), "{text}");
            assert_eq!(token().format(amount), text);
        }
        assert_eq!(token().parse("1500000utly"), Ok(Amount::from_u64(1_500_000)));
        assert_eq!(token().parse(" 1.50 TLY "), Ok(Amount::from_u64(1_500_000)));
    }

    #[test]
    fn bad_amounts_say_what_is_wrong() {
        use AmountInvalid as Invalid;
        assert!(matches!(token().parse("5"), Err(Invalid::UnitMissing { .. })));
        assert!(matches!(token().parse("5BTC"), Err(Invalid::UnitUnknown { .. })));
        assert!(matches!(token().parse("1.5utly"), Err(Invalid::TooPrecise { decimals: 0, .. })));
        assert!(matches!(token().parse("0.0000001TLY"), Err(Invalid::TooPrecise { .. })));
        for text in ["-1TLY", "1..2TLY", ".5TLY", "5.TLY", "TLY", "1,5TLY", "+1TLY"] {
            assert!(matches!(token().parse(text), Err(Invalid::NumberMalformed { .. })), "{text}");
        }
        let large = format!("{}TLY", "9".repeat(60));
        assert_eq!(token().parse(&large), Err(Invalid::TooLarge));
    }

    #[test]
    fn a_token_without_decimals_has_no_point() {
        let token = Token { symbol: "AB".to_owned(), decimals: 0 };
        assert_eq!(token.format(Amount::from_u64(120)), "120AB");
        assert_eq!(token.parse("120AB"), Ok(Amount::from_u64(120)));
    }
}
