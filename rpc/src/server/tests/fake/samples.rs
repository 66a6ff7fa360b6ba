//! A value of each form in which parameters come.

use chain::encoding::encode;
use serde_json::json;

use super::*;
use crate::canonical::Canonical;
use crate::text::TransactionBytes;

/// A value of the form that the documentation calls `form`.
pub(crate) fn samples(form: &str) -> serde_json::Value {
    match form {
        "Address" => json!(address(ALICE)),
        "ObjectId" | "Hash" => json!(Text(Hash([1; 32]))),
        "Name" => json!("market-hall"),
        "Amount" => json!("1000000"),
        "Price" => json!("45"),
        "PublicKey" => json!(Text(PublicKey([7; 32]))),
        "WindowView" => json!(crate::types::WindowView::from(window())),
        "KeyBytes" => json!(Text(Canonical(chain::state::Key::Supply))),
        "OrderPlaceBytes" => json!(Text(Canonical(super::super::client::place()))),
        "TransactionBytes" => json!(Text(TransactionBytes::new(encode(&signed(1))).unwrap())),
        limit if limit.starts_with("Limit") => json!(5),
        other => panic!("no sample of {other}: add one"),
    }
}
