//! Standing orders as clients see them.

use chain::amount::Amount;
use chain::id::ObjectId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ObjectStatus, OrderPlaceView, RejectionView, WindowView};
use crate::text::{Address, Text};

/// A standing order: what is placed for every window of a weekly pattern, and what has become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StandingView {
    /// Its name.
    pub standing: Text<ObjectId>,
    /// Whose it is.
    pub owner: Text<Address>,
    /// The name of its market.
    pub market_name: String,
    /// What is placed, and when.
    pub terms: StandingTermsView,
    /// Whether it places anything.
    pub state: StandingStateView,
    /// The next window: the first that has neither an order nor passed without one.
    pub next: WindowView,
    /// When it has its next turn: to place an order, or, while it is paused, at its end.
    pub due: u64,
    /// How many orders it has placed.
    pub placed: u64,
    /// What its open bids have set aside and its contracts were made for.
    pub committed: Text<Amount>,
    /// Whether it stands.
    pub status: ObjectStatus,
}

/// What a standing order places, and when. Days are those of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StandingTermsView {
    /// The order of the first window. Those of later windows differ from it by a whole number of days.
    pub template: OrderPlaceView,
    /// On which days a window begins, from Monday on.
    pub weekdays: Vec<WeekdayView>,
    /// No window begins at this point or later.
    pub until: u64,
    /// The points at which days begin on which no window does.
    pub skip: Vec<u64>,
    /// How long before its window an order is placed.
    pub horizon_ms: u64,
    /// The most that all bids together may set aside and pay.
    pub budget: Option<Text<Amount>>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeekdayView {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl WeekdayView {
    /// All of them, from Monday on.
    pub const ALL: [Self; 7] =
        [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

/// Whether a standing order places anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingStateView {
    /// An order for every window.
    Running,
    /// It lets windows pass.
    Paused,
}

/// What its owner does with a standing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingActView {
    /// Lets windows pass.
    Pause,
    /// Goes on.
    Resume,
    /// Ends it.
    End,
}

/// Why a standing order is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandingClosedView {
    /// No further window begins before its end.
    Completed,
    /// Its owner ended it.
    Ended,
}

/// What a standing order did, or what became of it, named by `type` as all events are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StandingEventView {
    /// A standing order begins, pauses or goes on.
    StandingMoved {
        /// The standing order.
        standing: Text<ObjectId>,
        /// Whose it is.
        owner: Text<Address>,
        /// Whether it places anything now.
        state: StandingStateView,
        /// The next window.
        next: WindowView,
    },
    /// A standing order placed an order.
    StandingPlaced {
        /// The standing order.
        standing: Text<ObjectId>,
        /// Whose it is.
        owner: Text<Address>,
        /// The order.
        order: Text<ObjectId>,
        /// Its window.
        window: WindowView,
    },
    /// A standing order could not place an order.
    StandingMissed {
        /// The standing order.
        standing: Text<ObjectId>,
        /// Whose it is.
        owner: Text<Address>,
        /// The window.
        window: WindowView,
        /// Why.
        rejection: RejectionView,
        /// When it tries again; none where the window passes without an order.
        again: Option<u64>,
    },
    /// A standing order is over.
    StandingEnded {
        /// The standing order.
        standing: Text<ObjectId>,
        /// Whose it was.
        owner: Text<Address>,
        /// How many orders it placed.
        placed: u64,
        /// What its open bids have set aside and its contracts were made for.
        committed: Text<Amount>,
        /// Why.
        reason: StandingClosedView,
    },
}
