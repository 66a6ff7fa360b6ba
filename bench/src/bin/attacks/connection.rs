//! A connection to a node from a chosen address of this machine.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Bytes of an answer that are read at once.
const PART_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Connection(TcpStream);

impl Connection {
    /// Connects from the address `from`.
    pub(crate) async fn open(from: &str, to: SocketAddr) -> Result<Self> {
        let from: IpAddr = from.parse().context("an address of this machine")?;
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        Ok(Self(socket.connect(to).await?))
    }

    /// Sends bytes, whatever they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes).await?)
    }

    /// Reads until the server closes.
    pub(crate) async fn read_to_end(&mut self) -> Result<()> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await?;
        Ok(())
    }

    /// Sends a call and reads its whole answer.
    pub(crate) async fn ask(&mut self, body: &str) -> Result<String> {
        self.send(&request(body)).await?;
        let mut answer = Vec::new();
        let mut part = vec![0; PART_BYTES];
        loop {
            let bytes = self.0.read(&mut part).await?;
            ensure!(bytes > 0, "the node closed the connection");
            answer.extend_from_slice(&part[..bytes]);
            let text = String::from_utf8_lossy(&answer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.is_some_and(|length| length.parse() == Ok(body.len())) {
                return Ok(text.into_owned());
            }
        }
    }
}

/// A request with this body, on a connection that stays open.
pub(crate) fn request(body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
