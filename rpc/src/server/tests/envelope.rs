//! The envelope: calls nobody wants an answer to, and bodies that are no calls.

use serde_json::{Value, json};

use super::fake::{ALICE, WAITS, address};
use super::{call, node, request};
use crate::server::Limits;

/// A call without an id.
fn notification(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#)
}

#[tokio::test]
async fn call_without_an_id_gets_no_answer() {
    let node = node(Limits::default()).await;
    let lone = notification("chain_status", "{}");
    for body in [lone.clone(), format!("[{lone}]"), notification("no_such_method", "{}")] {
        let answer = node.exchange(&request("localhost", &body)).await;
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn call_without_an_id_is_not_run() {
    let node = node(Limits::default()).await;
    let params = format!(r#"{{"account":"{}"}}"#, address(WAITS));
    let waiting = notification("account_get", &params);
    for body in [waiting.clone(), format!("[{waiting}]")] {
        // It would wait for ever.
        let answer = node.exchange(&request("localhost", &body)).await;
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    }
}

#[tokio::test]
async fn batch_answers_its_calls_alone_in_their_order() {
    let node = node(Limits::default()).await;
    let account = format!(r#"{{"account":"{}"}}"#, address(ALICE));
    let batch = [
        call("chain_status", "{}"),
        notification("chain_status", "{}"),
        "7".to_owned(),
        call("account_get", &account),
    ];
    let answer = node.post(&format!("[{}]", batch.join(","))).await;
    let answers = answer.as_array().unwrap();
    assert_eq!(answers.len(), 3, "{answer}");
    assert_eq!(answers[0]["result"]["name"], "fake");
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&Value::Null, &json!(-32600)));
    assert_eq!(answers[2]["result"]["nonce"], 3);
}

#[tokio::test]
async fn json_that_is_no_call_is_told_from_no_json() {
    let node = node(Limits::default()).await;
    for (body, code) in [
        ("{}", -32600),
        (r#"{"jsonrpc":"2.0","id":null}"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"chain_status"}"#, -32600),
        (r#"{"id":1,"method":"chain_status"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":{},"method":"chain_status"}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600),
        (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"chain_status"}"#, -32600),
        ("[]", -32600),
        ("{", -32700),
        (r#"{"jsonrpc":"2.0","id":1,"method":"chain_status"} 7"#, -32700),
        ("[{]", -32700),
    ] {
        assert_eq!(node.post(body).await["error"]["code"], code, "{body}");
    }
}
