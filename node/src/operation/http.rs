//! A small server: GET alone, one request a connection, few connections, each for a few seconds at most, so that
//! whoever is slow or many keeps the node from nothing.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::Operation;

/// Connections at once; more are closed as they come.
const CONNECTIONS_MAX: usize = 16;
/// How long a connection may take, from its first byte to its last.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take to bring its request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to gather an answer.
const GATHER_TIMEOUT: Duration = Duration::from_secs(8);
/// Bytes of a request's header, and of what is buffered for one connection.
const BUFFER_BYTES_MAX: usize = 16 * 1024;
/// How long to wait when the system has no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const JSON: &str = "application/json";

type Answer = Response<Full<Bytes>>;

/// Answers whoever connects, until it is dropped.
pub(super) async fn serve(listener: TcpListener, operation: Arc<Operation>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without room the connection is closed, here and now.
                if let Ok(place) = Arc::clone(&room).try_acquire_owned() {
                    tokio::spawn(connection(stream, Arc::clone(&operation), place));
                }
            }
            Err(error) => pause(&error).await,
        }
    }
}

async fn pause(error: &io::Error) {
    tracing::warn!(%error, "no connection for metrics could be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

async fn connection(stream: TcpStream, operation: Arc<Operation>, _place: OwnedSemaphorePermit) {
    let service = service_fn(move |request| {
        let operation = Arc::clone(&operation);
        async move { Ok::<_, Infallible>(answer(&request, operation).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    match timeout(CONNECTION_TIMEOUT, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "connection for metrics broke"),
        Err(_) => tracing::debug!("connection for metrics was too slow"),
    }
}

async fn answer(request: &Request<Incoming>, operation: Arc<Operation>) -> Answer {
    if request.method() != Method::GET {
        let body = json!({ "error": "only GET is answered" });
        let mut answer = respond(StatusCode::METHOD_NOT_ALLOWED, JSON, body.to_string());
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
        return answer;
    }
    let gathered = match request.uri().path() {
        "/health/live" => {
            return respond(StatusCode::OK, JSON, json!({ "live": true }).to_string());
        }
        "/metrics" => spawn_blocking(move || (StatusCode::OK, OPENMETRICS, operation.metrics())),
        "/health/ready" => spawn_blocking(move || {
            let health = operation.health();
            let ready = health.is_ready();
            let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            (status, JSON, health.document().to_string())
        }),
        _ => {
            let paths = ["/metrics", "/health/live", "/health/ready"];
            let body = json!({ "error": "there is nothing here", "paths": paths });
            return respond(StatusCode::NOT_FOUND, JSON, body.to_string());
        }
    };
    match timeout(GATHER_TIMEOUT, gathered).await {
        Ok(Ok((status, kind, body))) => respond(status, kind, body),
        Ok(Err(_)) | Err(_) => {
            let body = json!({ "ready": false, "error": "the node does not answer in time" });
            respond(StatusCode::SERVICE_UNAVAILABLE, JSON, body.to_string())
        }
    }
}

fn respond(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
