//! From a request's body to the methods and back: the library parses JSON-RPC and enforces the bounds on
//! batches and answers; methods run where blocking is allowed, a bounded number at a time.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, StatusCode};
use jsonrpsee::RpcModule;
use jsonrpsee::server::{
    BatchRequestConfig, HttpBody, HttpResponse, Server, ServerConfig, StopHandle,
    TowerServiceBuilder, stop_channel,
};
use jsonrpsee::types::{ErrorObjectOwned, Params};
use serde_json::value::{RawValue, to_raw_value};
use tower::layer::util::Identity;
use tower::{BoxError, Service};

use super::Limits;
use super::effort::Threads;
use super::envelope::corrected;
use super::meter::Allowance;
use super::metrics::Metrics;
use super::turns::{Turn, Turns};
use crate::api::Api;
use crate::error::Error;
use crate::methods::{self, Method, TxSubmit, TxSubmitBatch, Visitor};
use crate::openrpc;

pub(super) struct Calls {
    builder: TowerServiceBuilder<Identity, Identity>,
    methods: jsonrpsee::Methods,
    context: Context,
    /// For requests that are parsed.
    parses: Arc<Turns>,
    /// The library asks for one; connections are stopped by the accept loop.
    stop: StopHandle,
}

impl Calls {
    pub(super) fn new(
        api: Arc<dyn Api>,
        limits: Limits,
        threads: Threads,
        metrics: Metrics,
    ) -> Self {
        let connections = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
        let config = ServerConfig::builder()
            .http_only()
            .max_connections(connections)
            .max_request_body_size(limits.body_bytes_max.max(limits.submission_bytes_max))
            .max_response_body_size(limits.answer_bytes_max)
            .set_batch_request_config(BatchRequestConfig::Limit(limits.batch_calls_max))
            .build();
        let builder = Server::builder().set_config(config).to_service_builder();
        let parses = Turns::new(limits.reads_at_once_max);
        let reads = Turns::new(limits.reads_at_once_max);
        let submissions = Turns::new(limits.submissions_at_once_max);
        let context = Context { api, threads: Arc::new(threads), reads, submissions, metrics };
        let methods = module(context.clone()).into();
        let (stop, _) = stop_channel();
        Self { builder, methods, context, parses, stop }
    }

    /// What the server answers to.
    #[cfg(test)]
    pub(super) fn names(&self) -> std::collections::BTreeSet<&'static str> {
        self.methods.method_names().collect()
    }

    /// Where the server counts what it does.
    pub(super) const fn metrics(&self) -> &Metrics {
        &self.context.metrics
    }

    /// Who is asked.
    pub(super) fn api(&self) -> &Arc<dyn Api> {
        &self.context.api
    }

    /// Runs `read`, which asks the node something for `caller`, in a turn of its address.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        caller: &Caller,
        read: impl FnOnce(&dyn Api) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let turn = self.context.reads.take(caller.address).await;
        let api = Arc::clone(&self.context.api);
        let done = self.context.threads.run(&caller.allowance, move || {
            let _turn = turn;
            read(&*api)
        });
        done.await.unwrap_or_else(|error| {
            tracing::error!(%error, "rpc read ended early");
            Err(Error::Internal)
        })
    }

    /// Runs the calls of a request of `caller`.
    pub(super) async fn answer(&self, mut request: Request<Bytes>, caller: Caller) -> HttpResponse {
        let question = request.body().clone();
        let is_short = is_short_call(&question);
        let turn = if is_short { None } else { Some(self.parses.take(caller.address).await) };
        let parses = Arc::new(Mutex::new(turn));
        let allowance = Arc::clone(&caller.allowance);
        request.extensions_mut().insert(Asked { caller, parses });
        let mut service = self.builder.clone().build(self.methods.clone(), self.stop.clone());
        let work = async move {
            let answer = service.call(request.map(Full::new)).await;
            answer.map(|answer| corrected(answer, &question))
        };
        let answered = if is_short {
            Ok(work.await)
        } else {
            self.context.threads.drive(&allowance, work).await
        };
        let error: BoxError = match answered {
            Ok(Ok(answer)) => return answer,
            Ok(Err(error)) => error,
            Err(error) => error.into(),
        };
        tracing::error!(%error, "rpc request failed");
        let mut response = HttpResponse::new(HttpBody::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }
}

/// Bytes of a body that is parsed in no time.
const SHORT_BYTES_MAX: usize = 4 * 1024;

/// True for a single call that the thread of its connection may parse: to wake another takes longer.
fn is_short_call(body: &[u8]) -> bool {
    body.len() <= SHORT_BYTES_MAX && body.trim_ascii_start().starts_with(b"{")
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

#[derive(Clone)]
struct Context {
    api: Arc<dyn Api>,
    /// Where calls run.
    threads: Arc<Threads>,
    /// For calls that compute.
    reads: Arc<Turns>,
    /// For calls that mostly wait, while signatures are verified many together.
    submissions: Arc<Turns>,
    metrics: Metrics,
}

/// Who calls.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) address: IpAddr,
    /// What the address may still use.
    pub(super) allowance: Arc<Allowance>,
}

/// What a request's calls know of it.
#[derive(Clone)]
struct Asked {
    caller: Caller,
    /// The turn in which it is parsed, until its first call begins.
    parses: Arc<Mutex<Option<Turn>>>,
}

impl Asked {
    fn is_parsed(&self) {
        drop(self.parses.lock().expect("nothing panics while it holds a turn").take());
    }
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
            .register_async_method(M::NAME, |params, context, extensions| async move {
                let asked: &Asked = extensions.get().expect("every request has its caller");
                asked.is_parsed();
                let began = Instant::now();
                let ended = call::<M>(&params, &context, &asked.caller).await;
                context.metrics.called(M::NAME, began.elapsed(), &ended);
                ended.map_err(error_object)
            })
            .expect("each method is listed once");
    }
}

/// Waits for a turn, parses a call's parameters and asks the node. The answer is written here too, not by
/// the threads that all connections share. A call that submits is parsed in one turn and waits in another.
async fn call<M: Method>(
    params: &Params<'static>,
    context: &Context,
    caller: &Caller,
) -> Result<Box<RawValue>, Error> {
    let mut turn = context.reads.take(caller.address).await;
    let question: M = serde_json::from_str(params.as_str().unwrap_or("{}"))
        .map_err(|error| Error::ParamsInvalid { reason: error.to_string() })?;
    if [TxSubmit::NAME, TxSubmitBatch::NAME].contains(&M::NAME) {
        drop(turn);
        turn = context.submissions.take(caller.address).await;
    }
    let api = Arc::clone(&context.api);
    let answered = context.threads.run(&caller.allowance, move || {
        // A call that outlives its request keeps its turn until it ends.
        let _turn = turn;
        let answer = question.ask(&*api)?;
        Ok(to_raw_value(&answer).expect("every answer can be written"))
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
