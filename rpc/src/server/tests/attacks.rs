//! Attacks on the server, by the numbers of docs/SECURITY.md; `limits` has more of them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::fake::{ALICE, FORGED, PANICS, WAITS, address};
use super::{Node, call, log, node, request};
use crate::openrpc;
use crate::server::Limits;

impl Node {
    /// Sends `bytes`, which need not be text, and reads until the server closes.
    async fn exchange_bytes(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The server may close before everything is sent.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Connects from another address of this machine.
    pub(super) async fn connect_from(&self, address: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(address.parse().unwrap(), 0)).unwrap();
        socket.connect(self.address()).await.unwrap()
    }
}

/// A call on a connection that stays open: its whole answer.
pub(super) async fn ask(stream: &mut TcpStream, body: &str) -> io::Result<String> {
    let request = request("localhost", body).replace("Connection: close\r\n", "");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    loop {
        let mut part = [0; 4096];
        let bytes = stream.read(&mut part).await?;
        if bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&part[..bytes]);
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if length.is_some_and(|length| length.parse() == Ok(body.len())) {
            return Ok(text.into_owned());
        }
    }
}

pub(super) fn account_get(account: impl std::fmt::Display) -> String {
    call("account_get", &format!(r#"{{"account":"{account}"}}"#))
}

/// The server answers an honest call.
async fn is_well(node: &Node) {
    assert!(node.post(&call("chain_status", "{}")).await["result"].is_object());
}

// A2
#[tokio::test]
async fn deep_nesting_is_refused_before_it_is_parsed() {
    let node = node(Limits::default()).await;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let depth = 30_000;
        let nested = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        for body in [
            nested.clone(),
            open.repeat(depth),
            call("chain_status", &nested),
            call("chain_get_block", &format!(r#"{{"height":{nested}}}"#)),
        ] {
            let answer = node.post(&body).await;
            assert_eq!(answer["error"]["data"]["code"], "BODY_TOO_DEEP", "{answer}");
        }
    }
    // Brackets within a text nest nothing.
    let text = "[".repeat(30_000);
    let answer = node.post(&call("chain_get_block", &format!(r#"{{"height":"{text}"}}"#))).await;
    assert_eq!(answer["error"]["data"]["code"], "PARAMS_INVALID", "{answer}");
    is_well(&node).await;
}

// A3
#[tokio::test]
async fn batch_of_anything_counts_by_entries() {
    let node = node(Limits::default()).await;
    for entry in ["1", "{}", "[]", r#"{"jsonrpc":"2.0","method":"chain_status"}"#] {
        let count = 200_000 / (entry.len() + 1);
        let answer = node.post(&format!("[{}]", vec![entry; count].join(","))).await;
        assert_eq!(answer["error"]["code"], -32010, "{entry}");
    }
    // A batch within a batch is no call.
    let inner = format!("[{}]", call("chain_status", "{}"));
    let answer = node.post(&format!("[{inner},{inner}]")).await;
    assert_eq!(answer[1]["error"]["code"], -32600);
}

// A8
#[tokio::test]
async fn other_protocols_get_no_answer_of_theirs() {
    let node = node(Limits::default()).await;
    let h2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let tls = b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03random";
    let upgrade = request("localhost", &call("chain_status", "{}"))
        .replace("Connection: close", "Connection: Upgrade, close\r\nUpgrade: h2c");
    for bytes in [&h2[..], tls, b"\0\0\0\0\r\n\r\n", upgrade.as_bytes()] {
        let answer = node.exchange_bytes(bytes).await;
        assert!(!answer.contains(" 101 ") && !answer.contains("upgrade"), "{answer}");
    }
    is_well(&node).await;
}

// A9, A15
#[tokio::test]
async fn methods_that_are_not_there_all_get_the_same_answer() {
    let node = node(Limits::default()).await;
    let first = node.post(&call("no_such_method", "{}")).await;
    assert_eq!(first["error"]["code"], -32601);
    for name in [
        "admin_stop",
        "admin_addPeer",
        "debug_traceBlock",
        "node_shutdown",
        "node_set_log",
        "personal_unlockAccount",
        "rpc_methods",
        "rpc.modules",
        "chain_subscribe",
        "chain_subscribe_blocks",
        "chain_unsubscribe",
        "tx_submit ",
        "TX_SUBMIT",
        "tx_submit\\u0000",
        "",
    ] {
        assert_eq!(node.post(&call(name, "{}")).await, first, "{name}");
    }
    let document = openrpc::document().to_string();
    for word in ["admin", "debug", "subscribe", "personal"] {
        assert!(!document.contains(&format!("\"name\":\"{word}")), "{word}");
    }
}

// A13
#[tokio::test(flavor = "multi_thread")]
async fn honest_calls_are_answered_while_an_address_holds_all_that_it_may() {
    let limits = Limits::default();
    let node = node(limits).await;
    let mut held = Vec::new();
    // A third of its connections idle, a third within a header, a third within a body.
    for number in 0..limits.connections_per_address_max {
        let mut stream = node.connect_from("127.0.0.2").await;
        match number % 3 {
            0 => {}
            1 => stream.write_all(b"POST / HTTP/1.1\r\nHost: l").await.unwrap(),
            _ => {
                let head = request("localhost", "").replace("Length: 0", "Length: 1000");
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        }
        held.push(stream);
    }
    let mut honest = node.connect_from("127.0.0.3").await;
    for _ in 0..20 {
        let answer = ask(&mut honest, &account_get(address(ALICE))).await.unwrap();
        assert!(answer.contains("\"nonce\":3"), "{answer}");
    }
    assert_eq!(held.len(), limits.connections_per_address_max);
}

// A13
#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_of_many_addresses_make_room_for_a_new_one() {
    let limits =
        Limits { connections_max: 12, connections_per_address_max: 4, ..Limits::default() };
    let node = node(limits).await;
    let mut held = Vec::new();
    for address in ["127.0.0.2", "127.0.0.3", "127.0.0.4"] {
        for _ in 0..limits.connections_per_address_max {
            held.push(node.connect_from(address).await);
        }
    }
    for number in 0..20 {
        let mut honest = node.connect_from("127.0.0.9").await;
        let answer = ask(&mut honest, &call("chain_status", "{}")).await;
        assert!(answer.is_ok_and(|answer| answer.contains("\"fake\"")), "call {number}");
    }
}

// A13
#[tokio::test(flavor = "multi_thread")]
async fn connection_with_an_open_call_makes_no_room() {
    let limits = Limits { connections_max: 2, connections_per_address_max: 2, ..Limits::default() };
    let node = Arc::new(node(limits).await);
    let mut open = node.connect_from("127.0.0.2").await;
    let asked = tokio::spawn(async move { ask(&mut open, &account_get(address(WAITS))).await });
    let api = node.api.clone();
    let api = tokio::task::spawn_blocking(move || {
        api.arrived();
        api
    });
    let api = api.await.unwrap();
    // Each takes the place of the idle one before it, and none that of the call.
    let mut idle = Vec::new();
    for _ in 0..5 {
        let mut stream = node.connect_from("127.0.0.3").await;
        ask(&mut stream, &call("chain_status", "{}")).await.unwrap();
        idle.push(stream);
    }
    api.release();
    assert!(asked.await.unwrap().is_ok());
}

// A16
#[tokio::test]
async fn batch_passes_the_same_checks_as_a_call() {
    let node = node(Limits { body_bytes_max: 4_096, ..Limits::default() }).await;
    let batch = format!("[{}]", call("chain_status", "{}"));
    let answer = node.exchange(&request("evil.example", &batch)).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let form = request("localhost", &batch).replace("application/json", "text/plain");
    assert!(node.exchange(&form).await.starts_with("HTTP/1.1 415 "));
    let large = format!("[{}{}]", call("chain_status", "{}"), " ".repeat(5_000));
    let answer = node.exchange(&request("localhost", &large)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let wrong = format!("[{}]", call("account_get", r#"{"account":7}"#));
    assert_eq!(node.post(&wrong).await[0]["error"]["data"]["code"], "PARAMS_INVALID");
}

// A17
#[tokio::test]
async fn answers_to_a_batch_stay_within_the_bound_of_one() {
    let node = node(Limits { answer_bytes_max: 5_000, ..Limits::default() }).await;
    let body = format!("[{}]", vec![call("chain_status", "{}"); 20].join(","));
    let answer = node.exchange(&request("localhost", &body)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(body.len() <= 5_000, "{} bytes", body.len());
    assert!(head.starts_with("HTTP/1.1 200 ") && body.contains("-32011"), "{body}");
}

// A18
#[tokio::test]
async fn text_that_is_none_is_refused() {
    let node = node(Limits::default()).await;
    let market = |name: &[u8]| {
        [br#"{"jsonrpc":"2.0","id":1,"method":"market_get","params":{"market":""#, name, b"\"}}"]
            .concat()
    };
    for name in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\\ud800", b"\0", b"cpu\n"] {
        let body = market(name);
        let head =
            request("localhost", "").replace("Length: 0", &format!("Length: {}", body.len()));
        let answer = node.exchange_bytes(&[head.as_bytes(), &body].concat()).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let refused = ["-32700", "-32602", "-32600"].iter().any(|code| answer.contains(code));
        assert!(refused, "{answer}");
    }
}

// A19
#[tokio::test]
async fn keys_that_come_twice_are_refused() {
    let node = node(Limits::default()).await;
    let (one, other) = (address(ALICE), address(WAITS));
    let twice = format!(r#"{{"account":"{one}","account":"{other}"}}"#);
    let answer = node.post(&call("account_get", &twice)).await;
    assert_eq!(answer["error"]["data"]["code"], "PARAMS_INVALID");
    for field in [r#""method":"chain_status""#, r#""params":{}"#, r#""jsonrpc":"2.0""#] {
        let body =
            call("chain_status", "{}").replace("{\"jsonrpc\"", &format!("{{{field},\"jsonrpc\""));
        assert_eq!(node.post(&body).await["error"]["code"], -32600, "{body}");
    }
}

// A20
#[tokio::test]
async fn numbers_beyond_all_bounds_are_refused() {
    let node = node(Limits::default()).await;
    for number in [
        "1e999",
        "-1e999",
        "1e1",
        "1.0",
        "18446744073709551616",
        "-1",
        "1e-999",
        "0x1",
        "NaN",
        "01",
    ] {
        let answer =
            node.post(&call("chain_get_block", &format!(r#"{{"height":{number}}}"#))).await;
        let code = answer["error"]["code"].as_i64().unwrap();
        assert!([-32602, -32700].contains(&code), "{number}: {answer}");
    }
    let id = r#"{"jsonrpc":"2.0","id":1e999,"method":"chain_status"}"#;
    assert!(node.post(id).await["error"]["code"].is_i64());
    let huge = format!(r#"{{"height":{}}}"#, "9".repeat(100_000));
    assert!(node.post(&call("chain_get_block", &huge)).await["error"]["code"].is_i64());
    is_well(&node).await;
}

/// How many answers come on one connection to `bytes`.
async fn answers(node: &Node, bytes: &str) -> (usize, String) {
    let answer = node.exchange_bytes(bytes.as_bytes()).await;
    (answer.matches("HTTP/1.1 ").count(), answer)
}

// A21
#[tokio::test]
async fn request_that_two_readers_may_cut_differently_ends_its_connection() {
    let node = node(Limits::default()).await;
    let hidden = request("localhost", &call("chain_status", "{}"));
    let length = hidden.len();
    for headers in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        "Content-Length: 0\r\nContent-Length: 5".to_owned(),
        "Content-Length: 0, 5".to_owned(),
        "Content-Length: +5".to_owned(),
        "Content-Length: 0x5".to_owned(),
        "Content-Length : 5".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(),
        "Transfer-Encoding : chunked".to_owned(),
        "Transfer-Encoding:\r\n chunked".to_owned(),
        "X-Note: a\r\n b\r\nContent-Length: 0".to_owned(),
    ] {
        let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
        let (count, answer) =
            answers(&node, &format!("{head}{headers}\r\n\r\n0\r\n\r\n{hidden}")).await;
        assert!(count <= 1, "{headers}: {answer}");
        assert!(!answer.contains("\"result\""), "{headers}: {answer}");
    }
    is_well(&node).await;
}

// A22
#[tokio::test]
async fn nothing_a_stranger_sends_breaks_a_line_of_the_log() {
    let node = node(Limits::default()).await;
    let escaped = serde_json::to_string(FORGED).unwrap();
    let escaped = escaped.trim_matches('"');
    node.post(&call(escaped, "{}")).await;
    node.post(&call("account_get", &format!(r#"{{"account":"{escaped}"}}"#))).await;
    node.post(&call("market_get", &format!(r#"{{"{escaped}":1}}"#))).await;
    node.exchange(&request("localhost", FORGED)).await;
    node.exchange(&request("evil\u{1b}[2J.example", "{}")).await;
    node.exchange(&format!("POST /{FORGED} HTTP/1.1\r\n\r\n")).await;
    node.post(&account_get(address(PANICS))).await;
    let text = log::text();
    assert!(text.contains("rpc call ended early"), "the log was listened to: {text}");
    let ours = text.replace("\u{1b}[", "");
    for line in ours.lines() {
        assert!(!line.starts_with("2026-01-01T00:00:00Z  INFO forged"), "{line}");
    }
    assert!(!text.contains("\u{1b}[2J"), "{text:?}");
}

// A23
#[tokio::test]
async fn errors_name_no_file_and_no_type() {
    let node = node(Limits::default()).await;
    for body in [
        account_get(address(PANICS)),
        account_get("nobody"),
        call("chain_get_block", r#"{"height":"x"}"#),
        call("market_get", r#"{"market":"none"}"#),
        call("tx_submit", r#"{"transaction":"00"}"#),
        call("no_such_method", "{}"),
        "{".to_owned(),
    ] {
        let answer = node.exchange(&request("localhost", &body)).await.to_lowercase();
        for leak in [".rs", "src/", "panicked", "rpc::", "chain::", "/home", "server:", "thread"] {
            assert!(!answer.contains(leak), "{body}: {answer}");
        }
    }
}

// A24
#[tokio::test]
async fn requests_sent_all_at_once_are_answered_one_by_one_in_order() {
    const REQUESTS: usize = 200;
    let node = node(Limits::default()).await;
    let body =
        |id: usize| json!({ "jsonrpc": "2.0", "id": id, "method": "chain_status" }).to_string();
    let open = |id| request("localhost", &body(id)).replace("Connection: close\r\n", "");
    let mut all: String = (1..REQUESTS).map(open).collect();
    all.push_str(&request("localhost", &body(REQUESTS)));
    let answer = node.exchange_bytes(all.as_bytes()).await;
    let ids: Vec<usize> = answer
        .split("\"id\":")
        .skip(1)
        .filter_map(|rest| rest.split([',', '}']).next()?.parse().ok())
        .collect();
    assert_eq!(ids, (1..=REQUESTS).collect::<Vec<_>>());
}

// A25
#[tokio::test]
async fn header_without_end_is_refused() {
    let node = node(Limits::default()).await;
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    let long = format!("X-Long: {}\r\n", "a".repeat(64 * 1024));
    let target = format!("POST /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(70_000));
    let body = call("chain_status", "{}");
    for headers in [many, long] {
        let request =
            request("localhost", &body).replace("Connection", &format!("{headers}Connection"));
        let answer = node.exchange_bytes(request.as_bytes()).await;
        assert!(!answer.contains("\"result\""), "{answer}");
    }
    assert!(!node.exchange_bytes(target.as_bytes()).await.contains("\"result\""));
    is_well(&node).await;
}

// A26
#[tokio::test]
async fn compressed_body_is_not_unpacked() {
    let node = node(Limits::default()).await;
    let gzip = "\u{1f}\u{8b}\u{8}";
    let request =
        request("localhost", gzip).replace("Connection", "Content-Encoding: gzip\r\nConnection");
    assert!(node.exchange(&request).await.contains("-32700"));
}

// A27
#[tokio::test]
async fn body_that_will_be_refused_is_not_asked_for() {
    let node = node(Limits::default()).await;
    let head = request("localhost", "").replace("Length: 0", "Length: 999999999");
    let head = head.replace("Connection", "Expect: 100-continue\r\nConnection");
    let answer = node.exchange(&head).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

// A29
#[tokio::test(flavor = "multi_thread")]
async fn honest_calls_have_a_turn_while_all_calls_of_an_address_hang() {
    let limits = Limits { reads_at_once_max: 4, ..Limits::default() };
    let node = Arc::new(node(limits).await);
    let mut hanging = Vec::new();
    for _ in 0..10 {
        let mut stream = node.connect_from("127.0.0.2").await;
        let question = account_get(address(WAITS));
        hanging.push(tokio::spawn(async move { ask(&mut stream, &question).await }));
    }
    let api = Arc::clone(&node.api);
    tokio::task::spawn_blocking(move || api.arrived_times(2)).await.unwrap();
    let mut honest = node.connect_from("127.0.0.3").await;
    for _ in 0..20 {
        let answer = ask(&mut honest, &account_get(address(ALICE))).await.unwrap();
        assert!(answer.contains("\"nonce\":3"), "{answer}");
    }
    node.api.release();
    for call in hanging {
        assert!(call.await.unwrap().is_ok());
    }
}

// A28
#[tokio::test]
async fn requests_that_are_no_post_are_refused() {
    let node = node(Limits::default()).await;
    let post = request("localhost", &call("chain_status", "{}"));
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "post"] {
        let answer = node.exchange(&post.replacen("POST", method, 1)).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{method}: {answer}");
        assert!(!answer.contains("\"result\""), "{method}: {answer}");
    }
}
