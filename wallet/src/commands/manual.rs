//! `tally completions` and `tally man`: what shells and `man` need, made from the command line itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;
use serde_json::json;

use crate::args::Cli;
use crate::failure::{Exit, Failure};
use crate::files::FileError;
use crate::output::Answer;

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tally completions bash > ~/.local/share/bash-completion/completions/tally
  tally completions zsh > ~/.zfunc/_tally
  tally completions fish > ~/.config/fish/completions/tally.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  tally man | man -l -
  tally man --dir ~/.local/share/man/man1     a page for every command";

/// Print what a shell needs to complete commands
#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual
#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArgs {
    /// Write a page for every command into this folder, which is there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs `tally completions`.
pub(super) fn completions(args: &CompletionsArgs) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tally", &mut script);
    let script = text(script)?;
    let shell = args.shell.to_possible_value().map(|value| value.get_name().to_owned());
    Ok(Answer::new(&json!({ "shell": shell, "script": script }), script))
}

/// Runs `tally man`.
pub(super) fn man(args: &ManArgs) -> Result<Answer, Failure> {
    let mut command = Cli::command();
    command.build();
    let Some(dir) = &args.dir else {
        let page = page(command)?;
        return Ok(Answer::new(&json!({ "page": page }), page));
    };
    let mut files = Vec::new();
    write_pages(dir, command, "tally", &mut files)?;
    let text = files.join("\n");
    Ok(Answer::new(&json!({ "files": files }), text))
}

fn write_pages(
    dir: &Path,
    command: clap::Command,
    name: &str,
    files: &mut Vec<String>,
) -> Result<(), Failure> {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let name = format!("{name}-{}", inner.get_name());
        write_pages(dir, inner.clone(), &name, files)?;
    }
    let path = dir.join(format!("{name}.1"));
    let page = page(command)?;
    fs::write(&path, page).map_err(|source| FileError::Io { path: path.clone(), source })?;
    files.push(path.display().to_string());
    Ok(())
}

fn page(command: clap::Command) -> Result<String, Failure> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|error| unexpected(&error))?;
    text(page)
}

fn text(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| unexpected(&io::Error::other(error)))
}

fn unexpected(error: &io::Error) -> Failure {
    Failure::new(Exit::Unexpected, "UNEXPECTED", error.to_string())
}
