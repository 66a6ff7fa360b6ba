//! Web sockets: over one connection a client follows what it subscribed to, and makes calls, one after the other.
//!
//! ```text
//! reader ─ messages, one at a time ─► session ─ answers, messages of subscriptions, pings ─► client
//! ```
//!
//! Nothing is queued for a subscriber: what a block says is read when the one before has been sent. Whoever takes its
//! messages too slowly falls behind, and is cut off with a code once that is too far; nothing is left out before.

mod session;
mod subscription;

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::Request;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use jsonrpsee::server::{HttpBody, HttpResponse};
use soketto::Incoming;
use soketto::handshake::http::Server;
use tokio::io::BufStream;
use tokio::sync::{mpsc, watch};
use tokio_util::compat::TokioAsyncReadCompatExt;

use self::session::Session;
use super::Limits;
use super::calls::Calls;
use super::gate::Peer;
use crate::api::Api;

/// A web socket that was agreed to, and is there once the answer is sent.
pub(super) struct Upgrade {
    handshake: Server,
    connection: OnUpgrade,
}

/// Follows the height of the tip.
pub(super) fn tip(api: &dyn Api) -> watch::Receiver<u64> {
    let (tell, tip) = watch::channel(0);
    let teller = tell.clone();
    api.on_commit(Box::new(move |height| {
        teller.send_replace(height);
    }));
    // A block that was committed in between is no lower than what is told now.
    tell.send_if_modified(|known| {
        let height = api.tip_height();
        let higher = height > *known;
        *known = height.max(*known);
        higher
    });
    tip
}

/// The answer that agrees to a handshake; nothing where it is none.
pub(super) fn accept<B>(mut request: Request<B>) -> Option<(HttpResponse, Upgrade)> {
    let mut handshake = Server::new();
    let response = handshake.receive_request(&request).ok()?;
    let connection = hyper::upgrade::on(&mut request);
    Some((response.map(|()| HttpBody::empty()), Upgrade { handshake, connection }))
}

/// Serves a web socket until either end closes it.
pub(super) async fn serve(
    upgrade: Upgrade,
    calls: &Calls,
    peer: &Peer,
    limits: &Limits,
    tip: watch::Receiver<u64>,
) {
    let Ok(connection) = upgrade.connection.await else { return };
    let stream = BufStream::new(TokioIo::new(connection)).compat();
    let mut builder = upgrade.handshake.into_builder(stream);
    let bytes_max = usize::try_from(limits.body_bytes_max).unwrap_or(usize::MAX);
    builder.set_max_message_size(bytes_max);
    builder.set_max_frame_size(bytes_max);
    let (sender, mut receiver) = builder.finish();
    let alive = AtomicBool::new(true);
    let (asks, asked) = mpsc::channel(1);
    let reader = async {
        let mut message = Vec::new();
        loop {
            match receiver.receive(&mut message).await {
                Ok(Incoming::Data(_)) if asks.send(mem::take(&mut message)).await.is_ok() => {}
                Ok(Incoming::Pong(_)) => {}
                Ok(_) | Err(_) => return,
            }
            alive.store(true, Ordering::Relaxed);
        }
    };
    let mut session = Session::new(sender, calls, peer, limits, tip);
    tokio::select! {
        () = reader => {}
        ended = session.run(asked, &alive) => session.close(ended).await,
    }
}
