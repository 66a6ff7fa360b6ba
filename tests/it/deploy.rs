//! What lies in `deploy/` fits the node: every metric that the dashboard and the alerts ask for is served, and the
//! document says what to do about each alert.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::process::Node;
use tests::watch::Metrics;

use crate::tidy::{read, root};

fn file(name: &str) -> String {
    read(&root().join(name))
}

/// Everything in `text` that looks like the name of a metric.
fn names(text: &str) -> BTreeSet<&str> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    let words = text.split(|char: char| !is_part(char));
    words.filter(|word| word.starts_with("tally_")).collect()
}

/// The rows of alerts: each alert's name.
fn alerts(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect()
}

#[test]
fn dashboard_and_alerts_ask_for_metrics_that_are_served() {
    let node = Node::start(None);
    let metrics = Metrics::of(&node.operation);
    let served: BTreeSet<&str> = metrics.series().collect();
    let (dashboard, alerts) = (file("deploy/grafana.json"), file("deploy/alerts.yml"));
    let asked: BTreeSet<_> = names(&dashboard).union(&names(&alerts)).copied().collect();
    assert!(names(&dashboard).len() > 40 && names(&alerts).len() > 15, "{asked:?}");
    let unknown: Vec<_> = asked.difference(&served).collect();
    assert!(unknown.is_empty(), "nothing serves {unknown:?}");
}

#[test]
fn every_metric_of_our_own_but_what_never_moves_is_on_the_dashboard() {
    let node = Node::start(None);
    let metrics = Metrics::of(&node.operation);
    let dashboard = file("deploy/grafana.json");
    let shown = names(&dashboard);
    let types = metrics.types();
    let own = types.keys().filter(|name| !name.starts_with("tally_engine_"));
    let hidden: Vec<_> = own.filter(|name| !shown.iter().any(|it| it.starts_with(*name))).collect();
    assert_eq!(hidden, [&"tally_block_bytes_max", &"tally_block_transactions_max", &"tally_build"]);
}

#[test]
fn dashboard_is_one_document_whose_panels_do_not_overlap() {
    let dashboard: Value = serde_json::from_str(&file("deploy/grafana.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 20, "{}", panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let place = |name: &str| panel["gridPos"][name].as_u64().unwrap();
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(x < 24 && taken.insert((x, y)), "{}", panel["title"]);
            }
        }
    }
}

#[test]
fn document_says_what_to_do_about_every_alert() {
    let (rules, document) = (file("deploy/alerts.yml"), file("docs/OPERATION.md"));
    let alerts = alerts(&rules);
    assert!(alerts.len() > 10, "{alerts:?}");
    let said: Vec<_> = document.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    assert_eq!(said, alerts);
    for alert in alerts {
        let anchor = format!("docs/OPERATION.md#{}\"", alert.to_lowercase());
        assert!(rules.contains(&anchor), "{alert} leads to its section");
    }
}

#[test]
fn service_is_not_started_again_after_what_a_start_does_not_mend() {
    let (service, document) = (file("deploy/tallyd.service"), file("docs/OPERATION.md"));
    assert!(service.contains("\nRestartPreventExitStatus=2 70 71\n"));
    for code in [2, 70, 71] {
        assert!(document.contains(&format!("\n| {code} | ")), "{code} is in the table");
    }
}
