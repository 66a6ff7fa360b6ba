//! Requests of a script as operations.

use chain::agent::{Scope, Scopes};
use chain::hash::{Domain, Hash};
use chain::id::ObjectId;
use chain::memo::Memo;
use chain::name::Name;
use chain::operation::Operation;
use chain::signers::Signers;
use chain::target::Target;
use chain::time::{Millis, Time};
use chain::voucher::Voucher;

use super::{Ledger, account, amount, chain, key, number};

impl Ledger {
    /// The operation that `words` ask for; what it makes is called `id`.
    pub(super) fn operation(&mut self, words: &[&str], id: ObjectId) -> Operation {
        match *words {
            [_, "->", to, sum] => {
                let (to, amount) = (account(to), amount(sum));
                Operation::Transfer { to, amount, memo: Memo::default() }
            }
            [_, "deposits", sum, "to", to, "as", reference] => Operation::Deposit {
                to: account(to),
                amount: amount(sum),
                reference: named(reference),
            },
            [_, "holds", sum, "for", beneficiary, "until", expires, "as", name] => {
                self.names.insert(name.to_owned(), id);
                Operation::HoldOpen {
                    amount: amount(sum),
                    beneficiary: account(beneficiary),
                    expires: Time(number(expires)),
                }
            }
            [_, "captures", sum, "of", hold] => {
                Operation::HoldCapture { hold: self.object(hold), cumulative: amount(sum) }
            }
            [_, "releases", hold] => Operation::HoldRelease { hold: self.object(hold) },
            [_, "opens", name, "to", payee, sum, "delay", delay] => {
                self.names.insert(name.to_owned(), id);
                let hold = ObjectId::of_runtime(chain(), id, id, self.height.next(), 0);
                self.names.insert(format!("{name}.hold"), hold);
                Operation::ChannelOpen {
                    payee: account(payee),
                    amount: amount(sum),
                    voucher_key: key("voucher").public_key(),
                    settle_delay: Millis(number(delay)),
                }
            }
            [_, "submits", voucher, "of", channel, ref how @ ..] => {
                self.voucher(voucher, channel, how)
            }
            [_, "collects", channel] => Operation::CloseByPayee { channel: self.object(channel) },
            [_, "closes", channel] => Operation::CloseByPayer { channel: self.object(channel) },
            [_, "withdraws", sum, "as", name] => {
                self.names.insert(name.to_owned(), id);
                let target = Target::new("a bank").unwrap();
                Operation::WithdrawRequest { amount: amount(sum), target }
            }
            [_, "confirms", hold, "as", reference] => {
                Operation::WithdrawConfirm { hold: self.object(hold), reference: named(reference) }
            }
            [_, "rejects", hold] => {
                Operation::WithdrawReject { hold: self.object(hold), reason: Memo::default() }
            }
            [_, "refunds", sum, "of", of] => {
                let (of, amount) = (self.object(of), amount(sum));
                Operation::Refund { of, amount, reason: Memo::default() }
            }
            [_, "cancels", order] => Operation::OrderCancel { order: self.object(order) },
            _ => access(words),
        }
    }

    fn voucher(&self, voucher: &str, channel: &str, how: &[&str]) -> Operation {
        let (sequence, cumulative) = voucher.split_once('/').expect("SEQUENCE/CUMULATIVE");
        let (signer, chain) = match *how {
            [] => ("voucher", chain()),
            ["signed", "by", signer] => (signer, chain()),
            ["on", elsewhere] => ("voucher", Hash::of(Domain::Genesis, &[elsewhere.as_bytes()])),
            _ => panic!("no such voucher: {how:?}"),
        };
        let voucher = Voucher {
            chain,
            channel: self.object(channel),
            sequence: number(sequence),
            cumulative: amount(cumulative),
        };
        Operation::VoucherSubmit { voucher: voucher.sign(&key(signer)) }
    }
}

/// Names, keys and grants.
fn access(words: &[&str]) -> Operation {
    match *words {
        [_, "is", "called", "nothing"] => Operation::AccountUpdate { name: None },
        [_, "is", "called", name] => Operation::AccountUpdate { name: Name::new(name) },
        [_, "keys", threshold, "of", ref names @ ..] => {
            let keys = names.iter().map(|name| key(name).public_key()).collect();
            let signers = Signers::new(threshold.parse().unwrap(), keys).expect("a set");
            Operation::KeySet { signers }
        }
        [_, "grants", name, scopes, cap, "until", expires] => Operation::AgentGrant {
            key: key(name).public_key(),
            scopes: self::scopes(scopes),
            cap: amount(cap),
            expires: Time(number(expires)),
        },
        [_, "revokes", name] => Operation::AgentRevoke { key: key(name).public_key() },
        _ => panic!("no such request: {words:?}"),
    }
}

fn scopes(text: &str) -> Scopes {
    let scope = |word: &str| match word {
        "pay" => Scope::Pay,
        "hold" => Scope::Hold,
        "trade" => Scope::Trade,
        "channel" => Scope::Channel,
        "refund" => Scope::Refund,
        _ => panic!("no such scope: {word}"),
    };
    Scopes::new(text.split(',').map(scope)).unwrap()
}

fn named(reference: &str) -> Hash {
    Hash::of(Domain::Reference, &[reference.as_bytes()])
}
