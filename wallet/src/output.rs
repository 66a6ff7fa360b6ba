//! What the program prints, and where: the one document or text of an answer on stdout, everything
//! else on stderr. Nothing else in this crate prints.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::failure::{Exit, Failure};
use crate::text::wrapped;

/// The version of every JSON document that the program prints.
const SCHEMA: u32 = 1;
/// How wide help is, at most.
const COLUMNS: usize = 80;
/// How often the spinner turns, in milliseconds.
const SPINNER_TICK_MS: u64 = 120;

/// For whom an answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// People.
    Text,
    /// Programs: one JSON document with "schema": 1.
    Json,
}

/// How much is said besides the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loudness {
    /// Nothing.
    Quiet,
    /// What people need to know.
    Normal,
    /// What helps to find a problem.
    Verbose,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a command answers, in both forms.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    text: String,
    document: Map<String, Value>,
    /// What the program exits with.
    pub(crate) exit: Exit,
}

impl Answer {
    /// An answer with the fields of `document`, which is an object, and `text` for people.
    pub(crate) fn new(document: &impl Serialize, text: impl Into<String>) -> Self {
        let value = serde_json::to_value(document).expect("documents are JSON");
        let Value::Object(document) = value else { unreachable!("documents are objects") };
        Self { text: text.into(), document, exit: Exit::Done }
    }

    /// Adds a field to the document.
    #[must_use]
    pub(crate) fn with(mut self, field: &str, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("fields are JSON");
        self.document.insert(field.to_owned(), value);
        self
    }

    /// The same for what was answered and is not well: the document names the failure, and the program
    /// exits as it says.
    #[must_use]
    pub(crate) fn with_failure(self, failure: &Failure) -> Self {
        Self { exit: failure.exit, ..self.with("error", &error_of(failure)) }
    }

    /// A field of the document.
    pub(crate) fn field(&self, field: &str) -> Option<&Value> {
        self.document.get(field)
    }

    /// Adds lines to the text.
    #[must_use]
    pub(crate) fn with_text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }
}

/// Where and how the program prints.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// For whom.
    pub(crate) format: Format,
    /// How much.
    pub(crate) loudness: Loudness,
    /// When to use colour.
    pub(crate) color: Color,
    /// Set by whoever prints the last word, so that there is one.
    ended: Arc<AtomicBool>,
}

impl Output {
    /// Prints for `format`.
    pub(crate) fn new(format: Format, loudness: Loudness, color: Color) -> Self {
        Self { format, loudness, color, ended: Arc::default() }
    }

    /// Shows an answer in place of the one before, as it was at `height`: on a terminal the screen is cleared first.
    pub(crate) fn frame(&self, answer: &Answer, height: u64) {
        let clear = if io::stdout().is_terminal() { "\u{1b}[2J\u{1b}[H" } else { "" };
        to_stdout(&format!("{clear}block {height}\n\n{}", answer.text.trim_end()));
    }

    /// Prints the answer: the last thing a command that ends well does.
    pub(crate) fn answer(&self, answer: &Answer) {
        if !self.takes_last_word() {
            return;
        }
        match self.format {
            // All of it may have been printed already.
            Format::Text if answer.text.is_empty() => {}
            Format::Text => to_stdout(answer.text.trim_end()),
            Format::Json => self.document(&answer.document),
        }
    }

    /// Prints why the command did not end well.
    pub(crate) fn failure(&self, failure: &Failure) {
        if self.takes_last_word() {
            self.print_failure(failure);
        }
    }

    /// Prints that the command was interrupted, on a line of its own.
    pub(crate) fn interrupted(&self, failure: &Failure) {
        if self.takes_last_word() {
            if io::stderr().is_terminal() {
                to_stderr("");
            }
            self.print_failure(failure);
        }
    }

    /// True for the first who asks.
    fn takes_last_word(&self) -> bool {
        !self.ended.swap(true, Ordering::SeqCst)
    }

    fn print_failure(&self, failure: &Failure) {
        match self.format {
            Format::Text => {
                to_stderr(&format!("{} {}", self.emphasis("error:"), failure.message));
                if let Some(hint) = &failure.hint {
                    to_stderr(&format!("  hint: {hint}"));
                }
            }
            Format::Json => {
                let document = Map::from_iter([("error".to_owned(), error_of(failure))]);
                self.document(&document);
            }
        }
    }

    /// Prints a part of the answer that is known before its end; in JSON mode it is part of the
    /// document later, and goes to stderr now.
    pub(crate) fn early(&self, text: &str) {
        match self.format {
            Format::Text => to_stdout(text),
            Format::Json => self.note(text),
        }
    }

    /// Tells people something, unless they want quiet.
    pub(crate) fn note(&self, text: &str) {
        if self.loudness >= Loudness::Normal {
            to_stderr(text);
        }
    }

    /// Tells people something that helps to find a problem.
    pub(crate) fn detail(&self, text: &str) {
        if self.loudness >= Loudness::Verbose {
            to_stderr(text);
        }
    }

    /// Shows what a question is about; printed even where people want quiet.
    pub(crate) fn review(&self, text: &str) {
        to_stderr(text);
    }

    /// A spinner on stderr while something takes its time; hidden where nobody watches.
    pub(crate) fn spinner(&self, message: &str) -> ProgressBar {
        if self.loudness == Loudness::Quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
        let style = style.expect("the template is right");
        let spinner = ProgressBar::new_spinner().with_style(style);
        spinner.set_message(message.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(SPINNER_TICK_MS));
        spinner
    }

    fn document(&self, fields: &Map<String, Value>) {
        let mut document = Map::from_iter([("schema".to_owned(), SCHEMA.into())]);
        document.extend(fields.clone());
        to_stdout(&Value::Object(document).to_string());
    }

    fn emphasis(&self, text: &str) -> String {
        if is_colored(self.color, io::stderr().is_terminal()) {
            format!("\x1b[1;31m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn error_of(failure: &Failure) -> Value {
    let Failure { code, message, hint, data, .. } = failure;
    json!({ "code": code, "message": message, "hint": hint, "data": data })
}

/// Prints help on stdout, or what is wrong with a command line on stderr, no wider than terminals are.
pub(crate) fn usage(color: Color, error: &clap::Error) {
    let wrong = error.use_stderr();
    let watched = if wrong { io::stderr().is_terminal() } else { io::stdout().is_terminal() };
    let text = error.render();
    let text = if is_colored(color, watched) { text.ansi().to_string() } else { text.to_string() };
    let text = wrapped(text.trim_end(), COLUMNS);
    if wrong { to_stderr(&text) } else { to_stdout(&text) }
}

/// Whether to use colour on a stream that a terminal shows or not.
fn is_colored(color: Color, watched: bool) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            !refused && watched
        }
    }
}

fn to_stdout(text: &str) {
    // A reader that went away is no error: `tally … | head` ends well.
    let _ = writeln!(io::stdout(), "{text}");
}

fn to_stderr(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
