//! What the server under test logs.
//!
//! One subscriber listens for all tests, from before the first server starts: `tracing` remembers whether
//! anybody listens to a line, and with a subscriber for one test alone it asks only the thread that comes
//! to the line first, which may be that of another test. A test has its server on its own thread, and so
//! finds there what its own server logged.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

static LISTENS: Once = Once::new();

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Listens from now on.
pub(super) fn listen() {
    LISTENS.call_once(|| {
        let all = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let subscriber = all.with_writer(|| Lines).finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
    });
}

/// What was logged on this test's thread.
pub(super) fn of_this_test() -> String {
    LINES.with_borrow(|lines| String::from_utf8_lossy(lines).into_owned())
}

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
