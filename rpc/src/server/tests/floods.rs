//! Attackers that push bytes as fast as the wire carries them; `attacks` has the others.

use std::io;

use tokio::io::AsyncWriteExt;

use super::attacks::{account_get, ask};
use super::fake::{ALICE, address};
use super::{node, request};
use crate::server::Limits;

#[tokio::test]
async fn address_that_brings_too_much_waits_while_others_are_answered() {
    // What the first question takes is worked off in minutes.
    let limits = Limits { bytes_per_second_per_address_max: 1, ..Limits::default() };
    let node = node(limits).await;
    let question = account_get(address(ALICE));
    let mut flood = node.connect_from("127.0.0.3").await;
    ask(&mut flood, &question).await.unwrap();
    let second = request("localhost", &question);
    flood.write_all(second.as_bytes()).await.unwrap();
    for honest in 10..20 {
        let mut honest = node.connect_from(&format!("127.0.0.{honest}")).await;
        ask(&mut honest, &question).await.unwrap();
    }
    let unanswered = flood.try_read(&mut [0; 1]).unwrap_err();
    assert_eq!(unanswered.kind(), io::ErrorKind::WouldBlock);
    // Another connection of the same address waits too.
    let mut another = node.connect_from("127.0.0.3").await;
    another.write_all(second.as_bytes()).await.unwrap();
    let mut honest = node.connect_from("127.0.0.9").await;
    ask(&mut honest, &question).await.unwrap();
    let unanswered = another.try_read(&mut [0; 1]).unwrap_err();
    assert_eq!(unanswered.kind(), io::ErrorKind::WouldBlock);
}
