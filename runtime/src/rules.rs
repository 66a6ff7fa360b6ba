//! What each kind of operation, and each kind of deadline, does: one file a rule.
//!
//! A rule checks everything first, in the order in which its rejections are reported, and then writes.

pub(crate) mod agent;
pub(crate) mod authority;
pub(crate) mod channel;
pub(crate) mod commission;
pub(crate) mod conditions;
pub(crate) mod contract;
pub(crate) mod deposit;
pub(crate) mod freeze;
pub(crate) mod hold;
pub(crate) mod host;
pub(crate) mod keys;
pub(crate) mod name;
pub(crate) mod order;
pub(crate) mod pool;
pub(crate) mod proposal;
pub(crate) mod quote;
pub(crate) mod refund;
pub(crate) mod standing;
pub(crate) mod transfer;
pub(crate) mod voucher;
pub(crate) mod withdrawal;

#[cfg(test)]
mod tests;
