//! A network that falls apart: each node in a network namespace of its own, with the routes between them cut.
//! Needs root and network namespaces; skipped, and said so, where they are not to be had.

use std::fs;
use std::process::{Command, id};

use rpc::types::ProgressView;
use tests::testnet::{Node, Testnet};

use crate::agreement::assert_same;
use crate::turn;

const NODES: usize = 4;

/// A bridge, and a namespace on it for each node. Removed when dropped.
struct Cables {
    bridge: String,
    subnet: String,
}

impl Cables {
    /// `None` where the system does not let us.
    fn lay() -> Option<Self> {
        let bridge = format!("tly{}", id() % 1_000_000);
        // An address range for tests (RFC 2544), other ones for other processes.
        let subnet = format!("198.18.{}", id() % 250);
        let cables = Self { bridge, subnet };
        let bridge = cables.bridge.as_str();
        let ready = ip(&["link", "add", bridge, "type", "bridge"])
            && ip(&["addr", "add", &format!("{}.254/24", cables.subnet), "dev", bridge])
            && ip(&["link", "set", bridge, "up"])
            && (0..NODES).all(|number| cables.plug(number));
        // Dropped, what was laid is taken up.
        ready.then_some(cables)
    }

    fn plug(&self, number: usize) -> bool {
        let (space, cable) = (self.space(number), self.space(number));
        let address = format!("{}/24", self.address(number));
        let within = |arguments: &[&str]| ip(&[&["-n", space.as_str()], arguments].concat());
        ip(&["netns", "add", &space])
            && ip(&["link", "add", &cable, "type", "veth", "peer", "name", "eth0", "netns", &space])
            && ip(&["link", "set", &cable, "master", &self.bridge, "up"])
            && within(&["link", "set", "lo", "up"])
            && within(&["addr", "add", &address, "dev", "eth0"])
            && within(&["link", "set", "eth0", "up"])
    }

    /// The namespace of a node, and its end of the cable.
    fn space(&self, number: usize) -> String {
        format!("{}n{number}", self.bridge)
    }

    fn address(&self, number: usize) -> String {
        format!("{}.{}", self.subnet, number + 1)
    }

    /// Gives every node an address of its own in place of the loopback address.
    fn move_in(&self, net: &mut Testnet) {
        let texts: Vec<String> = net.nodes.iter().map(settings).collect();
        let listens = |text: &str| -> Vec<String> {
            let own = text.lines().filter(|line| line.starts_with("listen = "));
            own.map(|line| line.trim_start_matches("listen = ").trim_matches('"').into()).collect()
        };
        for (node, text) in net.nodes.iter().zip(&texts) {
            let mut text = text.clone();
            for (number, other) in texts.iter().enumerate() {
                for old in listens(other) {
                    let new = old.replace("127.0.0.1", &self.address(number));
                    text = text.replace(&format!("\"{old}\""), &format!("\"{new}\""));
                }
            }
            fs::write(node.home().join("config.toml"), text).unwrap();
        }
        for (number, node) in net.nodes.iter_mut().enumerate() {
            node.run_in(&self.space(number));
        }
    }

    /// Cuts every way between the nodes of one side and those of the other, or mends it.
    fn route(&self, act: &str, one: &[usize], other: &[usize]) {
        let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b)));
        for (from, to) in pairs.flat_map(|(a, b)| [(a, b), (b, a)]) {
            let (space, address) = (self.space(from), self.address(to));
            assert!(ip(&["-n", &space, "route", act, "blackhole", &format!("{address}/32")]));
        }
    }
}

impl Drop for Cables {
    fn drop(&mut self) {
        for number in 0..NODES {
            ip(&["netns", "del", &self.space(number)]);
        }
        ip(&["link", "del", &self.bridge]);
    }
}

fn ip(arguments: &[&str]) -> bool {
    let output = Command::new("ip").args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

fn settings(node: &Node) -> String {
    fs::read_to_string(node.home().join("config.toml")).unwrap()
}

#[test]
fn halves_halt_and_three_of_four_go_on_until_the_network_heals() {
    let _turn = turn();
    let Some(cables) = Cables::lay() else {
        eprintln!(
            "SKIPPED: partitions need root and network namespaces, which are not to be had here"
        );
        return;
    };
    let mut net = Testnet::new(NODES, 0);
    cables.move_in(&mut net);
    net.start();
    net.reach(&[0, 1, 2, 3], 3);
    let progress = |node: &Node| node.status().map(|status| status.progress);
    let halted = |node: &Node| progress(node) == Some(ProgressView::TooFewAuthorities);
    let height = |net: &Testnet, number: usize| net.nodes[number].height().unwrap();

    cables.route("add", &[0, 1], &[2, 3]);
    net.until("both halves halt", |net| net.nodes.iter().all(halted));
    let heights: Vec<_> = (0..NODES).map(|number| height(&net, number)).collect();
    let mut alice = net.payer("alice");
    let payment = alice.pay(net.payer("bob").account, 5);
    assert!(net.nodes[0].submit(&payment));
    for (number, before) in heights.into_iter().enumerate() {
        // A block whose certificate was on its way may still arrive.
        assert!(height(&net, number) <= before + 1, "no half has a quorum");
    }
    let id = payment.transaction.id();
    assert!(net.nodes.iter().all(|node| node.find(id).is_none()));
    cables.route("del", &[0, 1], &[2, 3]);
    net.until("all go on", |net| net.nodes.iter().all(|node| node.find(id).is_some()));

    cables.route("add", &[0, 1, 2], &[3]);
    let goal = height(&net, 0) + 8;
    net.reach(&[0, 1, 2], goal);
    net.until("the one knows that it is alone", |net| halted(&net.nodes[3]));
    assert!(height(&net, 3) < goal);
    cables.route("del", &[0, 1, 2], &[3]);
    let goal = height(&net, 0) + 3;
    net.reach(&[0, 1, 2, 3], goal);
    assert_same(&net, &[0, 1, 2, 3], goal);
}
