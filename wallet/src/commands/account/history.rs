//! `tally account history`: the last lines of what became of an account.

use clap::Args;
use rpc::methods::{AccountListHistory, HistoryOrder};
use rpc::types::{HistoryLineView, Limit};

use super::super::{account_or_own, more};
use crate::args::{AccountArgs, ListArgs};
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::output::Answer;
use crate::statement::{Owner, Words, change};
use crate::text::listing;
use crate::when;

/// What is asked for.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    of: AccountArgs,
    #[command(flatten)]
    list: ListArgs,
}

pub(super) async fn run(context: &Context, args: &HistoryArgs) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let account = account_or_own(context, &session, &args.of)?;
    let limit = Limit::new(args.list.limit).expect("the flag has the bounds of a limit");
    let question = AccountListHistory {
        account,
        from: None,
        until: None,
        from_time: None,
        until_time: None,
        order: HistoryOrder::NewestFirst,
        cursor: args.list.cursor.clone(),
        limit,
    };
    let answer = session.client.call(question).await?;
    let owner = Owner::of(&session, account.0.account);
    let words = Words { owner, token: &session.token };
    let rows = answer.items.iter().map(|line| (row(&session, line), words.of(line))).collect();
    let headers = ["BLOCK", "TIME", "CHANGE", "AMOUNT", "HELD", "BALANCE", "CREDIT", "AVAILABLE"];
    let mut text = listing(&headers, rows, "nothing became of this account yet");
    text.push_str(&more(answer.next_cursor.as_deref()));
    Ok(Answer::new(&answer, text))
}

fn row(session: &Session, line: &HistoryLineView) -> Vec<String> {
    let after = &line.after;
    let sums = [after.amount, after.held, after.balance, after.credit, after.available];
    let about = [
        line.height.to_string(),
        when::show(line.time),
        change(&session.token, line.amount_change.0),
    ];
    about.into_iter().chain(sums.map(|amount| session.show(amount.0))).collect()
}
