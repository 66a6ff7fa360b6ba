//! What an operator's tools see of a node: its metrics and its health, over plain HTTP.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back: the status, the type of the body, and the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub kind: String,
    /// The body.
    pub body: String,
}

/// Asks the node that serves at `base`, as `http://127.0.0.1:1`.
///
/// # Panics
/// When nothing answers there.
pub fn get(base: &str, path: &str) -> Answer {
    let host = base.trim_start_matches("http://");
    exchange(base, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n")).expect("an answer")
}

/// Sends these bytes on a connection of their own; nothing where it is closed without an answer.
///
/// # Panics
/// When nobody listens there.
pub fn exchange(base: &str, request: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    let mut text = String::new();
    // A connection that is closed at once may be reset.
    stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut text)).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: "));
    Some(Answer { status, kind: kind.unwrap_or_default().to_owned(), body: body.to_owned() })
}

/// Everything that the node at `base` counts now.
#[derive(Clone, Debug)]
pub struct Metrics(String);

impl Metrics {
    /// Asks the node.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn of(base: &str) -> Self {
        let answer = get(base, "/metrics");
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.kind.starts_with("application/openmetrics-text"), "{}", answer.kind);
        assert!(answer.body.ends_with("\n# EOF\n"), "the text is whole");
        Self(answer.body)
    }

    /// The value of a series, with its labels as they are written.
    ///
    /// # Panics
    /// When there is none.
    pub fn value(&self, series: &str) -> f64 {
        let found = self.0.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        let found = found.unwrap_or_else(|| panic!("there is no {series}"));
        found.parse().expect("a number")
    }

    /// What each metric is called, and what it is.
    pub fn types(&self) -> BTreeMap<&str, &str> {
        self.words("# TYPE ").collect()
    }

    /// What each metric is called, and what it says.
    pub fn helps(&self) -> BTreeMap<&str, &str> {
        self.words("# HELP ").collect()
    }

    /// The names of all series.
    pub fn series(&self) -> impl Iterator<Item = &str> {
        let samples = self.0.lines().filter(|line| !line.starts_with('#'));
        samples.filter_map(|line| line.split(['{', ' ']).next())
    }

    fn words<'a>(&'a self, mark: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.lines().filter_map(move |line| line.strip_prefix(mark)?.split_once(' '))
    }
}
