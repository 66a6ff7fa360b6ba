//! Addresses: account ids as people write them, bech32m with a prefix for each network.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use borsh::{BorshDeserialize, BorshSerialize};

use crate::account::AccountId;

/// Which kind of network a chain is: it decides the prefix of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
#[borsh(use_discriminant = true)]
pub enum Network {
    /// Real money; addresses begin with `tally1`.
    Main = 0,
    /// A public trial network; addresses begin with `tallytest1`.
    Test = 1,
    /// A developer's own chain; addresses begin with `tallydev1`.
    Dev = 2,
}

impl Network {
    /// The prefix of the network's addresses.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Main => "tally",
            Self::Test => "tallytest",
            Self::Dev => "tallydev",
        }
    }

    /// The network whose addresses begin with `prefix`.
    pub fn from_prefix(prefix: &str) -> Option<Self> {
        [Self::Main, Self::Test, Self::Dev].into_iter().find(|network| network.prefix() == prefix)
    }
}

/// Why a text is no address of the network at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressInvalid {
    /// The text is no bech32m, its checksum is wrong, or its length is not an account id's.
    #[error("not an address: a character is missing, wrong or swapped")]
    Malformed,
    /// The address belongs to another network.
    #[error("an address of another network: expected the prefix '{}'", expected.prefix())]
    WrongNetwork {
        /// The network at hand.
        expected: Network,
    },
}

/// Writes `account` as an address of `network`.
pub fn encode(network: Network, account: &AccountId) -> String {
    let prefix = Hrp::parse(network.prefix()).expect("prefixes are valid");
    bech32::encode::<Bech32m>(prefix, &account.0).expect("an id is short enough")
}

/// Reads an address of `network`.
///
/// # Errors
/// [`AddressInvalid`] when `text` is no address, or one of another network.
pub fn decode(network: Network, text: &str) -> Result<AccountId, AddressInvalid> {
    let parsed = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| AddressInvalid::Malformed)?;
    if parsed.hrp().to_lowercase() != network.prefix() {
        return Err(AddressInvalid::WrongNetwork { expected: network });
    }
    let bytes: Vec<u8> = parsed.byte_iter().collect();
    bytes.try_into().map(AccountId).map_err(|_| AddressInvalid::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: AccountId = AccountId([7; 20]);

    #[test]
    fn address_round_trips() {
        for network in [Network::Main, Network::Test, Network::Dev] {
            let text = encode(network, &ID);
            assert!(text.starts_with(network.prefix()));
            assert_eq!(decode(network, &text), Ok(ID));
        }
    }

    #[test]
    fn address_of_another_network_is_refused() {
        let text = encode(Network::Main, &ID);
        let expected = Network::Dev;
        assert_eq!(decode(expected, &text), Err(AddressInvalid::WrongNetwork { expected }));
    }

    #[test]
    fn every_single_wrong_character_is_refused() {
        let text = encode(Network::Dev, &ID);
        for position in 0..text.len() {
            let mut wrong = text.clone().into_bytes();
            wrong[position] = if wrong[position] == b'q' { b'p' } else { b'q' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(decode(Network::Dev, &wrong).is_err(), "{wrong}");
        }
        assert!(decode(Network::Dev, "").is_err());
        assert!(decode(Network::Dev, "0707070707070707070707070707070707070707").is_err());
    }
}
