//! What every HTTP request passes before its calls run: it names a host that this server is, and brings
//! a body that is neither too large, nor too deep, nor too slow. Batches pass the same gate as single calls.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, GetAll, HOST, HeaderValue, ORIGIN};
use hyper::http::uri::Authority;
use hyper::{Request, StatusCode, Uri};
use jsonrpsee::server::{HttpBody, HttpResponse};
use serde_json::json;
use soketto::handshake::http::is_upgrade_request;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::Limits;
use super::calls::{Caller, Calls, is_submission};
use super::depth::is_too_deep;
use super::meter::Allowance;
use super::metrics::{Counted, Metrics};
use super::socket::{self, Upgrade};
use crate::error::Error;

pub(super) struct Gate {
    calls: Calls,
    /// In lower case, without port.
    hosts: Vec<String>,
    limits: Limits,
    /// Room for bodies that are longer than others may be.
    submissions: Arc<Semaphore>,
    /// The height of the tip.
    tip: watch::Receiver<u64>,
}

/// The other end of a connection.
pub(super) struct Peer {
    /// Where it is, as connections are counted.
    pub(super) address: IpAddr,
    /// What its address may still use.
    pub(super) allowance: Arc<Allowance>,
    /// True while a call of it runs.
    pub(super) calls: AtomicBool,
    /// The web socket that the connection becomes.
    pub(super) upgrade: Mutex<Option<Upgrade>>,
}

impl Peer {
    /// Somebody at `address`, who may use so much.
    pub(super) fn new(address: IpAddr, allowance: Arc<Allowance>) -> Self {
        Self { address, allowance, calls: AtomicBool::new(false), upgrade: Mutex::default() }
    }

    /// Whose calls come over this connection.
    pub(super) fn caller(&self) -> Caller {
        Caller { address: self.address, allowance: Arc::clone(&self.allowance) }
    }

    /// The web socket that the connection has become.
    pub(super) fn upgraded(&self) -> Option<Upgrade> {
        self.upgrade.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request with its whole body, and the room that the body takes.
struct Admitted {
    request: Request<Bytes>,
    room: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(super) fn new(calls: Calls, listen: SocketAddr, names: &[String], limits: Limits) -> Self {
        let mut hosts: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        if !listen.ip().is_unspecified() {
            hosts.push(match listen {
                SocketAddr::V4(listen) => listen.ip().to_string(),
                SocketAddr::V6(listen) => format!("[{}]", listen.ip()),
            });
        }
        let submissions = Arc::new(Semaphore::new(limits.long_bodies_at_once_max));
        let tip = socket::tip(&**calls.api());
        Self { calls, hosts, limits, submissions, tip }
    }

    /// Answers one request of `peer`, be it with a refusal.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> HttpResponse {
        if is_upgrade_request(&request) {
            let upgraded = self.upgrade(request, peer);
            return upgraded.unwrap_or_else(|(status, error)| self.refuse(status, &error));
        }
        match self.admit(request).await {
            Ok(Admitted { request, room }) => {
                peer.calls.store(true, Ordering::Relaxed);
                let answer = self.calls.answer(request, peer.caller());
                let _room = room;
                let answer = tokio::time::timeout(self.limits.request_timeout, answer).await;
                peer.calls.store(false, Ordering::Relaxed);
                let Ok(answer) = answer else {
                    return self.refuse(StatusCode::SERVICE_UNAVAILABLE, &Error::Timeout);
                };
                // What was made counts, whether or not it is taken.
                let bytes = answer.body().size_hint().lower();
                peer.allowance.bytes.charge(usize::try_from(bytes).unwrap_or(usize::MAX));
                answer
            }
            Err((status, error)) => self.refuse(status, &error),
        }
    }

    /// Where the server counts what it does.
    pub(super) const fn metrics(&self) -> &Metrics {
        self.calls.metrics()
    }

    fn refuse(&self, status: StatusCode, error: &Error) -> HttpResponse {
        self.metrics().refused_by(error);
        refusal(status, error)
    }

    /// Serves the web socket that a connection has become, until it ends.
    pub(super) async fn serve(&self, upgrade: Upgrade, peer: &Peer) {
        let _counted = Counted::new(&self.metrics().web_sockets);
        socket::serve(upgrade, &self.calls, peer, &self.limits, self.tip.clone()).await;
    }

    /// Agrees to make the connection a web socket. A page of another host may not have one: unlike an answer, its
    /// browser would let it read what comes.
    fn upgrade(
        &self,
        request: Request<Incoming>,
        peer: &Peer,
    ) -> Result<HttpResponse, (StatusCode, Error)> {
        let headers = request.headers();
        if !self.is_for_us(&headers.get_all(HOST), request.uri()) {
            return Err((StatusCode::FORBIDDEN, Error::HostUnknown));
        }
        if !headers.get_all(ORIGIN).iter().all(|origin| self.is_our_page(origin)) {
            return Err((StatusCode::FORBIDDEN, Error::OriginUnknown));
        }
        let (response, upgrade) = socket::accept(request).ok_or_else(|| {
            let reason = "not a web socket's handshake".to_owned();
            (StatusCode::BAD_REQUEST, Error::ParamsInvalid { reason })
        })?;
        *peer.upgrade.lock().unwrap_or_else(PoisonError::into_inner) = Some(upgrade);
        Ok(response)
    }

    fn is_our_page(&self, origin: &HeaderValue) -> bool {
        let origin = Uri::try_from(origin.as_bytes()).ok();
        origin.as_ref().and_then(Uri::authority).is_some_and(|page| self.is_ours(page))
    }

    /// The request with its whole body.
    async fn admit(&self, request: Request<Incoming>) -> Result<Admitted, (StatusCode, Error)> {
        let (parts, body) = request.into_parts();
        if !self.is_for_us(&parts.headers.get_all(HOST), &parts.uri) {
            return Err((StatusCode::FORBIDDEN, Error::HostUnknown));
        }
        let Ok(read) = tokio::time::timeout(self.limits.body_timeout, self.read(body)).await else {
            return Err((StatusCode::REQUEST_TIMEOUT, Error::BodyTooSlow));
        };
        let (body, room) = read?;
        Ok(Admitted { request: Request::from_parts(parts, body), room })
    }

    /// Reads a body. One that says that it is longer than others may be must be a batch of transactions,
    /// and waits for room before it is read.
    async fn read(
        &self,
        body: Incoming,
    ) -> Result<(Bytes, Option<OwnedSemaphorePermit>), (StatusCode, Error)> {
        let Limits { body_bytes_max, submission_bytes_max, .. } = self.limits;
        let is_long = body.size_hint().lower() > body_bytes_max.into();
        if body.size_hint().lower() > submission_bytes_max.max(body_bytes_max).into() {
            return Err(too_large(submission_bytes_max));
        }
        let (room, bytes_max) = if is_long {
            let room = Arc::clone(&self.submissions).acquire_owned().await;
            (Some(room.expect("there is always room again")), submission_bytes_max)
        } else {
            (None, body_bytes_max)
        };
        let whole = Limited::new(body, usize::try_from(bytes_max).unwrap_or(usize::MAX)).collect();
        let body = match whole.await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(too_large(bytes_max)),
            Err(_) => return Err((StatusCode::REQUEST_TIMEOUT, Error::BodyTooSlow)),
        };
        if is_too_deep(&body) {
            return Err((StatusCode::BAD_REQUEST, Error::BodyTooDeep));
        }
        if is_long && !is_submission(&body) {
            return Err(too_large(body_bytes_max));
        }
        Ok((body, room))
    }

    /// True when the request names exactly one host, in its header and perhaps in its target, and it is
    /// one of ours.
    fn is_for_us(&self, hosts: &GetAll<'_, HeaderValue>, target: &Uri) -> bool {
        let mut headers = hosts.iter();
        let (Some(header), None) = (headers.next(), headers.next()) else { return false };
        let Ok(header) = Authority::try_from(header.as_bytes()) else { return false };
        let target = target.authority();
        self.is_ours(&header) && target.is_none_or(|target| self.is_ours(target))
    }

    fn is_ours(&self, authority: &Authority) -> bool {
        let host = authority.host().to_ascii_lowercase();
        self.hosts.contains(&host) && !authority.as_str().contains('@')
    }
}

fn too_large(bytes_max: u32) -> (StatusCode, Error) {
    let bytes_max = usize::try_from(bytes_max).unwrap_or(usize::MAX);
    (StatusCode::PAYLOAD_TOO_LARGE, Error::BodyTooLarge { bytes_max })
}

/// An answer to a request whose calls did not run, or not to their end. The connection is closed: what
/// is left of the request is not read.
fn refusal(status: StatusCode, error: &Error) -> HttpResponse {
    let body = json!({ "jsonrpc": "2.0", "id": null, "error": error.object() });
    let mut response = HttpResponse::new(HttpBody::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
