//! What is followed over a web socket, block by block.

use chain::hash::Hash;
use serde_json::{Value, json};
use soketto::handshake::{Client, ServerResponse};
use soketto::{Receiver, Sender};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

use super::fake::{ALICE, MISSING, address};
use super::{LONG, Node, SHORT, call, node};
use crate::server::Limits;

/// A client on a web socket.
pub(super) struct Socket {
    sender: Sender<Compat<TcpStream>>,
    receiver: Receiver<Compat<TcpStream>>,
}

impl Node {
    pub(super) async fn socket(&self) -> Socket {
        let stream = self.connect().await.compat();
        let mut client = Client::new(stream, "localhost", "/");
        let answer = timeout(LONG, client.handshake()).await.unwrap().unwrap();
        assert!(matches!(answer, ServerResponse::Accepted { .. }), "{answer:?}");
        let (sender, receiver) = client.into_builder().finish();
        Socket { sender, receiver }
    }

    /// The status of the answer to a handshake with this header besides.
    async fn handshake(&self, host: &str, header: &str) -> u16 {
        let answer = self.exchange(&handshake(host, header)).await;
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

fn handshake(host: &str, header: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         {header}\r\n"
    )
}

impl Socket {
    async fn send(&mut self, text: &str) {
        self.sender.send_text(text).await.unwrap();
        self.sender.flush().await.unwrap();
    }

    async fn next(&mut self) -> Option<Value> {
        let mut message = Vec::new();
        let read = timeout(LONG, self.receiver.receive_data(&mut message)).await.unwrap();
        read.ok().map(|_| serde_json::from_slice(&message).unwrap())
    }

    pub(super) async fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.send(&call(method, &params.to_string())).await;
        self.next().await.unwrap()
    }

    async fn follow(&mut self, method: &str, params: &Value) -> u64 {
        let answer = self.ask(method, params).await;
        answer["result"]["subscription"].as_u64().expect("a subscription")
    }

    /// Height, sequence and topic of the next message.
    async fn told(&mut self) -> (u64, u64, String) {
        let message = self.next().await.unwrap();
        assert_eq!(message["method"], "subscription");
        let params = &message["params"];
        let number = |name: &str| params[name].as_u64().unwrap();
        let topic = params["topic"].as_str().unwrap().to_owned();
        (number("height"), number("sequence"), topic)
    }
}

fn block(height: u64) -> (u64, u64, String) {
    (height, 0, "block".to_owned())
}

#[tokio::test]
async fn blocks_come_one_by_one_as_they_are_committed() {
    let node = node(Limits::default()).await;
    node.api.grow(2);
    let mut socket = node.socket().await;
    socket.follow("chain_subscribe", &json!({})).await;
    for height in 3..6 {
        node.api.grow(1);
        assert_eq!(socket.told().await, block(height));
    }
}

#[tokio::test]
async fn following_goes_on_from_a_height() {
    let node = node(Limits::default()).await;
    node.api.grow(4);
    let mut socket = node.socket().await;
    socket.follow("chain_subscribe", &json!({ "from_height": 2 })).await;
    for height in 2..5 {
        assert_eq!(socket.told().await, block(height));
    }
    node.api.grow(1);
    assert_eq!(socket.told().await, block(5));
}

#[tokio::test]
async fn messages_of_a_block_are_numbered_and_quiet_blocks_say_nothing() {
    let node = node(Limits::default()).await;
    node.api.grow(2);
    let mut socket = node.socket().await;
    socket.follow("market_subscribe_trades", &json!({ "market": "cpu", "from_height": 1 })).await;
    for told in [(1, 0), (2, 0), (2, 1)] {
        let (height, sequence, topic) = socket.told().await;
        assert_eq!(((height, sequence), topic.as_str()), (told, "trade"));
    }
    let account = json!({ "account": address(ALICE), "from_height": 1 });
    let mut socket = node.socket().await;
    socket.follow("account_subscribe", &account).await;
    assert_eq!(socket.told().await, (2, 0, "account".to_owned()));
    node.api.grow(2);
    assert_eq!(socket.told().await, (4, 0, "account".to_owned()));
}

#[tokio::test]
async fn what_is_of_the_tip_is_told_at_once_and_when_it_changes() {
    let node = node(Limits::default()).await;
    let mut socket = node.socket().await;
    let transaction = json!({ "id": Hash([1; 32]).to_string() });
    socket.follow("tx_subscribe", &transaction).await;
    let message = socket.next().await.unwrap();
    assert_eq!(message["params"]["item"]["status"], "included");
    // The book never changes here, so that only the blocks come.
    let depth = socket.follow("market_subscribe_depth", &json!({ "market": "cpu" })).await;
    let message = socket.next().await.unwrap();
    assert_eq!(
        (message["params"]["subscription"].as_u64(), &message["params"]["topic"]),
        (Some(depth), &json!("depth"))
    );
    socket.follow("chain_subscribe", &json!({ "from_height": 1 })).await;
    node.api.grow(2);
    assert_eq!(socket.told().await, block(1));
    assert_eq!(socket.told().await, block(2));
}

#[tokio::test]
async fn calls_are_answered_beside_what_is_followed() {
    let node = node(Limits::default()).await;
    let mut socket = node.socket().await;
    socket.follow("chain_subscribe", &json!({})).await;
    let answer = socket.ask("account_get", &json!({ "account": address(ALICE) })).await;
    assert_eq!(answer["result"]["address"], json!(address(ALICE)));
    let answer = socket.ask("account_get", &json!({ "account": address(MISSING) })).await;
    assert_eq!(answer["error"]["data"]["code"], "NOT_FOUND");
    socket.send(&format!("[{},{}]", call("market_list", "{}"), call("no", "{}"))).await;
    let answers = socket.next().await.unwrap();
    assert_eq!(answers.as_array().unwrap().len(), 2);
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    socket.send(&deep).await;
    assert_eq!(socket.next().await.unwrap()["error"]["data"]["code"], "BODY_TOO_DEEP");
    socket.send("no JSON").await;
    assert_eq!(socket.next().await.unwrap()["error"]["code"], -32700);
}

#[tokio::test]
async fn subscription_that_is_cancelled_says_no_more() {
    let node = node(Limits::default()).await;
    let mut socket = node.socket().await;
    let first = socket.follow("chain_subscribe", &json!({})).await;
    let cancelled = socket.ask("subscription_cancel", &json!({ "subscription": first })).await;
    assert_eq!(cancelled["result"], json!({}));
    let second = socket.follow("chain_subscribe", &json!({})).await;
    node.api.grow(1);
    let message = socket.next().await.unwrap();
    assert_eq!(message["params"]["subscription"].as_u64(), Some(second));
    let unknown = socket.ask("subscription_cancel", &json!({ "subscription": first })).await;
    assert_eq!(unknown["error"]["data"]["code"], "SUBSCRIPTION_UNKNOWN");
}

#[tokio::test]
async fn subscriptions_of_a_connection_are_bounded() {
    let node = node(Limits { subscriptions_max: 2, ..Limits::default() }).await;
    let mut socket = node.socket().await;
    for _ in 0..2 {
        socket.follow("chain_subscribe", &json!({})).await;
    }
    let refused = socket.ask("chain_subscribe", &json!({})).await;
    assert_eq!(refused["error"]["data"]["code"], "SUBSCRIPTIONS_FULL");
    assert_eq!(refused["error"]["data"]["subscriptions_max"], 2);
}

#[tokio::test]
async fn what_can_never_be_followed_is_refused_at_once() {
    let node = node(Limits::default()).await;
    let mut socket = node.socket().await;
    for (method, params, code) in [
        ("market_subscribe_trades", json!({ "market": "tea" }), "MARKET_UNKNOWN"),
        ("market_subscribe_trades", json!({}), "PARAMS_INVALID"),
        ("chain_subscribe", json!({ "from": 1 }), "PARAMS_INVALID"),
    ] {
        let refused = socket.ask(method, &params).await;
        assert_eq!(refused["error"]["data"]["code"], code, "{method}");
    }
}

#[tokio::test]
async fn slow_client_is_cut_off_with_a_code_and_where_to_go_on() {
    let limits = Limits { lag_blocks_max: 3, ..Limits::default() };
    let node = node(limits).await;
    let mut socket = node.socket().await;
    socket.follow("chain_subscribe", &json!({})).await;
    node.api.grow(1);
    assert_eq!(socket.told().await, block(1));
    // The server cannot tell of them between one and the next.
    node.api.grow_at_once(50);
    let message = loop {
        let message = socket.next().await.expect("the reason before the end");
        if message["params"]["error"].is_object() {
            break message;
        }
    };
    let error = &message["params"]["error"]["data"];
    assert_eq!(error["code"], "SUBSCRIBER_TOO_SLOW");
    let next = error["next_height"].as_u64().unwrap();
    assert!((2..=51).contains(&next), "{message}");
    assert!(socket.next().await.is_none(), "the connection is closed");
}

#[tokio::test]
async fn pages_of_other_hosts_get_no_web_socket() {
    let node = node(Limits::default()).await;
    assert_eq!(node.handshake("evil.example", "").await, 403);
    assert_eq!(node.handshake("localhost", "Origin: https://evil.example\r\n").await, 403);
    assert_eq!(node.handshake("localhost", "Origin: null\r\n").await, 403);
    let mut stream = node.connect().await;
    let request = handshake("localhost", "Origin: http://localhost:3000\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 101");
}

#[tokio::test]
async fn client_that_gives_no_sign_of_life_is_closed() {
    let node = node(Limits { ping_interval: SHORT, ..Limits::default() }).await;
    let mut stream = node.connect().await;
    stream.write_all(handshake("localhost", "").as_bytes()).await.unwrap();
    // Whoever only reads answers no ping.
    let mut all = Vec::new();
    let closed = timeout(LONG, stream.read_to_end(&mut all)).await;
    assert!(closed.is_ok(), "it is closed");
    assert!(all.starts_with(b"HTTP/1.1 101"));
}

#[tokio::test]
async fn web_sockets_are_counted_as_the_connections_they_were() {
    let limits = Limits { connections_per_address_max: 2, ..Limits::default() };
    let node = node(limits).await;
    let mut sockets = [node.socket().await, node.socket().await];
    let mut third = node.connect().await;
    let mut nothing = [0; 1];
    let read = third.read(&mut nothing).await;
    assert!(matches!(read, Ok(0) | Err(_)), "closed at once");
    for socket in &mut sockets {
        assert!(socket.ask("market_list", &json!({})).await["result"].is_object());
    }
}

#[tokio::test]
async fn message_that_is_too_large_ends_the_connection() {
    let node = node(Limits { body_bytes_max: 1_000, ..Limits::default() }).await;
    let mut socket = node.socket().await;
    let large = call("market_get", &json!({ "market": "x".repeat(2_000) }).to_string());
    socket.send(&large).await;
    assert!(socket.next().await.is_none());
}

#[tokio::test]
async fn server_that_stops_closes_web_sockets() {
    let node = node(Limits::default()).await;
    let mut socket = node.socket().await;
    socket.follow("chain_subscribe", &json!({})).await;
    node.running.stop().await;
    assert!(socket.next().await.is_none());
}
