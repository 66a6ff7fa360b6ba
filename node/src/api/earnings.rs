//! What an account earned, out of the index.

use chain::account::AccountId;
use chain::id::ObjectId;
use chain::state::{Key, Object};
use chain::time::Time;
use rpc::error::Error;
use rpc::methods::AccountListEarnings;
use rpc::types::{Change, EarningSourceView, EarningView, Page};

use super::past::{direction, empty, index, left, part};
use super::{NodeApi, book, lists};
use crate::ledger::Committed;
use crate::market_index::{Earning, Source};

pub(super) fn earnings(
    api: &NodeApi,
    question: &AccountListEarnings,
) -> Result<Page<EarningView>, Error> {
    let index = index(api)?;
    let committed = api.read();
    let account = api.translate.account(&question.account)?;
    let at = |day: Option<u64>, other| Time(day.unwrap_or(other));
    let first = Source { day: at(question.from_time, 0), of: ObjectId([0; 32]) };
    let end = Source { day: at(question.until_time, u64::MAX), of: ObjectId([0; 32]) };
    let cursor = question.cursor.as_deref().map(read_cursor).transpose()?;
    let direction = direction(question.order);
    let Some(sources) = left(first, end, cursor, direction) else {
        return Ok(empty(api, &committed));
    };
    let rows = index.earnings(account, sources, direction);
    let rows = part(rows, (end, cursor), question.limit)?;
    let items = rows
        .into_iter()
        .map(|(source, row)| Ok((written(source), earning(api, &committed, source, &row)?)));
    let items = items.collect::<Result<Vec<_>, Error>>()?;
    Ok(Page::fill(api.translate.tip(&committed.header), question.limit, items))
}

fn earning(
    api: &NodeApi,
    committed: &Committed,
    source: Source,
    row: &Earning,
) -> Result<EarningView, Error> {
    let Earning { gross, received, shared, commission, returned, refunded, payments } = *row;
    let commission = Change::between(returned, commission);
    let more = Change::of(gross).and(Change::of(received));
    let less = Change::of(shared).and(commission).and(Change::of(refunded));
    Ok(EarningView {
        day: source.day.0,
        of: source.of.into(),
        source: source_of(api, committed, source.of)?,
        gross: gross.into(),
        received: received.into(),
        shared: shared.into(),
        commission: commission.into(),
        refunded: refunded.into(),
        net: more.minus(less).into(),
        payments,
    })
}

/// What an account was paid out of, which stands or has ended.
fn source_of(
    api: &NodeApi,
    committed: &Committed,
    of: ObjectId,
) -> Result<Option<EarningSourceView>, Error> {
    let at = |account: AccountId| api.translate.address(account);
    for key in [Key::Contract(of), Key::Channel(of), Key::Hold(of)] {
        let object = match lists::standing(api, committed, key, "payment") {
            Ok(standing) => standing.object,
            Err(Error::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        let source = match object {
            Object::Contract(contract) => EarningSourceView::Contract {
                market_name: book::by_id(committed, contract.market).name.clone(),
                host: contract.host.map(Into::into),
                buyer: at(contract.buyer),
                seller: at(contract.seller),
            },
            Object::Channel(channel) => EarningSourceView::Channel { payer: at(channel.payer) },
            Object::Hold(hold) => EarningSourceView::Hold { owner: at(hold.owner) },
            _ => return Err(lists::wrong_kind(api)),
        };
        return Ok(Some(source));
    }
    Ok(None)
}

/// The cursor after what was earned from a source.
fn written(source: Source) -> String {
    format!("{}.{}", source.day, source.of)
}

fn read_cursor(text: &str) -> Result<Source, Error> {
    let source = text.split_once('.').and_then(|(day, of)| {
        Some(Source { day: Time(day.parse().ok()?), of: ObjectId::from_hex(of)? })
    });
    source.ok_or(Error::CursorInvalid)
}

#[cfg(test)]
mod tests;
