//! What an operator's tools see of a real node: metrics that move with what happens, health, and a port that slow and
//! unwelcome callers do not block.

use std::fs;
use std::net::TcpStream;

use serde_json::Value;
use tests::process::{Node, Wallet};
use tests::watch::{Metrics, exchange, get};

use crate::tidy::{read, root};

/// Connections that the port serves at once.
const CONNECTIONS_MAX: usize = 16;

#[test]
fn metrics_move_with_what_happens() {
    let node = Node::start(None);
    let wallet = Wallet::new(&node.rpc);
    for name in ["alice", "bob"] {
        node.import(&wallet, name);
    }
    let before = Metrics::of(&node.operation);
    wallet.ok(&["send", "bob", "5TLY", "--key", "alice", "--yes"]);
    let bytes = r#"{"jsonrpc":"2.0","id":1,"method":"tx_submit","params":{"transaction":"00"}}"#;
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{bytes}", bytes.len());
    assert_eq!(exchange(&node.rpc, &request).map(|answer| answer.status), Some(200));
    let after = Metrics::of(&node.operation);
    let rose = |series: &str| after.value(series) - before.value(series);
    assert_eq!(rose("tally_transactions_included_total"), 1.0);
    assert_eq!(rose("tally_transactions_admitted_total{source=\"client\"}"), 1.0);
    assert!(rose("tally_transactions_offered_total{source=\"client\"}") >= 2.0);
    assert_eq!(rose("tally_transactions_refused_total{code=\"TRANSACTION_MALFORMED\"}"), 1.0);
    for series in [
        "tally_height",
        "tally_tip_time_seconds",
        "tally_blocks_committed_total",
        "tally_blocks_proposed_total",
        "tally_block_interval_seconds_count",
        "tally_block_build_seconds_count",
        "tally_block_execute_seconds_sum",
        "tally_block_commit_seconds_sum",
        "tally_process_cpu_seconds_total",
        "tally_rpc_calls_total{class=\"tx\",outcome=\"answered\"}",
        "tally_rpc_calls_total{class=\"tx\",outcome=\"refused\"}",
        "tally_rpc_call_seconds_count{class=\"account\"}",
        "tally_disk_used_bytes{part=\"journal\"}",
        "tally_engine_epochs_engine_voter_state_current_view{epoch=\"0\"}",
    ] {
        assert!(rose(series) > 0.0, "{series}");
    }
    for series in [
        "tally_ledger_objects",
        "tally_disk_free_bytes",
        "tally_process_resident_bytes",
        "tally_process_files",
        "tally_authority",
        "tally_authorities_quorum",
        "tally_mempool_bytes_max",
    ] {
        assert!(after.value(series) > 0.0, "{series}");
    }
    assert_eq!(after.value("tally_halted"), 0.0);
}

#[test]
fn every_metric_has_a_text_and_is_named_after_what_it_is() {
    let node = Node::start(None);
    let metrics = Metrics::of(&node.operation);
    let helps = metrics.helps();
    for (name, kind) in metrics.types() {
        assert!(helps[name].len() > 5, "{name}: {}", helps[name]);
        assert!(name.starts_with("tally_"), "{name}");
        let own = !name.starts_with("tally_engine_");
        if own && kind == "histogram" {
            assert!(name.ends_with("_seconds"), "{name} has its unit in its name");
        }
    }
    let own = metrics.types().keys().filter(|name| !name.starts_with("tally_engine_")).count();
    assert!(own >= 40, "{own} metrics of our own");
    assert!(metrics.types().len() > own + 40, "the engine counts too");
}

#[test]
fn document_lists_every_metric_with_its_kind_and_meaning() {
    let document = read(&root().join("docs/OPERATION.md"));
    let node = Node::start(None);
    let metrics = Metrics::of(&node.operation);
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `tally_"));
    let listed: Vec<_> = rows
        .map(|row| {
            let cells: Vec<_> = row.trim_end_matches(" |").split(" | ").collect();
            let name = cells[0].split('`').next().unwrap();
            format!("tally_{name} {} {}.", cells[1], cells[2])
        })
        .collect();
    let (types, helps) = (metrics.types(), metrics.helps());
    let own = types.iter().filter(|(name, _)| !name.starts_with("tally_engine_"));
    let served: Vec<_> = own.map(|(name, kind)| format!("{name} {kind} {}", helps[name])).collect();
    assert_eq!(listed, served);
}

#[test]
fn lone_authority_is_ready_and_says_why() {
    let node = Node::start(None);
    let live = get(&node.operation, "/health/live");
    assert_eq!((live.status, live.body.as_str()), (200, "{\"live\":true}"));
    let ready = get(&node.operation, "/health/ready");
    let body: Value = serde_json::from_str(&ready.body).unwrap();
    assert_eq!((ready.status, &body["ready"]), (200, &Value::Bool(true)), "{body}");
    assert!(body["conditions"]["authorities"]["says"].as_str().unwrap().contains("1 of 1"));
}

#[test]
fn only_get_of_what_is_there_is_answered() {
    let node = Node::start(None);
    assert_eq!(get(&node.operation, "/").status, 404);
    assert_eq!(get(&node.operation, "/metrics/../keys").status, 404);
    for method in ["POST", "HEAD", "DELETE"] {
        let request = format!("{method} /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        let answer = exchange(&node.operation, &request);
        assert_eq!(answer.map(|answer| answer.status), Some(405), "{method}");
    }
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(64 * 1024));
    let answer = exchange(&node.operation, &long);
    assert!(answer.is_none_or(|answer| (400..500).contains(&answer.status)));
}

#[test]
fn callers_that_say_nothing_take_no_more_than_the_places_there_are() {
    let node = Node::start(None);
    let address = node.operation.trim_start_matches("http://");
    let idle: Vec<_> = (0..CONNECTIONS_MAX).map(|_| TcpStream::connect(address).unwrap()).collect();
    let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n";
    assert_eq!(exchange(&node.operation, request), None, "all places are taken");
    drop(idle);
    while exchange(&node.operation, request).is_none() {}
}

#[test]
fn node_without_room_does_not_start_and_says_so_by_its_exit_code() {
    let mut node = Node::start(None);
    assert!(node.stop().success());
    let path = node.home().join("config.toml");
    let settings = fs::read_to_string(&path).unwrap();
    let least = "voting_mib_min = 4000000000\nrunning_mib_min = 4000000000";
    fs::write(&path, format!("{settings}\n[disk]\n{least}\n")).unwrap();
    let home = node.home();
    let home = home.to_str().unwrap();
    let output =
        Node::tallyd(&["start", "--home", home, "--rpc", "127.0.0.1:0", "--metrics", "off"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(71), "{said}");
    assert!(said.contains("free space on the disk"), "{said}");
    fs::write(&path, settings).unwrap();
    node.restart();
}
