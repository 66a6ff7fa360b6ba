//! Questions to a node: the parameters of every method, as a stranger's JSON.

use std::str;

use rpc::methods::{
    AccountGet, ChainGetBlock, ChainGetBlocks, ChainListEvents, ChainListTransactions, ChainStatus,
    ChannelGet, ChannelList, ContractGet, ContractList, HoldGet, HoldList, MarketDepth, MarketGet,
    MarketList, MarketOrders, Method, NodeStatus, OrderGet, OrderList, TxGet, TxSubmit,
};

use crate::memory::bounded;

/// How a method reads its parameters.
type Read = fn(&str);

/// The name of every method, and how it reads.
pub(crate) const METHODS: [(&str, Read); 21] = [
    method::<ChainStatus>(),
    method::<ChainGetBlock>(),
    method::<ChainGetBlocks>(),
    method::<ChainListTransactions>(),
    method::<ChainListEvents>(),
    method::<TxSubmit>(),
    method::<TxGet>(),
    method::<AccountGet>(),
    method::<HoldGet>(),
    method::<HoldList>(),
    method::<MarketList>(),
    method::<MarketGet>(),
    method::<MarketDepth>(),
    method::<MarketOrders>(),
    method::<OrderGet>(),
    method::<OrderList>(),
    method::<ContractGet>(),
    method::<ContractList>(),
    method::<ChannelGet>(),
    method::<ChannelList>(),
    method::<NodeStatus>(),
];

const fn method<M: Method>() -> (&'static str, Read) {
    (M::NAME, read::<M>)
}

/// A question that was read is written and read again as itself. The input is a method's name, a line
/// break, and the parameters.
pub(crate) fn question(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Some((name, params)) = text.split_once('\n') else { return };
    if let Some((_, read)) = METHODS.iter().find(|(known, _)| *known == name) {
        read(params);
    }
}

fn read<M: Method>(params: &str) {
    let Ok(question) = bounded(params.len(), || serde_json::from_str::<M>(params)) else { return };
    let written = serde_json::to_string(&question).expect("a question is JSON");
    let again: M = serde_json::from_str(&written).expect("what was written is a question");
    assert_eq!(serde_json::to_string(&again).ok(), Some(written));
}
