//! The program from its arguments to its exit code.

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use crate::args::{Cli, Command, usage};
use crate::commands::{self, TxCommand};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{self, Answer, Color, Format, Loudness, Output};
use crate::settings::{self, Settings, variable};

/// Runs the program with `arguments`, the first of which is its own name, and prints what comes of it.
pub async fn run(arguments: Vec<OsString>) -> Exit {
    let format = early_format(&arguments);
    let color = early_color(&arguments);
    let program = arguments.first().cloned().unwrap_or_default();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, format, color),
    };
    let Cli { globals, command } = match written_once(program, cli) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, format, color),
    };
    let early = match settings::early_output(&globals) {
        Ok(output) => output,
        Err(failure) => return failed(&plain(format), &failure),
    };
    let settings = match Settings::resolve(&globals) {
        Ok(settings) => settings,
        Err(failure) => return failed(&early, &failure),
    };
    let output = settings.output.clone();
    match execute(settings, command).await {
        Ok(answer) => {
            output.answer(&answer);
            answer.exit
        }
        Err(failure) => failed(&output, &failure),
    }
}

/// When to use colour, before the arguments are understood.
fn early_color(arguments: &[OsString]) -> Color {
    let text = |argument: &OsString| argument.to_str().map(ToOwned::to_owned);
    let joined = arguments.iter().filter_map(text);
    let joined = joined.filter_map(|it| it.strip_prefix("--color=").map(ToOwned::to_owned)).next();
    let mut pairs = arguments.windows(2).filter(|pair| pair[0] == "--color");
    let flag = joined.or_else(|| pairs.next().and_then(|pair| text(&pair[1])));
    match flag.or_else(|| variable("TALLY_COLOR")).as_deref() {
        Some("always") => Color::Always,
        Some("never") => Color::Never,
        _ => Color::Auto,
    }
}

/// `tx build FILE COMMAND…` is another way to write `COMMAND… --build FILE`.
fn written_once(program: OsString, cli: Cli) -> Result<Cli, clap::Error> {
    let Cli { globals, command: Command::Tx(TxCommand::Build(build)) } = cli else {
        return Ok(cli);
    };
    let file = [OsString::from("--build"), build.file.into()];
    let inner = Cli::try_parse_from([program].into_iter().chain(build.command).chain(file))?;
    Ok(Cli { globals: inner.globals.over(globals), command: inner.command })
}

async fn execute(settings: Settings, command: Command) -> Result<Answer, Failure> {
    if !matches!(command, Command::Config(_)) {
        settings.check_profile()?;
    }
    let context = Context::new(settings);
    context.interrupt.watch(&context.output);
    commands::run(&context, command).await
}

fn failed(output: &Output, failure: &Failure) -> Exit {
    output.failure(failure);
    failure.exit
}

/// What clap has to say: help and version as they are, the rest as a failure.
fn refused(error: &clap::Error, format: Format, color: Color) -> Exit {
    let shown = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if shown || format == Format::Text {
        output::usage(color, error);
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
    Output::new(format, Loudness::Normal, Color::Auto)
}
