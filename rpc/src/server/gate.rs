//! What every HTTP request passes before its calls run: it names a host that this server is, and brings
//! a body that is neither too large, nor too deep, nor too slow. Batches pass the same gate as single calls.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;
use hyper::{Request, StatusCode};
use jsonrpsee::server::{HttpBody, HttpResponse};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Limits;
use super::calls::{Calls, is_submission};
use super::depth::is_too_deep;
use crate::error::Error;

pub(super) struct Gate {
    calls: Calls,
    /// In lower case, without port.
    hosts: Vec<String>,
    limits: Limits,
    /// Room for bodies that are longer than others may be.
    submissions: Arc<Semaphore>,
}

/// The other end of a connection.
pub(super) struct Peer {
    /// Where it is, as connections are counted.
    pub(super) address: IpAddr,
    /// True while a call of it runs.
    pub(super) calls: AtomicBool,
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
        Self { calls, hosts, limits, submissions }
    }

    /// Answers one request of `peer`, be it with a refusal.
    pub(super) async fn answer(&self, request: Request<Incoming>, peer: &Peer) -> HttpResponse {
        match self.admit(request).await {
            Ok(Admitted { request, room }) => {
                peer.calls.store(true, Ordering::Relaxed);
                let answer = self.calls.answer(request, peer.address);
                let _room = room;
                let answer = tokio::time::timeout(self.limits.request_timeout, answer).await;
                peer.calls.store(false, Ordering::Relaxed);
                answer.unwrap_or_else(|_| refusal(StatusCode::SERVICE_UNAVAILABLE, &Error::Timeout))
            }
            Err((status, error)) => refusal(status, &error),
        }
    }

    /// The request with its whole body.
    async fn admit(&self, request: Request<Incoming>) -> Result<Admitted, (StatusCode, Error)> {
        let (parts, body) = request.into_parts();
        if !self.is_for_us(&parts) {
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
    fn is_for_us(&self, parts: &Parts) -> bool {
        let mut headers = parts.headers.get_all(HOST).iter();
        let (Some(header), None) = (headers.next(), headers.next()) else { return false };
        let Ok(header) = Authority::try_from(header.as_bytes()) else { return false };
        let target = parts.uri.authority();
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
    let error = json!({ "code": error.code(), "message": error.to_string(), "data": error.data() });
    let body = json!({ "jsonrpc": "2.0", "id": null, "error": error });
    let mut response = HttpResponse::new(HttpBody::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
