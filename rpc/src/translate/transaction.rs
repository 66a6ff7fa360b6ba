//! Transactions, their operations and their receipts.

use chain::contract::ContractAct;
use chain::encoding::encode;
use chain::id::ObjectId;
use chain::operation::{Operation, OrderPlace};
use chain::receipt::{Outcome, Receipt};
use chain::transaction::SignedTransaction;
use chain::voucher::SignedVoucher;

use super::{Translator, account, authority, host};
use crate::types::{
    IncludedView, OperationView, OrderPlaceView, OutcomeView, ReceiptView, TransactionView,
    VoucherView,
};

impl Translator {
    /// What a transaction asks for.
    pub fn transaction(&self, signed: &SignedTransaction) -> TransactionView {
        let transaction = &signed.transaction;
        TransactionView {
            id: transaction.id().into(),
            sender: self.address(transaction.sender),
            nonce: transaction.nonce.0,
            valid_until: transaction.valid_until.0,
            fee_max: transaction.fee_max.into(),
            bytes: u64::try_from(encode(signed).len()).unwrap_or(u64::MAX),
            signers: signed.witnesses.iter().map(|witness| witness.key.into()).collect(),
            operations: transaction.operations.iter().map(|it| self.operation(it)).collect(),
        }
    }

    /// A transaction at position `index` of a block, and what it did.
    pub fn included(
        &self,
        index: u32,
        transaction: &SignedTransaction,
        receipt: &Receipt,
    ) -> IncludedView {
        let (transaction, receipt) = (self.transaction(transaction), self.receipt(receipt));
        IncludedView { index, transaction, receipt }
    }

    /// What a transaction did.
    pub fn receipt(&self, receipt: &Receipt) -> ReceiptView {
        let outcome = match &receipt.outcome {
            Outcome::Applied { events } => {
                OutcomeView::Applied { events: events.iter().map(|it| self.event(it)).collect() }
            }
            Outcome::Failed { operation, code } => {
                OutcomeView::Failed { operation: *operation, rejection: (self.rejection)(*code) }
            }
        };
        ReceiptView { fee: receipt.fee.into(), outcome }
    }

    /// One step of a transaction.
    pub fn operation(&self, operation: &Operation) -> OperationView {
        match operation {
            Operation::Transfer { to, amount, memo } => OperationView::Transfer {
                to: self.address(*to),
                amount: (*amount).into(),
                memo: memo.as_str().to_owned(),
            },
            Operation::Deposit { to, amount, reference } => OperationView::Deposit {
                to: self.address(*to),
                amount: (*amount).into(),
                reference: (*reference).into(),
            },
            Operation::HoldOpen { amount, beneficiary, expires } => OperationView::HoldOpen {
                amount: (*amount).into(),
                beneficiary: self.address(*beneficiary),
                expires: expires.0,
            },
            Operation::HoldCapture { hold, cumulative } => OperationView::HoldCapture {
                hold: (*hold).into(),
                cumulative: (*cumulative).into(),
            },
            Operation::HoldRelease { hold } => OperationView::HoldRelease { hold: (*hold).into() },
            Operation::OrderPlace(place) => OperationView::OrderPlace(self.order_place(place)),
            Operation::ChannelOpen { .. }
            | Operation::VoucherSubmit { .. }
            | Operation::CloseByPayee { .. }
            | Operation::CloseByPayer { .. } => self.about_channel(operation),
            Operation::WithdrawRequest { .. }
            | Operation::WithdrawConfirm { .. }
            | Operation::WithdrawReject { .. } => withdrawal(operation),
            Operation::Refund { of, amount, reason } => OperationView::Refund {
                of: (*of).into(),
                amount: (*amount).into(),
                reason: reason.as_str().to_owned(),
            },
            Operation::Contract { contract, act } => in_contract(*contract, act),
            Operation::QuoteAccept { quote, quantity, conditions } => OperationView::QuoteAccept {
                quote: self.quote(quote),
                quantity: quantity.0,
                conditions: self.conditions(conditions),
            },
            Operation::StandingPut(_) | Operation::Standing { .. } => {
                self.standing_operation(operation)
            }
            Operation::AccountUpdate { .. }
            | Operation::KeySet { .. }
            | Operation::AgentGrant { .. }
            | Operation::AgentRevoke { .. } => access(operation),
            Operation::HostRegister { .. }
            | Operation::HostUpdate { .. }
            | Operation::HostClose { .. }
            | Operation::PoolSet { .. }
            | Operation::PoolBlackout { .. } => host::operation(operation),
            Operation::OrderCancel { .. }
            | Operation::OrderAmend { .. }
            | Operation::OrderCancelAll { .. }
            | Operation::CancelAt { .. } => command(operation),
            Operation::Propose { .. } | Operation::Approve { .. } => {
                self.proposal_operation(operation)
            }
            Operation::Authority { .. } => authority::operation(operation),
        }
    }

    fn about_channel(&self, operation: &Operation) -> OperationView {
        match operation {
            Operation::ChannelOpen { payee, amount, voucher_key, settle_delay } => {
                OperationView::ChannelOpen {
                    payee: self.address(*payee),
                    amount: (*amount).into(),
                    voucher_key: (*voucher_key).into(),
                    settle_delay_ms: settle_delay.0,
                }
            }
            Operation::VoucherSubmit { voucher } => {
                OperationView::VoucherSubmit { voucher: voucher_view(voucher) }
            }
            Operation::CloseByPayee { channel } => {
                OperationView::CloseByPayee { channel: (*channel).into() }
            }
            Operation::CloseByPayer { channel } => {
                OperationView::CloseByPayer { channel: (*channel).into() }
            }
            _ => unreachable!("`operation` sends each variant to its function"),
        }
    }

    pub(super) fn order_place(&self, place: &OrderPlace) -> OrderPlaceView {
        OrderPlaceView {
            market: place.market.0,
            side: place.side.into(),
            quantity: place.quantity.0,
            window: place.window.into(),
            limit: place.limit.into(),
            time_in_force: place.time_in_force.into(),
            grade: place.grade.0,
            parties: self.parties(&place.parties),
            conditions: self.conditions(&place.conditions),
            predicates: host::predicates(&place.predicates),
            stretch: place.stretch.map(Into::into),
        }
    }
}

fn in_contract(contract: ObjectId, act: &ContractAct) -> OperationView {
    OperationView::Contract { contract: contract.into(), act: act.into() }
}

fn access(operation: &Operation) -> OperationView {
    match operation {
        Operation::AccountUpdate { name } => {
            OperationView::AccountUpdate { name: name.map(Into::into) }
        }
        Operation::KeySet { signers } => OperationView::KeySet { signers: signers.into() },
        Operation::AgentGrant { key, scopes, cap, expires } => OperationView::AgentGrant {
            key: (*key).into(),
            scopes: account::scopes(*scopes),
            cap: (*cap).into(),
            expires: expires.0,
        },
        Operation::AgentRevoke { key } => OperationView::AgentRevoke { key: (*key).into() },
        _ => unreachable!("`operation` sends each variant to its function"),
    }
}

/// What is done with a withdrawal.
fn withdrawal(operation: &Operation) -> OperationView {
    match operation {
        Operation::WithdrawRequest { amount, target } => OperationView::WithdrawRequest {
            amount: (*amount).into(),
            target: target.as_str().to_owned(),
        },
        Operation::WithdrawConfirm { hold, reference } => {
            OperationView::WithdrawConfirm { hold: (*hold).into(), reference: (*reference).into() }
        }
        Operation::WithdrawReject { hold, reason } => OperationView::WithdrawReject {
            hold: (*hold).into(),
            reason: reason.as_str().to_owned(),
        },
        _ => unreachable!("`operation` sends each variant to its function"),
    }
}

fn command(operation: &Operation) -> OperationView {
    match *operation {
        Operation::OrderCancel { order } => OperationView::OrderCancel { order: order.into() },
        Operation::OrderAmend { order, quantity, limit, stretch } => OperationView::OrderAmend {
            order: order.into(),
            quantity: quantity.0,
            limit: limit.into(),
            stretch: stretch.map(Into::into),
        },
        Operation::OrderCancelAll { scope } => {
            OperationView::OrderCancelAll { scope: scope.into() }
        }
        Operation::CancelAt { time } => OperationView::CancelAt { time: time.map(|time| time.0) },
        _ => unreachable!("`operation` sends each variant to its function"),
    }
}

fn voucher_view(signed: &SignedVoucher) -> VoucherView {
    VoucherView {
        channel: signed.voucher.channel.into(),
        sequence: signed.voucher.sequence,
        cumulative: signed.voucher.cumulative.into(),
        key: signed.key.into(),
    }
}
