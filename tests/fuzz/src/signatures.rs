//! Signatures verified together: the verdict on each is the one it gets by itself.

use std::sync::LazyLock;

use chain::batch::{self, Claim};
use chain::hash::{Domain, Hash};
use chain::keys::{PublicKey, SecretKey, Signature};

use crate::input::Input;

/// Claims in a batch.
const CLAIMS_MAX: u64 = 40;
/// Bytes of a claim: key, message, signature.
const BYTES: usize = 128;

/// Claims that hold: seven keys, each under messages of its own and two of all.
static POOL: LazyLock<Vec<[u8; BYTES]>> = LazyLock::new(|| {
    let sign = |(key, message): (u8, u8)| {
        let message = Hash::of(Domain::Voucher, &[&[message]]);
        let key = SecretKey::from_bytes(&[key; 32]).expect("below the order");
        let bytes = [key.public_key().0, message.0].concat();
        let bytes = [bytes, key.sign(&message).0.to_vec()].concat();
        bytes.try_into().expect("of these lengths")
    };
    (1..8)
        .flat_map(|key| [0, 1, 10 + key, 20 + key].map(|message| (key, message)))
        .map(sign)
        .collect()
});

/// The bytes are choices: claims that hold, and what is changed in them.
pub(crate) fn signatures(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let count = input.below(CLAIMS_MAX);
    let claims: Vec<Claim> = (0..count).map(|_| claim(&mut input)).collect();
    let alone = |(position, claim): (usize, &Claim)| claim.verify().is_err().then_some(position);
    let failed: Vec<usize> = claims.iter().enumerate().filter_map(alone).collect();
    assert_eq!(batch::verify(&claims), failed, "{claims:?}");
}

fn claim(input: &mut Input) -> Claim {
    let mut bytes = input.pick(&POOL);
    // A quarter of a claim: key, message, R, s.
    let part = |quarter: u64| {
        let start = usize::try_from(quarter).expect("one of four") * (BYTES / 4);
        start..start + BYTES / 4
    };
    match input.below(16) {
        0 => bytes[usize::from(input.byte()) % BYTES] ^= input.byte(),
        1 => bytes[part(input.below(4))].fill_with(|| input.byte()),
        2 => {
            let (to, from) = (part(input.below(4)), part(input.below(4)));
            let other = input.pick(&POOL);
            bytes[to].copy_from_slice(&other[from]);
        }
        3 => bytes[part(input.below(4))].fill(input.byte()),
        _ => {}
    }
    let quarter = |number| bytes[part(number)].try_into().expect("32 bytes");
    let signature = bytes[BYTES / 2..].try_into().expect("64 bytes");
    Claim { key: PublicKey(quarter(0)), message: Hash(quarter(1)), signature: Signature(signature) }
}
