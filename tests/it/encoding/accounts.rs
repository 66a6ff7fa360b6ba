//! What is done with money that leaves or comes back, with accounts, and with orders that stand.

use super::*;

/// Money that leaves or comes back, and who may act.
pub(super) fn operations() -> Vec<(&'static str, Operation)> {
    let target = Target::new("DE89 3704 0044 0532 0130 00").unwrap();
    vec![
        ("withdraw-request", Operation::WithdrawRequest { amount: amount(9), target }),
        (
            "withdraw-confirm",
            Operation::WithdrawConfirm { hold: OBJECT, reference: Hash([0x33; 32]) },
        ),
        (
            "withdraw-reject",
            Operation::WithdrawReject { hold: OBJECT, reason: Memo::new("no such bank").unwrap() },
        ),
        (
            "refund",
            Operation::Refund {
                of: OBJECT,
                amount: amount(4),
                reason: Memo::new("an hour was missing").unwrap(),
            },
        ),
        ("account-update", Operation::AccountUpdate { name: Name::new("market-hall") }),
        ("account-update-none", Operation::AccountUpdate { name: None }),
        ("key-set", Operation::KeySet { signers: signers() }),
        (
            "agent-grant",
            Operation::AgentGrant {
                key: key().public_key(),
                scopes: scopes(),
                cap: amount(5_000),
                expires: Time(86_400_000),
            },
        ),
        ("agent-revoke", Operation::AgentRevoke { key: key().public_key() }),
    ]
}

pub(super) fn signers() -> Signers {
    let other = SecretKey::from_bytes(&[0x12; 32]).unwrap();
    Signers::new(2, vec![key().public_key(), other.public_key()]).unwrap()
}

pub(super) fn scopes() -> Scopes {
    Scopes::new([Scope::Pay, Scope::Trade]).unwrap()
}
