//! The program from its arguments to its exit code.

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Cli, usage};
use crate::commands;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::keystore::Keystore;
use crate::output::{Answer, Color, Format, Loudness, Output};
use crate::settings::{self, Settings, variable};

/// Runs the program with `arguments`, the first of which is its own name, and prints what comes of it.
pub async fn run(arguments: Vec<OsString>) -> Exit {
    let format = early_format(&arguments);
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, format),
    };
    let output = match settings::output(&cli.globals) {
        Ok(output) => output,
        Err(failure) => return failed(&plain(format), &failure),
    };
    match execute(cli, output).await {
        Ok(answer) => {
            output.answer(&answer);
            Exit::Done
        }
        Err(failure) => failed(&output, &failure),
    }
}

async fn execute(cli: Cli, output: Output) -> Result<Answer, Failure> {
    let Cli { globals, command } = cli;
    let settings = Settings::resolve(&globals)?;
    let keystore = Keystore::below(&settings.home);
    commands::run(&Context { settings, output, keystore }, command).await
}

fn failed(output: &Output, failure: &Failure) -> Exit {
    output.failure(failure);
    failure.exit
}

/// What clap has to say: help and version as they are, the rest as a failure.
fn refused(error: &clap::Error, format: Format) -> Exit {
    let shown = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if shown || format == Format::Text {
        // A reader that went away is no error.
        let _ = error.print();
        return if error.exit_code() == 0 { Exit::Done } else { Exit::Usage };
    }
    failed(&plain(format), &usage(error))
}

/// For whom to print, for failures before the arguments are understood.
fn early_format(arguments: &[OsString]) -> Format {
    let flagged =
        arguments.iter().any(|argument| argument == "--json" || argument == "--output=json");
    let pair = |pair: &[OsString]| pair[0] == "--output" && pair[1] == "json";
    let environment = variable("TALLY_OUTPUT").is_some_and(|value| value == "json");
    if flagged || arguments.windows(2).any(pair) || environment {
        Format::Json
    } else {
        Format::Text
    }
}

fn plain(format: Format) -> Output {
    Output { format, loudness: Loudness::Normal, color: Color::Auto }
}
