//! A voucher that reaches the chain raises what its channel will pay at its end. Anybody may bring one.
//!
//! Sequence and cumulative amount both rise with every voucher accepted, so that applying one again, or
//! an older one late, changes nothing. No money moves until the channel ends.

use chain::channel::{BestVoucher, Channel};
use chain::event::Event;
use chain::voucher::SignedVoucher;

use crate::draft::Draft;
use crate::rejection::Rejection;

/// Accepts a voucher, whose signature has been verified, as its channel's best.
pub(crate) fn submit(draft: &mut Draft<'_>, signed: &SignedVoucher) -> Result<(), Rejection> {
    let voucher = &signed.voucher;
    if voucher.chain != draft.context().chain {
        return Err(Rejection::VoucherChainMismatch);
    }
    let channel = draft.view().channel(&voucher.channel).ok_or(Rejection::ChannelUnknown)?;
    if signed.key != channel.voucher_key {
        return Err(Rejection::VoucherKeyMismatch);
    }
    if channel.best.is_some_and(|best| voucher.sequence <= best.sequence) {
        return Err(Rejection::VoucherSequenceTooLow);
    }
    if voucher.cumulative <= channel.best.map(|best| best.cumulative).unwrap_or_default() {
        return Err(Rejection::VoucherAmountTooLow);
    }
    if voucher.cumulative > channel.funded {
        return Err(Rejection::VoucherAmountTooHigh);
    }

    // From here on the voucher is the best.
    let best = BestVoucher { sequence: voucher.sequence, cumulative: voucher.cumulative };
    draft.put_channel(voucher.channel, Channel { best: Some(best), ..channel });
    draft.emit(Event::VoucherAccepted { channel: voucher.channel, best });
    Ok(())
}

#[cfg(test)]
mod tests;
