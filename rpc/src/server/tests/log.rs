//! What the servers under test log.
//!
//! One subscriber listens to all tests, from before the first server starts: `tracing` remembers whether
//! anybody listens to a line, and with a subscriber for one test alone it asks only the thread that comes
//! to the line first, which may be that of another test.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

static LISTENS: Once = Once::new();
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Listens from now on.
pub(super) fn listen() {
    LISTENS.call_once(|| {
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let subscriber = all.with_writer(|| Lines).finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
    });
}

/// What was logged up to now, by this test and by those that run beside it.
pub(super) fn text() -> String {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&lines).into_owned()
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
