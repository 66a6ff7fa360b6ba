//! What a stranger cannot do to the server.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fake::{ALICE, WAITS, address};
use super::{Node, SHORT, call, node, request};
use crate::server::Limits;

fn refused(answer: &str, status: u16, name: &str) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    assert!(answer.contains(&format!("\"code\":\"{name}\"")), "{answer}");
}

/// Sends a request on `stream` and reads all of its answer; false when the connection is closed.
async fn is_served(stream: &mut TcpStream) -> bool {
    let body = call("chain_status", "{}");
    let request = request("localhost", &body).replace("Connection: close\r\n", "");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    matches!(stream.read(&mut [0; 64 * 1024]).await, Ok(bytes) if bytes > 0)
}

#[tokio::test]
async fn unknown_method_is_refused() {
    let node = node(Limits::default()).await;
    let answer = node.post(&call("chain_halt", "{}")).await;
    assert_eq!(answer["error"]["code"], -32601);
}

#[tokio::test]
async fn wrong_params_are_refused_with_what_is_wrong() {
    let node = node(Limits::default()).await;
    let upper = address(ALICE).to_string().to_uppercase();
    for (method, params) in [
        ("account_get", "{}".to_owned()),
        ("account_get", r#"{"account":7}"#.to_owned()),
        ("account_get", format!(r#"{{"account":"{upper}"}}"#)),
        ("account_get", format!(r#"{{"account":"{}","extra":1}}"#, address(ALICE))),
        ("tx_get", r#"{"id":"abc"}"#.to_owned()),
        ("tx_submit", r#"{"transaction":"0"}"#.to_owned()),
        ("hold_list", format!(r#"{{"account":"{}","limit":201}}"#, address(ALICE))),
        ("chain_get_blocks", r#"{"from":0,"count":101}"#.to_owned()),
        ("chain_get_block", r#"{"height":-1}"#.to_owned()),
    ] {
        let error = &node.post(&call(method, &params)).await["error"];
        assert_eq!(error["code"], -32602, "{method} {params}");
        assert_eq!(error["data"]["code"], "PARAMS_INVALID", "{method} {params}");
    }
}

#[tokio::test]
async fn body_too_large_is_refused_before_it_is_read() {
    let node = node(Limits::default()).await;
    let head = request("localhost", "").replace("Length: 0", "Length: 4194305");
    refused(&node.exchange(&head).await, 413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn body_too_large_in_chunks_is_refused() {
    let node = node(Limits { body_bytes_max: 1024, ..Limits::default() }).await;
    let head = request("localhost", "").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    let chunk = format!("401\r\n{}\r\n", "x".repeat(1025));
    refused(&node.exchange(&format!("{head}{chunk}")).await, 413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn slow_body_is_refused_and_its_connection_closed() {
    let node = node(Limits { body_timeout: SHORT, ..Limits::default() }).await;
    let head = request("localhost", "").replace("Length: 0", "Length: 100");
    refused(&node.exchange(&format!("{head}{{")).await, 408, "BODY_TOO_SLOW");
}

#[tokio::test]
async fn slow_header_and_idle_connection_are_closed() {
    let node = node(Limits { header_timeout: SHORT, ..Limits::default() }).await;
    assert!(!node.exchange("POST / HTTP/1.1\r\nHost: local").await.contains("jsonrpc"));
    let mut idle = node.connect().await;
    assert!(is_served(&mut idle).await);
    assert!(matches!(idle.read(&mut [0; 16]).await, Ok(0) | Err(_)));
}

#[tokio::test]
async fn batch_of_more_calls_than_allowed_is_refused_whole() {
    let node = node(Limits::default()).await;
    let batch = |calls: usize| format!("[{}]", vec![call("chain_status", "{}"); calls].join(","));
    assert_eq!(node.post(&batch(20)).await.as_array().map(Vec::len), Some(20));
    let refused = node.post(&batch(21)).await;
    assert_eq!((&refused["error"]["code"], &refused["id"]), (&json!(-32010), &Value::Null));
}

#[tokio::test]
async fn answer_too_large_is_an_error() {
    let node = node(Limits { answer_bytes_max: 300, ..Limits::default() }).await;
    let answer = node.post(&call("chain_status", "{}")).await;
    assert_eq!(answer["error"]["code"], -32008);
}

#[tokio::test]
async fn request_that_names_another_host_is_refused() {
    let node = node(Limits::default()).await;
    let body = call("chain_status", "{}");
    let port = node.address().port();
    for host in
        ["localhost", &format!("127.0.0.1:{port}"), "LOCALHOST:80", "node.example:1", "[::1]"]
    {
        let answer = node.exchange(&request(host, &body)).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{host}: {answer}");
    }
    for host in
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil", "x@localhost", "", "a b"]
    {
        let answer = node.exchange(&request(host, &body)).await;
        refused(&answer, 403, "HOST_UNKNOWN");
    }
}

#[tokio::test]
async fn request_that_names_no_host_or_two_is_refused() {
    let node = node(Limits::default()).await;
    let request = request("localhost", &call("chain_status", "{}"));
    let none = request.replace("Host: localhost\r\n", "");
    let two = request.replace("Host: localhost\r\n", "Host: localhost\r\nHost: evil.example\r\n");
    let target = request.replace("POST / ", "POST http://evil.example/ ");
    for request in [none, two, target] {
        refused(&node.exchange(&request).await, 403, "HOST_UNKNOWN");
    }
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_leave() {
    let node = node(Limits::default()).await;
    let body = call("chain_status", "{}");
    let form = request("localhost", &body).replace("application/json", "text/plain");
    assert!(node.exchange(&form).await.starts_with("HTTP/1.1 415 "));
    let ask = "OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\
               Connection: close\r\nAccess-Control-Request-Method: POST\r\n\r\n";
    let answer = node.exchange(ask).await.to_lowercase();
    assert!(answer.starts_with("http/1.1 405 ") && !answer.contains("access-control"), "{answer}");
}

#[tokio::test]
async fn upgrades_that_are_no_web_socket_are_refused() {
    let node = node(Limits::default()).await;
    let socket = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    for (headers, status) in [("Upgrade: h2c\r\n", 405), (socket, 400)] {
        let answer = node
            .exchange(&format!(
                "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\n{headers}\r\n"
            ))
            .await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
}

#[tokio::test]
async fn connections_of_one_address_are_capped() {
    let limits = Limits { connections_per_address_max: 2, ..Limits::default() };
    check_cap(&node(limits).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_in_all_are_capped() {
    let limits = Limits { connections_max: 2, reads_at_once_max: 4, ..Limits::default() };
    let node = Arc::new(node(limits).await);
    let waits = call("account_get", &format!(r#"{{"account":"{}"}}"#, address(WAITS)));
    let mut asking = Vec::new();
    for _ in 0..2 {
        let mut stream = node.connect().await;
        stream.write_all(request("localhost", &waits).as_bytes()).await.unwrap();
        asking.push(stream);
    }
    let api = node.api.clone();
    let api = tokio::task::spawn_blocking(move || {
        api.arrived_times(2);
        api
    });
    let api = api.await.unwrap();
    assert!(!is_served(&mut node.connect().await).await);
    api.release();
    for mut stream in asking {
        assert!(stream.read(&mut [0; 64 * 1024]).await.unwrap() > 0);
    }
    while !is_served(&mut node.connect().await).await {}
}

/// Two connections are served, a third is not until one of them ends.
async fn check_cap(node: &Node) {
    let (mut one, mut two) = (node.connect().await, node.connect().await);
    assert!(is_served(&mut one).await && is_served(&mut two).await);
    assert!(!is_served(&mut node.connect().await).await);
    assert!(is_served(&mut one).await);
    drop(two);
    while !is_served(&mut node.connect().await).await {}
}

#[tokio::test]
async fn client_that_takes_no_answers_is_cut_off() {
    const REQUESTS: usize = 20_000;
    let node = node(Limits { write_timeout: SHORT, ..Limits::default() }).await;
    let body = format!("[{}]", vec![call("chain_get_block", r#"{"height":9}"#); 20].join(","));
    let request = request("localhost", &body).replace("Connection: close\r\n", "");
    let mut stream = node.connect().await;
    // The server stops reading when it cannot write, and closes: then sending fails.
    let mut sent = 0;
    while sent < REQUESTS && stream.write_all(request.as_bytes()).await.is_ok() {
        sent += 1;
    }
    assert!(sent < REQUESTS, "everything was taken");
}

/// A batch of so many transactions, each of two thousand digits.
fn batch(method: &str, transactions: usize) -> String {
    let transactions = vec!["00".repeat(1_000); transactions];
    let params = json!({ "transactions": transactions });
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

#[tokio::test]
async fn only_a_batch_of_transactions_may_be_longer_than_other_bodies() {
    let limits =
        Limits { submission_bytes_max: 40_000, body_bytes_max: 10_000, ..Limits::default() };
    let node = node(limits).await;
    let (short, long) = (batch("tx_submit_batch", 2), batch("tx_submit_batch", 10));
    for body in [&short, &long] {
        assert!(node.post(body).await.to_string().contains("TRANSACTION_MALFORMED"));
    }
    let other = batch("tx_get", 10);
    let among_others = format!("[{long}]");
    for body in [&other, &among_others, &batch("tx_submit_batch", 30)] {
        assert!(node.post(body).await.to_string().contains("BODY_TOO_LARGE"));
    }
    // Each of them gave back the room it took.
    for _ in 0..limits.long_bodies_at_once_max {
        assert!(node.post(&long).await.to_string().contains("TRANSACTION_MALFORMED"));
    }
}
