//! Text that people type: addresses and amounts.

use std::str;

use chain::address::{self, Network};
use chain::token::{DECIMALS_MAX, Token};

use crate::memory::bounded;

/// An address decodes on one network at most, and from its own text.
pub(crate) fn address(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let mut networks = 0;
    for network in [Network::Main, Network::Test, Network::Dev] {
        if let Ok(account) = bounded(bytes.len(), || address::decode(network, text)) {
            assert_eq!(address::encode(network, &account), text.to_lowercase());
            networks += 1;
        }
    }
    assert!(networks <= 1, "{text} is an address of {networks} networks");
}

/// An amount that was read is read again from how it is shown. The first byte says how many decimals
/// the token has.
pub(crate) fn amount(bytes: &[u8]) {
    let Some((decimals, text)) = bytes.split_first() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let token = Token { symbol: "TLY".to_owned(), decimals: decimals % (DECIMALS_MAX + 1) };
    match bounded(bytes.len(), || token.parse(text)) {
        Ok(amount) => assert_eq!(token.parse(&token.format(amount)), Ok(amount)),
        Err(invalid) => assert!(!invalid.to_string().is_empty()),
    }
}
