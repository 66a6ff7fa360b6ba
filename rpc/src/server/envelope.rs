//! The envelope of JSON-RPC where the library leaves the standard: a call without an id gets no answer,
//! and JSON that is no call is said to be that, not to be no JSON.

use std::collections::BTreeMap;

use hyper::StatusCode;
use hyper::body::{Body, Bytes};
use jsonrpsee::server::{HttpBody, HttpResponse};
use serde::de::IgnoredAny;

/// What the library says of a body that it cannot read. No other answer has its length: those that are
/// shorter say nothing, and those that say more are longer.
const NO_JSON: &str =
    r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}}"#;
/// What is right to say when the body is JSON.
const NO_CALL: &str =
    r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid request"}}"#;
/// What the library answers to calls that it takes to have no id. No other answer is as short.
const NOTHING: &str = "null";

/// The library's answer to `question`, corrected.
pub(super) fn corrected(answer: HttpResponse, question: &Bytes) -> HttpResponse {
    let length = answer.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    if answer.status() != StatusCode::OK {
        return answer;
    }
    if length == Some(NOTHING.len()) {
        return if names_id(question) { no_call(answer) } else { nothing() };
    }
    if length == Some(NO_JSON.len()) && is_json(question) { no_call(answer) } else { answer }
}

fn no_call(answer: HttpResponse) -> HttpResponse {
    answer.map(|_| HttpBody::from(NO_CALL))
}

fn nothing() -> HttpResponse {
    let mut response = HttpResponse::new(HttpBody::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// True for a call with an id, be it one that the library does not know as such.
fn names_id(bytes: &[u8]) -> bool {
    let fields = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(bytes);
    fields.is_ok_and(|fields| fields.contains_key("id"))
}

fn is_json(bytes: &[u8]) -> bool {
    // By way of text: of bytes the parser would let pass what is no UTF-8.
    str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}
