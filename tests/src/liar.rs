//! A node that lies: it passes every call on to an honest one and alters the answer as a test says.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, thread};

use serde_json::Value;

/// Alters the `result` of a call to the method of this name.
pub type Lie = Box<dyn FnMut(&str, &mut Value) + Send>;

/// A node that lies. It answers until the test ends.
pub struct Liar {
    /// Where it answers.
    pub rpc: String,
    lie: Arc<Mutex<Lie>>,
}

impl fmt::Debug for Liar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Liar({})", self.rpc)
    }
}

impl Liar {
    /// Starts in front of the honest node at `rpc`, as honest as that.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn start(rpc: &str) -> Self {
        let honest = rpc.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener.local_addr().expect("it listens");
        let lie: Arc<Mutex<Lie>> = Arc::new(Mutex::new(Box::new(|_, _| {})));
        let shared = Arc::clone(&lie);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                answer(client, &honest, &mut lock(&shared));
            }
        });
        Self { rpc: format!("http://{address}"), lie }
    }

    /// Lies like this from now on.
    pub fn tell(&self, lie: impl FnMut(&str, &mut Value) + Send + 'static) {
        *lock(&self.lie) = Box::new(lie);
    }
}

fn lock(lie: &Mutex<Lie>) -> MutexGuard<'_, Lie> {
    lie.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers one request and closes the connection.
fn answer(mut client: TcpStream, honest: &str, lie: &mut Lie) {
    let call = body(&mut client);
    let mut server = TcpStream::connect(honest).expect("the honest node listens");
    let head = format!("POST / HTTP/1.1\r\nHost: {honest}\r\nContent-Type: application/json\r\n");
    let length = call.len();
    write!(server, "{head}Connection: close\r\nContent-Length: {length}\r\n\r\n")
        .expect("it reads");
    server.write_all(&call).expect("it reads");
    let reply = body(&mut server);

    let call: Value = serde_json::from_slice(&call).expect("wallets send JSON");
    let mut reply: Value = serde_json::from_slice(&reply).expect("nodes answer with JSON");
    if let Some(result) = reply.get_mut("result") {
        lie(call["method"].as_str().expect("a call names its method"), result);
    }
    let reply = reply.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    // A client that went away is no concern of ours.
    let _ = write!(client, "{head}Content-Length: {}\r\n\r\n{reply}", reply.len());
}

/// Reads the body of one HTTP message.
fn body(stream: &mut TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the other side writes");
        let header = line.trim().to_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length is a number");
        }
        if header.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body is as long as it says");
    body
}
