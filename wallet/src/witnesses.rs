//! Witnesses in the files that wallets pass on: as text, and in rising order of key.

use chain::keys::{PublicKey, Signature};
use chain::limits::WITNESSES_MAX;
use chain::witness::Witness;
use rpc::text::Text;
use serde::{Deserialize, Serialize};

/// A key and its signature, as they stand in a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WitnessText {
    key: Text<PublicKey>,
    signature: String,
}

impl From<&Witness> for WitnessText {
    fn from(witness: &Witness) -> Self {
        Self { key: Text(witness.key), signature: hex::encode(witness.signature.0) }
    }
}

impl WitnessText {
    /// What it says; `None` when the signature is none.
    fn read(&self) -> Option<Witness> {
        let mut signature = [0; 64];
        hex::decode_to_slice(&self.signature, &mut signature).ok()?;
        Some(Witness { key: self.key.0, signature: Signature(signature) })
    }
}

/// What a file says; `None` when one signature is none, or they are more than may be.
pub(crate) fn read(texts: &[WitnessText]) -> Option<Vec<Witness>> {
    if texts.len() > WITNESSES_MAX {
        return None;
    }
    texts.iter().map(WitnessText::read).collect()
}

/// Puts a witness in its place. False when its key has signed already, or there is no room.
pub(crate) fn add(witnesses: &mut Vec<Witness>, witness: Witness) -> bool {
    match witnesses.binary_search_by(|other| other.key.cmp(&witness.key)) {
        Err(at) if witnesses.len() < WITNESSES_MAX => {
            witnesses.insert(at, witness);
            true
        }
        _ => false,
    }
}
