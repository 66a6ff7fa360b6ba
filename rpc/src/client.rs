//! A typed client over HTTP. Whatever does not end in an answer ends in one of four ways, each with its
//! own meaning for what to do next.

use std::error::Error;
use std::iter::successors;
use std::time::Duration;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method as Verb, Request, StatusCode, Uri};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::STANDARD;
use crate::methods::Method;

/// Bytes of an answer that a client reads at most: twice what a server sends.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How long an idle connection is kept: less than a server keeps it, so that none is closed in use.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long to wait before a call whose connection broke is made again, each time.
const RETRY_PAUSES: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(500)];

/// Why a call did not end in an answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClientError {
    /// No connection, or it broke. Whether the call took effect is not known.
    #[error("cannot reach {url}: {reason}")]
    Unreachable {
        /// Who was called.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// No answer in time. Whether the call took effect is not known.
    #[error("no answer from {url} within {} ms", timeout.as_millis())]
    Timeout {
        /// Who was called.
        url: String,
        /// How long the client waited.
        timeout: Duration,
    },
    /// The node answered that the call did not succeed.
    #[error("{}", .0.message)]
    Refused(Refusal),
    /// The answer is not what this client understands: another kind of server, or another version.
    #[error("{url} does not answer as a node of this version does: {reason}")]
    Incompatible {
        /// Who was called.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
}

/// What a node says when a call does not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The number of the error.
    pub code: i32,
    /// Its name, as `NONCE_TOO_LOW`; it never changes its meaning.
    pub name: String,
    /// What it means, for people.
    pub message: String,
    /// The facts of the case.
    pub data: Value,
}

/// The text is no URL that a client can call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no URL of a node: write http://HOST:PORT")]
pub struct UrlInvalid {
    /// The text.
    pub text: String,
}

/// A client of one node. It keeps connections open between calls; a clone shares them.
#[derive(Clone, Debug)]
pub struct Client {
    url: Uri,
    timeout: Duration,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

/// Why an exchange did not end.
struct Broken {
    /// True when the same call may end well on another connection.
    passes: bool,
    reason: String,
}

impl Client {
    /// A client of the node at `url`, as `http://127.0.0.1:7645`, that waits for `timeout` at most.
    ///
    /// # Errors
    /// [`UrlInvalid`] when `url` is not of that form.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, UrlInvalid> {
        let invalid = || UrlInvalid { text: url.to_owned() };
        let url: Uri = url.parse().map_err(|_| invalid())?;
        if url.scheme_str() != Some("http") || url.authority().is_none() {
            return Err(invalid());
        }
        let http = HttpClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build_http();
        Ok(Self { url, timeout, http })
    }

    /// Asks the node `question`, as `AccountGet { account }`. When the connection breaks, as it does when a
    /// node has too many of them, the question is asked again a few times: to ask any of them twice has the
    /// same effect as to ask it once.
    ///
    /// # Errors
    /// [`ClientError`] says why there is no answer.
    pub async fn call<M: Method>(&self, question: M) -> Result<M::Answer, ClientError> {
        let call = Call { jsonrpc: "2.0", id: 1, method: M::NAME, params: &question };
        let call = serde_json::to_string(&call).expect("a question is JSON");
        let exchange = self.exchange_or_retry(call.into());
        let (status, body) =
            tokio::time::timeout(self.timeout, exchange).await.map_err(|_| {
                ClientError::Timeout { url: self.url.to_string(), timeout: self.timeout }
            })??;
        self.read(status, &body)
    }

    async fn exchange_or_retry(&self, call: Bytes) -> Result<(StatusCode, Bytes), ClientError> {
        for pause in RETRY_PAUSES {
            match self.exchange(call.clone()).await {
                Err(Broken { passes: true, .. }) => tokio::time::sleep(pause).await,
                Err(Broken { reason, .. }) => return Err(self.unreachable(reason)),
                Ok(answer) => return Ok(answer),
            }
        }
        self.exchange(call).await.map_err(|broken| self.unreachable(broken.reason))
    }

    /// Sends `call` and reads the whole answer.
    async fn exchange(&self, call: Bytes) -> Result<(StatusCode, Bytes), Broken> {
        let mut request = Request::new(Full::from(call));
        *request.method_mut() = Verb::POST;
        *request.uri_mut() = self.url.clone();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self.http.request(request).await;
        let answer = answer
            .map_err(|error| Broken { passes: !error.is_connect(), reason: root_cause(&error) })?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| Broken {
            passes: !error.is::<LengthLimitError>(),
            reason: root_cause(&*error),
        })?;
        Ok((status, body.to_bytes()))
    }

    fn read<A: for<'de> Deserialize<'de>>(
        &self,
        status: StatusCode,
        body: &[u8],
    ) -> Result<A, ClientError> {
        let reply: Reply<A> = serde_json::from_slice(body).map_err(|error| match status {
            StatusCode::OK => self.incompatible(error.to_string()),
            status => self.incompatible(format!("HTTP status {status}")),
        })?;
        match reply {
            Reply { error: Some(error), .. } => Err(ClientError::Refused(error.into())),
            Reply { result: Some(answer), .. } => Ok(answer),
            Reply { result: None, error: None } => {
                Err(self.incompatible("neither result nor error".to_owned()))
            }
        }
    }

    fn unreachable(&self, reason: String) -> ClientError {
        ClientError::Unreachable { url: self.url.to_string(), reason }
    }

    fn incompatible(&self, reason: String) -> ClientError {
        ClientError::Incompatible { url: self.url.to_string(), reason }
    }
}

/// What lies at the bottom of `error`, as "Connection refused".
fn root_cause(error: &dyn Error) -> String {
    let causes = successors(Some(error), |&error| error.source());
    causes.last().unwrap_or(error).to_string()
}

#[derive(Serialize)]
struct Call<'a, M> {
    jsonrpc: &'static str,
    id: u8,
    method: &'static str,
    params: &'a M,
}

#[derive(Deserialize)]
struct Reply<A> {
    result: Option<A>,
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    code: i32,
    message: String,
    #[serde(default)]
    data: Value,
}

impl From<ErrorObject> for Refusal {
    fn from(error: ErrorObject) -> Self {
        let ErrorObject { code, message, data } = error;
        let standard = STANDARD.iter().find(|(number, ..)| *number == code);
        let name = data["code"].as_str().or(standard.map(|(_, name, _)| *name));
        Self { code, name: name.unwrap_or("UNKNOWN").to_owned(), message, data }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_other_schemes_are_refused() {
        for url in ["", "127.0.0.1:1", "https://node:1", "ftp://node", "http://", "/path"] {
            assert!(Client::new(url, Duration::from_secs(1)).is_err(), "{url}");
        }
        assert!(Client::new("http://127.0.0.1:1", Duration::from_secs(1)).is_ok());
    }

    #[tokio::test]
    async fn call_whose_connection_breaks_is_made_again_and_not_for_ever() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let accepted = tokio::spawn(async move {
            let mut accepted = 0;
            while let Ok((connection, _)) = listener.accept().await {
                drop(connection);
                accepted += 1;
                if accepted == 1 + RETRY_PAUSES.len() {
                    break;
                }
            }
            accepted
        });
        let client = Client::new(&url, Duration::from_secs(20)).unwrap();
        let refused = client.call(crate::methods::NodeStatus {}).await.unwrap_err();
        assert!(matches!(refused, ClientError::Unreachable { .. }), "{refused}");
        assert_eq!(accepted.await.unwrap(), 4);
    }
}
