//! Ctrl-C: the program ends at once with its own exit code, and says how to go on where something was sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chain::hash::Hash;
use rustix::termios::{self, OptionalActions, Termios};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{Exit, Failure};
use crate::output::Output;

/// What has been sent, for the case that somebody presses Ctrl-C.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interrupt {
    sent: Arc<Mutex<Option<Hash>>>,
}

impl Interrupt {
    /// From now on Ctrl-C ends the program. Whatever a question did to the terminal is undone.
    pub(crate) fn watch(&self, output: &Output) {
        let (watched, output, terminal) = (self.clone(), output.clone(), terminal());
        // Heard from here on, not only once the task has its turn: a question may come before that.
        let Ok(mut heard) = signal(SignalKind::interrupt()) else { return };
        tokio::spawn(async move {
            if heard.recv().await.is_some() {
                watched.end(&output, terminal.as_ref());
            }
        });
    }

    /// The transaction that is on its way from now on.
    pub(crate) fn sent(&self, hash: Hash) {
        *self.lock() = Some(hash);
    }

    /// Nothing is on its way any more.
    pub(crate) fn ended(&self) {
        *self.lock() = None;
    }

    fn end(&self, output: &Output, terminal: Option<&Termios>) {
        if let Some(terminal) = terminal {
            // A terminal that went away needs no settings.
            let _ = termios::tcsetattr(std::io::stdin(), OptionalActions::Now, terminal);
        }
        let failure = match *self.lock() {
            Some(hash) => {
                let message = "interrupted: the transaction goes on without you";
                Failure::new(Exit::Interrupted, "INTERRUPTED", message)
                    .hint(resume(hash))
                    .data(json!({ "hash": hash.to_string() }))
            }
            None => Failure::new(Exit::Interrupted, "INTERRUPTED", "interrupted"),
        };
        output.interrupted(&failure);
        std::process::exit(failure.exit as i32);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Hash>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How to wait for the end of the transaction `hash`.
pub(crate) fn resume(hash: Hash) -> String {
    format!("see how it ends with: tally tx wait {hash}")
}

fn terminal() -> Option<Termios> {
    termios::tcgetattr(std::io::stdin()).ok()
}
