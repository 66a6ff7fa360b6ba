//! The document and the server say the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::fake::Fake;
use super::{call, node};
use crate::openrpc;
use crate::server::Limits;
use crate::server::calls::Calls;
use crate::server::effort::Threads;
use crate::server::metrics::Metrics;

#[test]
fn document_has_every_method_that_is_registered_and_no_other() {
    let api = Arc::new(Fake::default());
    let threads = Threads::new(1).unwrap();
    let calls = Calls::new(api, Limits::default(), threads, Metrics::default());
    let document = openrpc::document();
    let documented = document["methods"].as_array().unwrap().iter();
    let documented = documented.map(|method| method["name"].as_str().unwrap());
    let expected: BTreeSet<_> = documented.chain(["rpc.discover"]).collect();
    assert_eq!(calls.names(), expected);
}

#[tokio::test]
async fn discover_answers_with_the_document() {
    let node = node(Limits::default()).await;
    assert!(node.post(&call("rpc.discover", "{}")).await["result"] == openrpc::document());
}
