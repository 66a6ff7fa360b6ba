//! `tally contract show`: a contract as a timeline: what happened, how it stands, who acts next and until when, and
//! what comes when nobody does.

use chain::account::AccountId;
use chain::amount::Amount;
use chain::id::ObjectId;
use rpc::methods::ContractGet;
use rpc::types::{
    BrokersView, ContractClosedView, ContractStateView, ContractView, OutlookView, PartyView,
    TurnView,
};

use super::timeline::{Line, timeline};
use super::turn::{command, commands_of, duty};
use crate::commands::order::{says, shown_window};
use crate::commands::word;
use crate::context::{Context, Session, Trust};
use crate::failure::Failure;
use crate::keystore::KeyName;
use crate::output::Answer;
use crate::text::{escape, facts, table};
use crate::when;

/// Runs `tally contract show`.
pub(super) async fn run(
    context: &Context,
    contract: ObjectId,
    key: Option<&KeyName>,
) -> Result<Answer, Failure> {
    let session = context.connect(Trust::Pinned).await?;
    let answer = session.client.call(ContractGet { contract: contract.into() }).await?;
    let contract = &answer.value;
    let past = timeline(&session, contract).await?;
    let own = match (key, context.own_key(key)) {
        (Some(_), named) => Some(named?.account()),
        (None, own) => own.ok().map(|key| key.account()),
    };
    let shown = Shown { session: &session, contract, own, now: answer.tip.time };
    let happened = match &past {
        Some(lines) => shown.happened(lines),
        None => "this node does not keep what happened\n".to_owned(),
    };
    let text = format!("{}\n{happened}\n{}", facts(&shown.deal()), facts(&shown.next()));
    Ok(Answer::new(&answer, text).with("timeline", &past))
}

/// A contract, and for whom it is shown.
struct Shown<'a> {
    session: &'a Session,
    contract: &'a ContractView,
    /// The account of the wallet's own key, if there is one.
    own: Option<AccountId>,
    /// The time of the last block.
    now: u64,
}

impl Shown<'_> {
    /// What was agreed on, and how far it has come.
    fn deal(&self) -> Vec<(&'static str, String)> {
        let Self { session, contract, .. } = self;
        let sum = |amount| session.show(amount);
        let who = |party| format!("{}{}", self.address(party), self.mark(party));
        let missed = match contract.slots_missed {
            0 => String::new(),
            missed => format!(", {missed} missed"),
        };
        let slots = format!("{} of {} slots{missed}", contract.slots_paid, contract.slots);
        let mut facts = vec![
            ("contract", contract.contract.to_string()),
            ("state", self.state()),
            ("buyer", who(PartyView::Buyer)),
            ("seller", who(PartyView::Seller)),
            ("market", escape(&contract.market_name)),
            ("quantity", contract.quantity.to_string()),
            ("window", shown_window(contract.window)),
            ("price", session.show_price(contract.price.0)),
            ("total", sum(contract.total.0)),
            ("paid", format!("{} for {slots}", sum(contract.paid.0))),
        ];
        let back = self.held_back();
        if !back.is_zero() {
            facts.push(("held back", format!("{} until it is signed off", sum(back))));
        }
        if let Some(notice) = contract.notice_ms {
            facts.push(("notice", format!("{} if the seller ends it", when::show_span(notice))));
        }
        let agreement = contract.agreement.map(|digest| digest.0);
        facts.extend(says::people(agreement, None, contract.user));
        let BrokersView { buyer, seller } = contract.brokers;
        facts.extend(buyer.map(|broker| ("broker", format!("{broker}, the buyer's"))));
        facts.extend(seller.map(|broker| ("broker", format!("{broker}, the seller's"))));
        facts.extend(contract.host.map(|host| ("host", host.to_string())));
        facts.extend([
            ("bid", contract.bid.to_string()),
            ("ask", contract.ask.to_string()),
            ("hold", contract.hold.to_string()),
        ]);
        facts
    }

    /// The price of the slots that passed, less what was paid; none once it is over.
    fn held_back(&self) -> Amount {
        let ContractView { price, quantity, slots_paid, paid, outlook, .. } = self.contract;
        let quantity = chain::quantity::Quantity(*quantity);
        let earned = Amount::cost(price.0, quantity, *slots_paid).filter(|_| outlook.is_some());
        earned.and_then(|earned| earned.checked_sub(paid.0)).unwrap_or_default()
    }

    /// How far it has come, in words; or why it is over.
    fn state(&self) -> String {
        let words = match self.contract.state {
            ContractStateView::Matched => "the buyer is to stage code and data",
            ContractStateView::Staging => "the seller is to get ready",
            ContractStateView::Ready => "both wait for the window to begin",
            ContractStateView::Active => "its slots pass, and are paid one by one",
            ContractStateView::Reclaiming => "its slots pass until the seller's notice ends",
            ContractStateView::Ended => "its slots are over, and the result is due",
            ContractStateView::SignOff => "the buyer is to sign off the result",
            ContractStateView::Disputed => "the buyer has rejected the result",
            ContractStateView::Closed => {
                let reason = self.contract.reason.and_then(|reason| word(&reason));
                return format!("closed: {}", reason.unwrap_or_default());
            }
        };
        format!("{}: {words}", word(&self.contract.state).unwrap_or_default())
    }

    /// The steps so far as a table.
    fn happened(&self, lines: &[Line]) -> String {
        let row = |line: &Line| {
            let sum = |amount: Amount| match amount.is_zero() {
                true => String::new(),
                false => self.session.show(amount),
            };
            let back = match line.refunded.0.is_zero() {
                true => String::new(),
                false => format!("{} back", self.session.show(line.refunded.0)),
            };
            let paid = [sum(line.paid.0), back].join("");
            let by = word(&line.by).unwrap_or_default();
            let what = if line.what.is_empty() { "paid".to_owned() } else { line.what.clone() };
            vec![when::show(line.time), by, what, paid, sum(line.commission.0)]
        };
        let rows = lines.iter().map(row).collect();
        table(&["TIME", "BY", "WHAT", "PAID", "COMMISSION"], rows, "nothing happened yet\n")
    }

    /// Who acts next, until when, what comes when nobody does, and what else the parties may do.
    fn next(&self) -> Vec<(&'static str, String)> {
        let Some(outlook) = &self.contract.outlook else {
            return vec![("next", "nothing: it is over".to_owned())];
        };
        let at = |time| format!("{}, {}", when::show(time), when::relative(time, self.now));
        let mut next = Vec::new();
        match outlook.duties.as_slice() {
            [] => next.push(("next", format!("{}: {}", at(outlook.until), self.then(outlook)))),
            duties => {
                let said = |turn: &TurnView| duty(*turn, self.mark(turn.by));
                let said: Vec<String> = duties.iter().map(said).collect();
                next.push(("next", said.join(", or ")));
                next.push(("until", at(outlook.until)));
                next.push(("or else", self.then(outlook)));
                let own = duties.iter().filter(|turn| self.is_own(turn.by));
                let own: Vec<String> =
                    own.map(|turn| format!("'tally contract {}'", command(turn.act))).collect();
                if !own.is_empty() {
                    next.push(("how", own.join(" or ")));
                }
            }
        }
        for (name, party) in [("buyer may", PartyView::Buyer), ("seller may", PartyView::Seller)] {
            let acts = commands_of(&outlook.acts, party);
            if !acts.is_empty() && self.now < outlook.acts_until {
                let until = when::show(outlook.acts_until);
                next.push((name, format!("{}, until {until}", acts.join(", "))));
            }
        }
        next
    }

    /// What the deadline does.
    fn then(&self, outlook: &OutlookView) -> String {
        let mut said = Vec::new();
        let does = match (outlook.then, outlook.reason) {
            (_, Some(reason)) => closes(reason).to_owned(),
            (ContractStateView::Active, _) if self.contract.state == ContractStateView::Ready => {
                "its slots begin".to_owned()
            }
            (ContractStateView::Active | ContractStateView::Reclaiming, _) => {
                let next = self.contract.slots_missed + self.contract.slots_paid + 1;
                format!("slot {next} of {} is over", self.contract.slots)
            }
            (ContractStateView::Ended, _) => "its slots are over".to_owned(),
            (then, _) => format!("it becomes {}", word(&then).unwrap_or_default()),
        };
        said.push(does);
        if !outlook.pays.0.is_zero() {
            said.push(format!("{} to the seller", self.session.show(outlook.pays.0)));
        }
        if !outlook.returns.0.is_zero() {
            said.push(format!("{} back to the buyer", self.session.show(outlook.returns.0)));
        }
        said.join(", ")
    }

    fn address(&self, party: PartyView) -> String {
        match party {
            PartyView::Buyer => self.contract.buyer.to_string(),
            PartyView::Seller => self.contract.seller.to_string(),
        }
    }

    fn is_own(&self, party: PartyView) -> bool {
        let account = match party {
            PartyView::Buyer => self.contract.buyer.0.account,
            PartyView::Seller => self.contract.seller.0.account,
        };
        let user = self.contract.user.filter(|_| party == PartyView::Buyer);
        self.own.is_some_and(|own| own == account || user.is_some_and(|it| it.0.account == own))
    }

    /// A mark for the party that the wallet's own key is.
    fn mark(&self, party: PartyView) -> &'static str {
        if self.is_own(party) { " (you)" } else { "" }
    }
}

/// How a contract closes when nobody acts.
const fn closes(reason: ContractClosedView) -> &'static str {
    match reason {
        ContractClosedView::BuyerLate => "it closes, for the buyer is late",
        ContractClosedView::NoShow => "it closes, for the seller does not show up",
        ContractClosedView::NoResult => "it closes without a result",
        ContractClosedView::Silence => "silence is acceptance: it closes",
        ContractClosedView::Rejected => "it closes as rejected",
        ContractClosedView::Accepted
        | ContractClosedView::AbortedByBuyer
        | ContractClosedView::AbortedBySeller => "it closes",
    }
}
