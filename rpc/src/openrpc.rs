//! The OpenRPC document: every method with its parameters and its answer, made from the types themselves.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::error::{STANDARD, kinds};
use crate::methods::{self, Method, Visitor};

/// The document that `rpc.discover` answers with.
pub fn document() -> Value {
    let mut writer = Writer::new();
    methods::each(&mut writer);
    let mut schemas = writer.params.take_definitions(true);
    schemas.append(&mut writer.answers.take_definitions(true));
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "Tally node",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "JSON-RPC 2.0 over HTTP. Parameters by name; sums and prices are strings of \
                base units; points in time are milliseconds since 1970-01-01T00:00:00Z. An error's \
                `data.code` is a name that never changes its meaning; a transaction refused by the \
                rules has the number 2000 + the rejection's and the rejection's name.",
        },
        "methods": writer.methods,
        "components": { "schemas": schemas, "errors": errors() },
    })
}

struct Writer {
    params: SchemaGenerator,
    answers: SchemaGenerator,
    methods: Vec<Value>,
}

impl Writer {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft07().with(|it| it.definitions_path = "/components/schemas".into())
        };
        Self {
            params: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            methods: Vec::new(),
        }
    }
}

impl Visitor for Writer {
    fn visit<M: Method>(&mut self) {
        let params = params_of(&M::json_schema(&mut self.params).to_value());
        let answer = self.answers.subschema_for::<M::Answer>();
        self.methods.push(json!({
            "name": M::NAME,
            "summary": M::SUMMARY,
            "paramStructure": "by-name",
            "params": params,
            "result": { "name": "answer", "schema": answer },
        }));
    }
}

/// The fields of a question's schema as parameters: those that must be given first, each part by name.
fn params_of(question: &Value) -> Vec<Value> {
    let required = question["required"].as_array().cloned().unwrap_or_default();
    let fields = question["properties"].as_object().cloned().unwrap_or_default();
    let mut params: Vec<(bool, String, Value)> = fields
        .into_iter()
        .map(|(name, mut schema)| {
            let required = required.iter().any(|it| it.as_str() == Some(&name));
            let description = schema.as_object_mut().and_then(|it| it.remove("description"));
            let param = json!({
                "name": name,
                "description": description,
                "required": required,
                "schema": schema,
            });
            (!required, name, param)
        })
        .collect();
    params.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    params.into_iter().map(|(_, _, param)| param).collect()
}

fn errors() -> Map<String, Value> {
    let own = kinds().into_iter().map(|kind| {
        let error =
            json!({ "code": kind.code(), "message": kind.to_string(), "data": kind.data() });
        (kind.name().to_owned(), error)
    });
    let standard = STANDARD.iter().map(|(code, name, message)| {
        ((*name).to_owned(), json!({ "code": code, "message": message }))
    });
    own.chain(standard).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// With `TALLY_BLESS=1` in the environment the file is written instead.
    #[test]
    fn committed_document_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openrpc.json");
        if std::env::var_os("TALLY_BLESS").is_some() {
            let text = serde_json::to_string_pretty(&document()).unwrap();
            std::fs::write(&path, text + "\n").unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap();
        let committed: Value = serde_json::from_str(&committed).unwrap();
        assert!(
            committed == document(),
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
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}
