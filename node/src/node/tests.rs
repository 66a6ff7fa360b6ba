//! Starts that are refused, and what a stop leaves on disk.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use super::*;
use crate::dev;
use crate::testing::{Chain, data, transfer};

fn config() -> Config {
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let operation_listen = Listen::At(any);
    Config { rpc_listen: any, network_listen: any, operation_listen, ..Config::default() }
}

fn start(root: &Path, claim: KeyClaim) -> Result<Node, StartError> {
    Node::start(Home::open(root).unwrap(), &config(), claim)
}

#[test]
fn key_that_began_is_refused_when_ledger_and_journal_are_both_gone() {
    let folder = tempfile::tempdir().unwrap();
    drop(dev::make(folder.path(), None).unwrap());
    start(folder.path(), KeyClaim::None).unwrap().stop().unwrap();
    start(folder.path(), KeyClaim::None).unwrap().stop().unwrap();
    for lost in ["data", "consensus/journal"] {
        fs::remove_dir_all(folder.path().join(lost)).unwrap();
    }
    for _ in 0..2 {
        let error = start(folder.path(), KeyClaim::None).unwrap_err();
        assert!(matches!(error, StartError::Home(HomeError::JournalMissing { .. })), "{error}");
    }
    start(folder.path(), KeyClaim::NeverVoted).unwrap().stop().unwrap();
    start(folder.path(), KeyClaim::None).unwrap().stop().unwrap();
}

#[test]
fn first_start_that_the_engine_refuses_may_be_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let home = dev::make(folder.path(), None).unwrap();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let config = Config { network_listen: taken.local_addr().unwrap(), ..config() };
    let error = Node::start(home, &config, KeyClaim::None).unwrap_err();
    assert!(matches!(error, StartError::Engine(_)), "{error}");
    start(folder.path(), KeyClaim::None).unwrap().stop().unwrap();
}

#[test]
fn database_is_tidied_though_the_engine_failed() {
    let folder = tempfile::tempdir().unwrap();
    let chain = Chain::open(folder.path()).unwrap();
    let tables = || {
        let files = fs::read_dir(data(folder.path())).unwrap();
        let names = files.map(|file| file.unwrap().path());
        names.filter(|path| path.extension().is_some_and(|extension| extension == "sst")).count()
    };
    chain.submit(transfer(1, 0));
    chain.grow();
    let before = tables();
    for failure in [StopError::Failed, StopError::DeadlineExceeded] {
        assert_eq!(finish(Err(failure), &chain.ledger), Err(failure));
        assert!(tables() > before);
    }
}
