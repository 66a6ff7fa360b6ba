//! What happened to an order, a contract or a channel, line by line.

use chain::account::AccountId;
use chain::id::ObjectId;
use clap::Args;
use rpc::types::{HappeningView, OriginView, Page};

use super::more;
use crate::args::{ListArgs, object_id};
use crate::context::Session;
use crate::output::Answer;
use crate::statement::{Owner, Words};
use crate::text::table;
use crate::when;

/// Whose life.
#[derive(Debug, Args)]
pub(crate) struct LifeArgs {
    /// Its name
    #[arg(value_parser = object_id, value_name = "ID")]
    pub(super) object: ObjectId,
    #[command(flatten)]
    pub(super) list: ListArgs,
}

/// The events of `page` as `account` would tell them.
pub(super) fn answer(session: &Session, account: AccountId, page: &Page<HappeningView>) -> Answer {
    let words = Words { owner: Owner::of(session, account), token: &session.token };
    let row = |happening: &HappeningView| {
        let by = match happening.origin {
            OriginView::Timers => "deadline",
            OriginView::Transaction { .. } => "transaction",
            OriginView::Matching => "match",
        };
        vec![
            happening.height.to_string(),
            when::show(happening.time),
            by.to_owned(),
            words.event(&happening.event).unwrap_or_default(),
        ]
    };
    let rows = page.items.iter().map(row).collect();
    let text = table(&["BLOCK", "TIME", "BY", "WHAT"], rows, "nothing more happened");
    Answer::new(page, text).with_text(&more(page.next_cursor.as_deref()))
}
