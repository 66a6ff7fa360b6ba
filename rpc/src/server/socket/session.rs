//! One client on a web socket: what it asks, and what it is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use soketto::Sender;
use soketto::connection;
use soketto::data::ByteSlice125;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_util::compat::Compat;

use super::super::Limits;
use super::super::calls::Calls;
use super::super::depth::is_too_deep;
use super::super::gate::Peer;
use super::subscription::Subscription;
use crate::error::Error;
use crate::types::MessageView;

/// Time to say why a web socket is closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// What ends a subscription.
const CANCEL: &str = "subscription_cancel";

/// Why a session ends.
pub(super) enum End {
    /// The client takes no more, or asks no more.
    Gone,
    /// It fell too far behind.
    TooSlow {
        /// Which of its subscriptions did.
        subscription: u64,
        /// From where on it has not been told everything.
        next_height: u64,
    },
}

impl From<connection::Error> for End {
    fn from(_: connection::Error) -> Self {
        Self::Gone
    }
}

/// A message of the client.
#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    method: String,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

pub(super) struct Session<'a, T> {
    sender: Sender<Compat<T>>,
    calls: &'a Calls,
    peer: &'a Peer,
    limits: &'a Limits,
    tip: watch::Receiver<u64>,
    subscriptions: BTreeMap<u64, Subscription>,
    /// How many there have been.
    count: u64,
}

impl<'a, T: AsyncRead + AsyncWrite + Unpin> Session<'a, T> {
    pub(super) const fn new(
        sender: Sender<Compat<T>>,
        calls: &'a Calls,
        peer: &'a Peer,
        limits: &'a Limits,
        tip: watch::Receiver<u64>,
    ) -> Self {
        Self { sender, calls, peer, limits, tip, subscriptions: BTreeMap::new(), count: 0 }
    }

    /// Answers what is `asked` and tells what is followed, until there is a reason to end. `alive` is set whenever
    /// something comes from the client.
    pub(super) async fn run(
        &mut self,
        mut asked: mpsc::Receiver<Vec<u8>>,
        alive: &AtomicBool,
    ) -> End {
        let every = self.limits.ping_interval;
        let mut pings = interval_at(Instant::now() + every, every);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let tip = *self.tip.borrow_and_update();
            let is_due = self.subscriptions.values().any(|one| one.is_due(tip));
            let step = tokio::select! {
                biased;
                question = asked.recv() => match question {
                    Some(question) => self.answer(question).await,
                    None => return End::Gone,
                },
                _ = pings.tick() => self.ping(alive).await,
                () = std::future::ready(()), if is_due => self.tell(tip).await,
                changed = self.tip.changed() => changed.map_err(|_| End::Gone),
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    /// Says why the session ends, where that can be said.
    pub(super) async fn close(&mut self, end: End) {
        let said = async {
            if let End::TooSlow { subscription, next_height } = end {
                let error = Error::SubscriberTooSlow { next_height }.object();
                let params = json!({ "subscription": subscription, "error": error });
                self.notify(&params).await?;
            }
            self.sender.close().await.map_err(End::from)
        };
        // Who takes nothing is not waited for.
        drop(timeout(CLOSE_TIMEOUT, said).await);
    }

    async fn ping(&mut self, alive: &AtomicBool) -> Result<(), End> {
        if !alive.swap(false, Ordering::Relaxed) {
            return Err(End::Gone);
        }
        let nothing = ByteSlice125::try_from(&[][..]).expect("nothing is short enough");
        self.sender.send_ping(nothing).await?;
        Ok(self.sender.flush().await?)
    }

    /// Tells every subscription that is due of one more block.
    async fn tell(&mut self, tip: u64) -> Result<(), End> {
        let due = self.subscriptions.iter().filter(|(_, one)| one.is_due(tip));
        let due: Vec<u64> = due.map(|(id, _)| *id).collect();
        for id in due {
            let Some(subscription) = self.subscriptions.get(&id) else { continue };
            if subscription.lags(tip, self.limits.lag_blocks_max) {
                let next_height = subscription.next;
                return Err(End::TooSlow { subscription: id, next_height });
            }
            let (follow, height) = (Arc::clone(&subscription.follow), subscription.height(tip));
            let said = self.calls.read(&self.peer.caller(), move |api| follow(api, height)).await;
            let said = match (said, self.subscriptions.get_mut(&id)) {
                (Ok(said), Some(subscription)) => subscription.told(said, tip),
                (Err(wrong), _) => {
                    // The node cannot say it: better no message than one too few.
                    self.subscriptions.remove(&id);
                    self.notify(&json!({ "subscription": id, "error": wrong.object() })).await?;
                    continue;
                }
                (Ok(_), None) => continue,
            };
            for (sequence, item) in (0..).zip(said.items) {
                let height = said.height;
                self.notify(&MessageView { subscription: id, height, sequence, item }).await?;
            }
        }
        Ok(())
    }

    async fn answer(&mut self, question: Vec<u8>) -> Result<(), End> {
        if is_too_deep(&question) {
            return self.reply("null", Err(Error::BodyTooDeep)).await;
        }
        let call: Option<Call<'_>> = serde_json::from_slice(&question).ok();
        let call = call.map(|Call { id, method, params }| {
            let text = |raw: &RawValue| raw.get().to_owned();
            (id.map(text), method, params.map_or_else(|| "{}".to_owned(), text))
        });
        if let Some((id, method, params)) = call {
            let tip = *self.tip.borrow();
            let answered = match Subscription::of(&method, &params, tip) {
                Some(subscription) => Some(self.subscribe(subscription).await),
                None if method == CANCEL => Some(self.cancel(&params)),
                None => None,
            };
            match (answered, id) {
                (None, _) => {}
                // Nobody would learn how it ended.
                (Some(_), None) => return Ok(()),
                (Some(answer), Some(id)) => return self.reply(&id, answer).await,
            }
        }
        self.call(question).await
    }

    async fn subscribe(
        &mut self,
        subscription: Result<Subscription, Error>,
    ) -> Result<Value, Error> {
        let subscription = subscription?;
        let subscriptions_max = self.limits.subscriptions_max;
        if self.subscriptions.len() >= subscriptions_max {
            return Err(Error::SubscriptionsFull { subscriptions_max });
        }
        // What cannot be said of the tip can never be said.
        let (follow, tip) = (Arc::clone(&subscription.follow), *self.tip.borrow());
        self.calls.read(&self.peer.caller(), move |api| follow(api, tip)).await?;
        self.count += 1;
        let from_height = subscription.height(tip);
        let answer = json!({ "subscription": self.count, "from_height": from_height });
        self.subscriptions.insert(self.count, subscription);
        Ok(answer)
    }

    fn cancel(&mut self, params: &str) -> Result<Value, Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Cancel {
            subscription: u64,
        }
        let cancel: Cancel = serde_json::from_str(params)
            .map_err(|error| Error::ParamsInvalid { reason: error.to_string() })?;
        let ended = self.subscriptions.remove(&cancel.subscription);
        ended.map(|_| json!({})).ok_or(Error::SubscriptionUnknown)
    }

    /// Runs a call, or a batch of calls, as if it had come over HTTP.
    async fn call(&mut self, question: Vec<u8>) -> Result<(), End> {
        let mut request = Request::new(Bytes::from(question));
        *request.method_mut() = Method::POST;
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        self.peer.calls.store(true, Ordering::Relaxed);
        let answer = self.calls.answer(request, self.peer.caller());
        let answer = timeout(self.limits.request_timeout, answer).await;
        self.peer.calls.store(false, Ordering::Relaxed);
        let Ok(answer) = answer else { return self.reply("null", Err(Error::Timeout)).await };
        let body = answer.into_body().collect().await.map_err(|_| End::Gone)?.to_bytes();
        match std::str::from_utf8(&body) {
            Ok("") => Ok(()),
            Ok(text) => self.send(text).await,
            Err(_) => Err(End::Gone),
        }
    }

    /// `id` is JSON, as the client wrote it.
    async fn reply(&mut self, id: &str, answer: Result<Value, Error>) -> Result<(), End> {
        let rest = match answer {
            Ok(result) => format!("\"result\":{result}"),
            Err(wrong) => format!("\"error\":{}", wrong.object()),
        };
        self.send(&format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},{rest}}}")).await
    }

    async fn notify(&mut self, params: &impl Serialize) -> Result<(), End> {
        let params = serde_json::to_value(params).expect("messages are JSON");
        let message = json!({ "jsonrpc": "2.0", "method": "subscription", "params": params });
        self.send(&message.to_string()).await
    }

    async fn send(&mut self, text: &str) -> Result<(), End> {
        self.sender.send_text(text).await?;
        Ok(self.sender.flush().await?)
    }
}
