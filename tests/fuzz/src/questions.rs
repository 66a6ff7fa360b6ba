//! Questions to a node: the parameters of every method, as a stranger's JSON.

use std::collections::BTreeMap;
use std::str;
use std::sync::LazyLock;

use rpc::methods::{self, Method, Visitor};

use crate::memory::bounded;

/// How a method reads its parameters.
type Read = fn(&str);

/// How each method reads, by its name.
static METHODS: LazyLock<Methods> = LazyLock::new(|| {
    let mut methods = Methods::default();
    methods::each(&mut methods);
    methods
});

#[derive(Default)]
struct Methods(BTreeMap<&'static str, Read>);

impl Visitor for Methods {
    fn visit<M: Method>(&mut self) {
        self.0.insert(M::NAME, read::<M>);
    }
}

/// The name of every method.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    METHODS.0.keys().copied()
}

/// A question that was read is written and read again as itself. The input is a method's name, a line
/// break, and the parameters.
pub(crate) fn question(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Some((name, params)) = text.split_once('\n') else { return };
    if let Some(read) = METHODS.0.get(name) {
        read(params);
    }
}

fn read<M: Method>(params: &str) {
    let Ok(question) = bounded(params.len(), || serde_json::from_str::<M>(params)) else { return };
    let written = serde_json::to_string(&question).expect("a question is JSON");
    let again: M = serde_json::from_str(&written).expect("what was written is a question");
    assert_eq!(serde_json::to_string(&again).ok(), Some(written));
}
