//! Questions to the user. Without a terminal a missing answer is an error that names the flag.

use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::failure::{Exit, Failure};
use crate::files;
use crate::keystore::{PASSWORD_BYTES_MAX, Password};

/// Bytes of a secret that is read from a file or stdin, at most.
const SECRET_BYTES_MAX: u64 = 4 * 1024;

/// Where a password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PasswordSource {
    /// Its owner types it.
    Prompt,
    /// The first line of a file.
    File(PathBuf),
    /// The first line of stdin.
    Stdin,
}

impl PasswordSource {
    /// The password of a key that exists.
    ///
    /// # Errors
    /// [`Failure`] when there is none to be had, or it is too short to be right.
    pub(crate) fn ask(&self, name: &str) -> Result<Password, Failure> {
        let text = match self {
            Self::Prompt => hidden(&format!("Password of key '{name}': "), "--password-file")?,
            Self::File(path) => first_line_of(path)?,
            Self::Stdin => first_line_of_stdin()?,
        };
        // A password that is too short or long is wrong, and says no more about the right one.
        Password::new(&text).map_err(|_| {
            Failure::new(Exit::Keystore, "WRONG_PASSWORD", format!("key '{name}': wrong password"))
        })
    }

    /// The password of a file that another wallet wrote, of any length. `flag` is what else could have given
    /// it.
    ///
    /// # Errors
    /// [`Failure`] when there is none to be had.
    pub(crate) fn ask_foreign(
        &self,
        question: &str,
        flag: &str,
    ) -> Result<Zeroizing<String>, Failure> {
        match self {
            Self::Prompt => hidden(question, flag),
            Self::File(path) => first_line_of(path),
            Self::Stdin => first_line_of_stdin(),
        }
    }

    /// A new password; typed twice where it is typed. `flag` is what else could have given it.
    ///
    /// # Errors
    /// [`Failure`] when there is none to be had, it is too short, or typed differently the second time.
    pub(crate) fn ask_new(&self, name: &str, flag: &str) -> Result<Password, Failure> {
        let text = match self {
            Self::Prompt => {
                let question = format!("New password for key '{name}' (8 characters or more): ");
                let first = hidden(&question, flag)?;
                // What cannot be taken is said before it is typed again.
                Password::new(&first)?;
                if hidden("The same again: ", flag)? != first {
                    let message = "the two passwords differ";
                    return Err(Failure::new(Exit::Keystore, "PASSWORDS_DIFFER", message));
                }
                first
            }
            Self::File(path) => first_line_of(path)?,
            Self::Stdin => first_line_of_stdin()?,
        };
        Ok(Password::new(&text)?)
    }
}

/// Asks for something secret without showing it.
///
/// # Errors
/// [`Failure`] naming `flag` when there is no terminal to ask on.
pub(crate) fn hidden(question: &str, flag: &str) -> Result<Zeroizing<String>, Failure> {
    check_terminal(question, flag)?;
    rpassword::prompt_password(question).map(Zeroizing::new).map_err(|error| no_answer(&error))
}

/// Asks whether to go on; anything but a yes is a no.
///
/// # Errors
/// [`Failure`] when the user declines, or there is no terminal to ask on.
pub(crate) fn confirm(question: &str) -> Result<(), Failure> {
    check_terminal(question, "--yes")?;
    let mut answer = String::new();
    write!(io::stderr(), "{question} [y/N] ")
        .and_then(|()| io::stdin().lock().take(64).read_line(&mut answer))
        .map_err(|error| no_answer(&error))?;
    match answer.trim() {
        "y" | "Y" | "yes" | "Yes" => Ok(()),
        _ => {
            Err(Failure::new(Exit::Declined, "DECLINED", "declined: nothing was signed or changed"))
        }
    }
}

/// Reads a secret of several words from a file; `-` is stdin.
///
/// # Errors
/// [`Failure`] when it cannot be read or is no text.
pub(crate) fn secret_file(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::with_capacity(2 * SECRET_BYTES_MAX as usize);
        let read = io::stdin().lock().take(SECRET_BYTES_MAX).read_to_end(&mut bytes);
        read.map_err(|error| no_answer(&error))?;
        bytes
    } else {
        files::read_bounded(path, SECRET_BYTES_MAX)?
    };
    text(bytes)
}

fn first_line_of(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let whole = text(files::read_bounded(path, SECRET_BYTES_MAX)?)?;
    Ok(Zeroizing::new(whole.lines().next().unwrap_or_default().to_owned()))
}

fn first_line_of_stdin() -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(String::new());
    let bytes_max = u64::try_from(PASSWORD_BYTES_MAX + 2).unwrap_or(u64::MAX);
    let read = io::stdin().lock().take(bytes_max).read_line(&mut line);
    read.map_err(|error| no_answer(&error))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn text(bytes: Vec<u8>) -> Result<Zeroizing<String>, Failure> {
    String::from_utf8(bytes)
        .map(Zeroizing::new)
        .map_err(|_| Failure::new(Exit::Keystore, "SECRET_INVALID", "the secret is not text"))
}

fn check_terminal(question: &str, flag: &str) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    let question = question.trim_end_matches([' ', ':']);
    let message = format!("there is no terminal to ask: {question}");
    Err(Failure::new(Exit::Usage, "ANSWER_MISSING", message).hint(format!("answer with {flag}")))
}

fn no_answer(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::Interrupted => Failure::new(Exit::Interrupted, "INTERRUPTED", "interrupted"),
        _ => Failure::new(
            Exit::Unexpected,
            "INPUT_ERROR",
            format!("cannot read the answer: {error}"),
        ),
    }
}
