//! What a client follows: one of the topics, and how far it has been told.

use std::sync::Arc;

use crate::api::Api;
use crate::error::Error;
use crate::methods::{Of, Said, Topic, TopicVisitor, each_topic};
use crate::types::FollowedView;

/// How a topic is followed: what the block at a height says.
pub(super) type Follow = Arc<dyn Fn(&dyn Api, u64) -> Result<Said, Error> + Send + Sync>;

/// One thing that a client follows.
pub(super) struct Subscription {
    pub(super) follow: Follow,
    of: Of,
    /// The first height that it has not been told of.
    pub(super) next: u64,
    /// True once it has been told of the tip.
    reached: bool,
    last: Option<Vec<FollowedView>>,
}

impl Subscription {
    /// The subscription that the method `name` asks for; nothing where it is no topic's.
    ///
    /// # Errors
    /// [`Error::ParamsInvalid`].
    pub(super) fn of(name: &str, params: &str, tip: u64) -> Option<Result<Self, Error>> {
        let mut finder = Finder { name, params, tip, found: None };
        each_topic(&mut finder);
        finder.found
    }

    /// True when there may be something to say at `tip`.
    pub(super) const fn is_due(&self, tip: u64) -> bool {
        self.next <= tip
    }

    /// The height to ask about, which is due.
    pub(super) fn height(&self, tip: u64) -> u64 {
        match self.of {
            Of::Blocks => self.next,
            Of::Tip => tip,
        }
    }

    /// Takes note of what was said; gives back what is to be sent.
    pub(super) fn told(&mut self, said: Said, tip: u64) -> Said {
        self.next = said.height.saturating_add(1);
        self.reached |= self.next > tip;
        if self.of == Of::Tip {
            if self.last.as_ref() == Some(&said.items) {
                return Said { items: Vec::new(), ..said };
            }
            self.last = Some(said.items.clone());
        }
        said
    }

    /// True when it has fallen too far behind a tip that it had come to.
    pub(super) const fn lags(&self, tip: u64, blocks_max: u64) -> bool {
        self.reached && tip.saturating_sub(self.next) > blocks_max
    }
}

struct Finder<'a> {
    name: &'a str,
    params: &'a str,
    tip: u64,
    found: Option<Result<Subscription, Error>>,
}

impl TopicVisitor for Finder<'_> {
    fn visit<T: Topic>(&mut self) {
        if T::NAME != self.name {
            return;
        }
        let topic: Result<T, _> = serde_json::from_str(self.params);
        let tip = self.tip;
        self.found = Some(match topic {
            Err(error) => Err(Error::ParamsInvalid { reason: error.to_string() }),
            Ok(topic) => {
                let next = match T::OF {
                    Of::Blocks => topic.first_height().unwrap_or(tip.saturating_add(1)),
                    Of::Tip => 0,
                };
                let follow: Follow = Arc::new(move |api, height| topic.follow(api, height));
                Ok(Subscription { follow, of: T::OF, next, reached: next > tip, last: None })
            }
        });
    }
}
