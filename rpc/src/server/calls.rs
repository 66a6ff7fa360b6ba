//! From a request's body to the methods and back: the library parses JSON-RPC and enforces the bounds on
//! batches and answers; methods run where blocking is allowed, a bounded number at a time.

use std::borrow::Cow;
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use jsonrpsee::RpcModule;
use jsonrpsee::server::{
    BatchRequestConfig, HttpBody, HttpResponse, Server, ServerConfig, StopHandle,
    TowerServiceBuilder, stop_channel,
};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use tokio::sync::Semaphore;
use tower::Service;
use tower::layer::util::Identity;

use super::Limits;
use super::envelope::corrected;
use crate::api::Api;
use crate::error::Error;
use crate::methods::{self, Method, TxSubmitBatch, Visitor};
use crate::openrpc;

pub(super) struct Calls {
    builder: TowerServiceBuilder<Identity, Identity>,
    methods: jsonrpsee::Methods,
    /// The library asks for one; connections are stopped by the accept loop.
    stop: StopHandle,
}

impl Calls {
    pub(super) fn new(api: Arc<dyn Api>, limits: Limits) -> Self {
        let connections = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
        let config = ServerConfig::builder()
            .http_only()
            .max_connections(connections)
            .max_request_body_size(limits.body_bytes_max.max(limits.submission_bytes_max))
            .max_response_body_size(limits.answer_bytes_max)
            .set_batch_request_config(BatchRequestConfig::Limit(limits.batch_calls_max))
            .build();
        let builder = Server::builder().set_config(config).to_service_builder();
        let turns = Arc::new(Semaphore::new(limits.calls_at_once_max));
        let methods = module(Context { api, turns }).into();
        let (stop, _) = stop_channel();
        Self { builder, methods, stop }
    }

    /// What the server answers to.
    #[cfg(test)]
    pub(super) fn names(&self) -> std::collections::BTreeSet<&'static str> {
        self.methods.method_names().collect()
    }

    /// Runs the calls of a request, one after the other.
    pub(super) async fn answer(&self, request: Request<Bytes>) -> HttpResponse {
        let question = request.body().clone();
        let mut service = self.builder.clone().build(self.methods.clone(), self.stop.clone());
        match service.call(request.map(Full::new)).await {
            Ok(answer) => corrected(answer, &question),
            Err(error) => {
                tracing::error!(%error, "rpc request failed");
                let mut response = HttpResponse::new(HttpBody::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }
}

/// True when `body` is one call of `tx_submit_batch`.
pub(super) fn is_submission(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Call<'a> {
        #[serde(borrow)]
        method: Cow<'a, str>,
    }
    serde_json::from_slice(body).is_ok_and(|call: Call<'_>| call.method == TxSubmitBatch::NAME)
}

struct Context {
    api: Arc<dyn Api>,
    turns: Arc<Semaphore>,
}

/// Every method, and `rpc.discover`.
fn module(context: Context) -> RpcModule<Context> {
    let mut module = RpcModule::new(context);
    methods::each(&mut Registration(&mut module));
    let document = openrpc::document();
    module
        .register_method("rpc.discover", move |_, _, _| document.clone())
        .expect("no method is called so");
    module
}

struct Registration<'a>(&'a mut RpcModule<Context>);

impl Visitor for Registration<'_> {
    fn visit<M: Method>(&mut self) {
        self.0
            .register_async_method(M::NAME, |params, context, _| async move {
                call::<M>(&params, &context).await.map_err(error_object)
            })
            .expect("each method is listed once");
    }
}

/// Parses a call's parameters, waits for a turn and asks the node.
async fn call<M: Method>(params: &Params<'static>, context: &Context) -> Result<M::Answer, Error> {
    let question: M = serde_json::from_str(params.as_str().unwrap_or("{}"))
        .map_err(|error| Error::ParamsInvalid { reason: error.to_string() })?;
    let turns = Arc::clone(&context.turns);
    let turn = turns.acquire_owned().await.expect("turns never end");
    let api = Arc::clone(&context.api);
    let answered = tokio::task::spawn_blocking(move || {
        // A call that outlives its request keeps its turn until it ends.
        let _turn = turn;
        question.ask(&*api)
    });
    answered.await.unwrap_or_else(|error| {
        tracing::error!(%error, method = M::NAME, "rpc call ended early");
        Err(Error::Internal)
    })
}

// By value, as `map_err` gives it.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn error_object(error: Error) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(error.code(), error.to_string(), Some(error.data()))
}
