//! The document, made out of the types; its examples are what a node of fixed answers says.

use std::sync::Arc;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

use crate::api::Api;
use crate::error::{STANDARD, kinds};
use crate::methods::{self, Method, Topic, TopicVisitor, Visitor, each_topic};
use crate::server::tests::fake::{Fake, samples};
use crate::types::MessageView;

/// The document as it should be committed.
pub(super) fn document() -> Value {
    let mut writer = Writer::new();
    methods::each(&mut writer);
    each_topic(&mut writer);
    let message = writer.answers.subschema_for::<MessageView>();
    let mut schemas = writer.params.take_definitions(true);
    schemas.append(&mut writer.answers.take_definitions(true));
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "Tally node",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "JSON-RPC 2.0 over HTTP, and over a web socket. Parameters by name; sums and prices are strings of \
                base units; points in time are milliseconds since 1970-01-01T00:00:00Z. An error's \
                `data.code` is a name that never changes its meaning; a transaction refused by the \
                rules has the number 2000 + the rejection's and the rejection's name.",
        },
        "methods": writer.methods,
        "x-subscriptions": { "topics": writer.topics, "message": { "name": "message", "schema": message } },
        "components": { "schemas": schemas, "errors": errors() },
    })
}

struct Writer {
    api: Arc<Fake>,
    params: SchemaGenerator,
    answers: SchemaGenerator,
    methods: Vec<Value>,
    topics: Vec<Value>,
}

impl Writer {
    fn new() -> Self {
        let settings = || {
            SchemaSettings::draft07().with(|it| it.definitions_path = "/components/schemas".into())
        };
        Self {
            api: Arc::default(),
            params: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            methods: Vec::new(),
            topics: Vec::new(),
        }
    }
}

impl Writer {
    /// A question with what it must have, and its answer.
    fn example<M: Method>(&self, params: &[Value]) -> Value {
        let given = params.iter().filter(|param| param["required"] == true);
        let given: Map<String, Value> = given
            .map(|param| {
                let name = param["name"].as_str().expect("parameters have names");
                (name.to_owned(), sample(M::NAME, name, &param["schema"]))
            })
            .collect();
        let question: M = serde_json::from_value(Value::Object(given.clone()))
            .unwrap_or_else(|error| panic!("{}: no question: {error}", M::NAME));
        let answer = question.ask(&*self.api as &dyn Api);
        let answer = answer.unwrap_or_else(|error| panic!("{}: no answer: {error}", M::NAME));
        let given = given.into_iter().map(|(name, value)| json!({ "name": name, "value": value }));
        json!({
            "name": format!("{} answers", M::NAME),
            "params": given.collect::<Vec<_>>(),
            "result": { "name": "answer", "value": answer },
        })
    }
}

/// A value for the parameter called `name`.
fn sample(method: &str, name: &str, schema: &Value) -> Value {
    let form = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    match (form, schema["type"].as_str()) {
        (Some(form), _) => samples(form),
        (None, Some("integer")) => json!(1),
        (None, Some("string")) => json!("cpu"),
        (None, Some("array")) => json!([sample(method, name, &schema["items"])]),
        _ => panic!("{method}: no sample for {name}, which is {schema}"),
    }
}

impl Visitor for Writer {
    fn visit<M: Method>(&mut self) {
        let params = params_of(&M::json_schema(&mut self.params).to_value());
        let answer = self.answers.subschema_for::<M::Answer>();
        let example = self.example::<M>(&params);
        self.methods.push(json!({
            "name": M::NAME,
            "summary": M::SUMMARY,
            "paramStructure": "by-name",
            "params": params,
            "result": { "name": "answer", "schema": answer },
            "examples": [example],
        }));
    }
}

impl TopicVisitor for Writer {
    fn visit<T: Topic>(&mut self) {
        let params = params_of(&T::json_schema(&mut self.params).to_value());
        self.topics.push(json!({
            "name": T::NAME,
            "summary": T::SUMMARY,
            "paramStructure": "by-name",
            "params": params,
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
    let own = kinds().into_iter().map(|kind| (kind.name().to_owned(), kind.object()));
    let standard = STANDARD.iter().map(|(code, name, message)| {
        ((*name).to_owned(), json!({ "code": code, "message": message }))
    });
    own.chain(standard).collect()
}
