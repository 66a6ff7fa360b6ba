//! `tallyd testnet`: the homes of a network on this machine, and how to start and stop it.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use node::home;
use node::testnet::{self, Plan, Testnet};

use super::run;
use crate::output;

/// Makes a network of several authorities on this machine: their homes, and how to start them.
#[derive(Debug, Args)]
pub(crate) struct MakeTestnet {
    /// How many authorities vote. Four go on when one is away.
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    authorities: usize,
    /// How many nodes follow them without a vote.
    #[arg(long, default_value_t = 0, value_name = "COUNT")]
    followers: usize,
    /// A folder for the network; it must not hold one already.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The first port; three are taken for each node. Free ones are chosen when it is left out.
    #[arg(long, value_name = "PORT")]
    base_port: Option<u16>,
    /// A genesis; authorities, cashier, treasury and accounts may be left out and are then made up.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

impl MakeTestnet {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let folder = std::path::absolute(&self.out)?;
        let template = self.genesis.as_deref().map(home::read_genesis).transpose()?;
        let plan = Plan {
            authorities: self.authorities,
            followers: self.followers,
            base_port: self.base_port,
            template: template.as_deref(),
        };
        let made = testnet::make(&folder, plan);
        let made = match &self.genesis {
            Some(path) => made.with_context(|| path.display().to_string())?,
            None => made?,
        };
        let tallyd = env::current_exe().context("cannot tell where tallyd lies")?;
        home::write(&folder.join("start.sh"), start_script(&made, &tallyd).as_bytes(), 0o755)?;
        home::write(&folder.join("stop.sh"), stop_script(&made).as_bytes(), 0o755)?;
        introduce(&made, &folder);
        Ok(())
    }
}

/// Starts in the background what does not run.
fn start_script(made: &Testnet, tallyd: &Path) -> String {
    let tallyd = run::quoted(tallyd);
    format!(
        "#!/bin/sh
# Starts the nodes of this network that do not run, in the background; stop.sh stops them.
set -eu
cd \"$(dirname \"$0\")\"
TALLYD=${{TALLYD:-{tallyd}}}
for node in {names}; do
    if [ -f $node.pid ] && kill -0 \"$(cat $node.pid)\" 2>/dev/null; then
        echo \"$node runs already, as process $(cat $node.pid)\"
        continue
    fi
    nohup \"$TALLYD\" start --home $node --log-format text >/dev/null 2>>$node.log </dev/null &
    echo $! >$node.pid
    echo \"$node is process $!, and logs to $node.log\"
done
echo \"Ask one how it is: $TALLYD status --rpc http://{rpc}\"
echo \"Stop all of them:  $PWD/stop.sh\"
",
        names = names(made),
        rpc = made.nodes[0].rpc,
    )
}

/// Stops what runs.
fn stop_script(made: &Testnet) -> String {
    format!(
        "#!/bin/sh
# Stops the nodes of this network.
cd \"$(dirname \"$0\")\"
for node in {names}; do
    if [ -f $node.pid ]; then
        kill \"$(cat $node.pid)\" 2>/dev/null && echo \"$node stops\"
        rm -f $node.pid
    fi
done
",
        names = names(made),
    )
}

fn names(made: &Testnet) -> String {
    made.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>().join(" ")
}

/// Says what was made, and what to do with it.
fn introduce(made: &Testnet, folder: &Path) {
    output::say(format_args!(
        "A network of {} is ready in {}.",
        made.nodes.len(),
        folder.display()
    ));
    for node in &made.nodes {
        let (name, rpc, port, key) = (&node.name, node.rpc, node.operation.port(), node.key);
        output::say(format_args!("  {name:<12} http://{rpc}  metrics :{port}  {key}"));
    }
    let script = |name| run::quoted(&folder.join(name));
    output::say(format_args!("Start it by  {}", script("start.sh")));
    output::say(format_args!("Stop it by   {}", script("stop.sh")));
    if let Some((name, _, path)) = made.accounts.iter().find(|(name, ..)| name == "alice") {
        let (secret, rpc) = (run::quoted(path), made.nodes[0].rpc);
        output::say("Its accounts are files in the folder. To use one:");
        output::say(format_args!("  tally key import {name} --private-key --secret-file {secret}"));
        output::say(format_args!("  tally account show {name} --node http://{rpc}"));
    }
}
