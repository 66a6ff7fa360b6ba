//! Channels: money set aside in full, out of which the payee is paid what the best voucher says, once,
//! when the channel ends.
//!
//! ```text
//! Open ─ closed by its payee ─────────────────────────────────────► ended
//!   └─ closed by its payer ─► Closing ─ settle delay and blocks ──► ended, by a timer
//!                                └──── closed by its payee ───────► ended
//! ```
//!
//! While it is closing, better vouchers are still accepted. The delay is a span of time and a number of
//! blocks, both of which must pass, so that a halted chain does not eat the payee's time to answer.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::channel::{Channel, ChannelStatus};
use chain::event::Event;
use chain::hold::{Hold, HoldClosed, Purpose};
use chain::id::ObjectId;
use chain::keys::PublicKey;
use chain::time::Millis;
use chain::timer::{Due, TimerKind};

use crate::context::Step;
use crate::draft::Draft;
use crate::money;
use crate::rejection::Rejection;

/// What a channel is opened with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) payee: AccountId,
    pub(crate) amount: Amount,
    pub(crate) voucher_key: PublicKey,
    pub(crate) settle_delay: Millis,
}

/// Opens a channel from the sender and sets its money aside.
pub(crate) fn open(draft: &mut Draft<'_>, step: &Step, terms: &Terms) -> Result<(), Rejection> {
    let (context, params) = (*draft.context(), draft.params());
    if terms.amount.is_zero() {
        return Err(Rejection::AmountZero);
    }
    if terms.payee == step.sender {
        return Err(Rejection::RecipientIsSender);
    }
    if draft.view().account(&terms.payee).is_none() {
        return Err(Rejection::RecipientUnknown);
    }
    if !terms.voucher_key.is_on_curve() {
        return Err(Rejection::VoucherKeyInvalid);
    }
    if terms.settle_delay < params.settle_delay_min {
        return Err(Rejection::SettleDelayTooShort);
    }
    if terms.settle_delay > params.settle_delay_max {
        return Err(Rejection::SettleDelayTooLong);
    }
    let payer = money::account(draft, &step.sender);
    money::check_available(&payer, [terms.amount, params.deposits.channel])?;

    // From here on the channel opens.
    let id = step.object_id(context.chain);
    let channel = Channel {
        payer: step.sender,
        payee: terms.payee,
        hold: context.hold_of(id),
        funded: terms.amount,
        voucher_key: terms.voucher_key,
        settle_delay: terms.settle_delay,
        best: None,
        status: ChannelStatus::Open,
        deposit: params.deposits.channel,
    };
    money::set_aside(draft, channel.payer, channel.deposit);
    let purpose = Purpose::Channel { channel: id };
    money::open_hold(draft, channel.hold, Hold::new(channel.payer, purpose, channel.funded));
    draft.put_channel(id, channel);
    let Channel { hold, payer, payee, funded, .. } = channel;
    draft.emit(Event::ChannelOpened { channel: id, hold, payer, payee, funded });
    Ok(())
}

/// The payee takes what the best voucher says and ends the channel at once.
pub(crate) fn close_by_payee(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
) -> Result<(), Rejection> {
    let channel = draft.view().channel(&id).ok_or(Rejection::ChannelUnknown)?;
    if step.sender != channel.payee {
        return Err(Rejection::NotPayee);
    }

    // From here on the channel ends.
    if let ChannelStatus::Closing { time, height } = channel.status {
        draft.clear_timer(Due::Time(time), TimerKind::ChannelClose, id);
        draft.clear_timer(Due::Height(height), TimerKind::ChannelClose, id);
    }
    finish(draft, id, channel);
    Ok(())
}

/// The payer asks to end the channel: it ends when its settle delay has passed.
pub(crate) fn close_by_payer(
    draft: &mut Draft<'_>,
    step: &Step,
    id: ObjectId,
) -> Result<(), Rejection> {
    let channel = draft.view().channel(&id).ok_or(Rejection::ChannelUnknown)?;
    if step.sender != channel.payer {
        return Err(Rejection::NotPayer);
    }
    if channel.status != ChannelStatus::Open {
        return Err(Rejection::ChannelClosing);
    }

    // From here on the channel is closing.
    let time = draft.context().parent_time.after(channel.settle_delay);
    let height = draft.context().height.after(draft.params().settle_blocks);
    let status = ChannelStatus::Closing { time, height };
    draft.put_channel(id, Channel { status, ..channel });
    draft.set_timer(Due::Time(time), TimerKind::ChannelClose, id);
    draft.emit(Event::ChannelClosing { channel: id, time, height });
    Ok(())
}

/// Ends a closing channel whose timer has fired, or waits on for the height it must reach as well.
pub(crate) fn close_due(draft: &mut Draft<'_>, id: ObjectId) {
    let channel = draft.view().channel(&id).expect("a channel with a timer has not ended");
    let ChannelStatus::Closing { height, .. } = channel.status else {
        unreachable!("only a closing channel has a timer")
    };
    if draft.context().height < height {
        draft.set_timer(Due::Height(height), TimerKind::ChannelClose, id);
    } else {
        finish(draft, id, channel);
    }
}

/// Pays what the best voucher says to the payee and returns the rest, and the deposit, to the payer.
fn finish(draft: &mut Draft<'_>, id: ObjectId, channel: Channel) {
    let captured = channel.best.map_or(Amount::ZERO, |best| best.cumulative);
    if !captured.is_zero() {
        money::capture_hold(draft, channel.hold, channel.payee, captured);
    }
    let returned = money::close_hold(draft, channel.hold, HoldClosed::Ended);
    money::free(draft, channel.payer, channel.deposit);
    draft.end_channel(id, channel);
    draft.emit(Event::ChannelClosed { channel: id, captured, returned });
}

#[cfg(test)]
mod tests;
