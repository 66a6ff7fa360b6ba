//! A real server on a free port, asked by the real client and by strangers with raw bytes.

mod attacks;
mod client;
mod discover;
mod envelope;
pub(crate) mod fake;
mod floods;
mod history;
mod limits;
mod log;
mod metrics;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use self::fake::Fake;
use super::{Limits, Metrics, Running, Server, Settings};
use crate::client::Client;

/// Longer than any test takes: what ends by it has failed.
const LONG: Duration = Duration::from_secs(60);
/// Shorter than a test's patience: what is to run out, does.
const SHORT: Duration = Duration::from_millis(50);

struct Node {
    running: Running,
    metrics: Metrics,
    api: Arc<Fake>,
}

async fn node(limits: Limits) -> Node {
    log::listen();
    let mut settings = Settings::new("127.0.0.1:0".parse().unwrap());
    settings.limits = limits;
    settings.hosts = vec!["Node.Example".to_owned()];
    let metrics = settings.metrics.clone();
    let api = Arc::new(Fake::default());
    let running = Server::start(settings, Arc::clone(&api) as _).await.unwrap();
    Node { running, metrics, api }
}

impl Node {
    fn address(&self) -> SocketAddr {
        self.running.local_addr()
    }

    fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address()), LONG).unwrap()
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.unwrap()
    }

    /// Sends `bytes` on a connection of its own and reads until the server closes it.
    async fn exchange(&self, bytes: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A connection closed in the middle of a request may be reset; what came before counts.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    /// Sends a JSON body as it should be sent; gives the JSON that comes back.
    async fn post(&self, body: &str) -> Value {
        let answer = self.exchange(&request("localhost", body)).await;
        let (_, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        serde_json::from_str(body).unwrap()
    }
}

fn request(host: &str, body: &str) -> String {
    format!(
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn call(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#)
}
