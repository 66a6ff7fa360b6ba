//! The OpenRPC document: every method with its parameters, its answer and an example. It is committed, and a test
//! makes it anew out of the types themselves.

#[cfg(all(test, feature = "client", feature = "server"))]
mod generate;

use serde_json::Value;

/// The document that `rpc.discover` answers with.
///
/// # Panics
/// When what is committed is no JSON.
pub fn document() -> Value {
    let committed = include_str!("../openrpc.json");
    serde_json::from_str(committed).expect("the committed document is JSON")
}

#[cfg(all(test, feature = "client", feature = "server"))]
mod tests {
    use std::path::Path;

    use super::*;

    /// With `TALLY_BLESS=1` in the environment the file is written instead.
    #[test]
    fn committed_document_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openrpc.json");
        if std::env::var_os("TALLY_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&generate::document()).unwrap();
            std::fs::write(&path, text + "\n").unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        let committed: Value = serde_json::from_str(&committed).unwrap();
        assert!(
            committed == generate::document(),
            "write rpc/openrpc.json anew: TALLY_BLESS=1 cargo test -p rpc"
        );
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        fn references(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    fields.values().for_each(|field| references(field, found));
                }
                Value::Array(items) => items.iter().for_each(|item| references(item, found)),
                _ => {}
            }
        }
        let document = generate::document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}
