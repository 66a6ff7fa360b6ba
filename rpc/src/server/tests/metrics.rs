//! What the server counts moves when it should.

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::json;

use super::fake::{MISSING, address};
use super::{Node, call, node, request};
use crate::server::Limits;

/// The value of the series `name`, which is there from the start.
fn value(node: &Node, name: &str) -> u64 {
    let (mut registry, mut text) = (Registry::default(), String::new());
    node.metrics.register(&mut registry);
    encode(&mut text, &registry).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
}

#[tokio::test]
async fn calls_are_counted_by_class_and_outcome_and_timed() {
    let node = node(Limits::default()).await;
    let answered = "rpc_calls_total{class=\"account\",outcome=\"answered\"}";
    let refused = "rpc_calls_total{class=\"account\",outcome=\"refused\"}";
    let timed = "rpc_call_seconds_count{class=\"chain\"}";
    assert_eq!([answered, refused, timed].map(|name| value(&node, name)), [0, 0, 0]);
    node.post(&call("chain_status", "{}")).await;
    node.post(&call("account_get", &format!(r#"{{"account":"{}"}}"#, address(MISSING)))).await;
    assert_eq!([answered, refused, timed].map(|name| value(&node, name)), [0, 1, 1]);
}

#[tokio::test]
async fn what_limits_refuse_is_counted() {
    let node = node(Limits { connections_per_address_max: 1, ..Limits::default() }).await;
    let mut held = node.socket().await;
    held.ask("chain_status", &json!({})).await;
    assert_eq!(["rpc_connections", "rpc_web_sockets"].map(|name| value(&node, name)), [1, 1]);
    assert_eq!(node.exchange(&request("localhost", "{}")).await, "");
    assert_eq!(value(&node, "rpc_refused_total{limit=\"connections_of_address\"}"), 1);
}

#[tokio::test]
async fn request_for_another_host_is_counted() {
    let node = node(Limits::default()).await;
    let refused = "rpc_refused_total{limit=\"host\"}";
    assert_eq!(value(&node, refused), 0);
    node.exchange(&request("evil.example", "{}")).await;
    assert_eq!(value(&node, refused), 1);
}
