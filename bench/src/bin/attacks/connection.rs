//! A connection to a node from a chosen address of this machine.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

/// Bytes of an answer that are read at once.
const PART_BYTES: usize = 16 * 1024;

#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    part: Vec<u8>,
}

impl Connection {
    /// Connects from the address `from`.
    pub(crate) async fn open(from: &str, to: SocketAddr) -> Result<Self> {
        let from: IpAddr = from.parse().context("an address of this machine")?;
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from, 0))?;
        Ok(Self { stream: socket.connect(to).await?, part: vec![0; PART_BYTES] })
    }

    /// Sends bytes, whatever they are.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Reads until the server closes.
    pub(crate) async fn read_to_end(&mut self) -> Result<()> {
        while self.stream.read(&mut self.part).await? > 0 {}
        Ok(())
    }

    /// Sends a request and reads its whole answer, of which it gives the first part.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<String> {
        self.send(request).await?;
        let mut first = Vec::new();
        let mut missing = loop {
            first.extend_from_slice(self.part().await?);
            let text = String::from_utf8_lossy(&first);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.context("an answer says how long it is")?.parse()?;
            break length.saturating_sub(body.len());
        };
        while missing > 0 {
            missing = missing.saturating_sub(self.part().await?.len());
        }
        Ok(String::from_utf8_lossy(&first).into_owned())
    }

    async fn part(&mut self) -> Result<&[u8]> {
        let bytes = self.stream.read(&mut self.part).await?;
        ensure!(bytes > 0, "the node closed the connection");
        Ok(&self.part[..bytes])
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
