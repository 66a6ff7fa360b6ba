//! `tally key`: make, keep and write down keys.

mod foreign;
mod qr;

use std::path::PathBuf;

use chain::address;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::args::PasswordArgs;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::keystore::secret::{KeyPath, Secret};
use crate::keystore::{KeyEntry, KeyName, KeystoreError, Listed, Password};
use crate::output::Answer;
use crate::prompt::{self, PasswordSource};
use crate::settings::network_name;
use crate::text::{facts, table};

const NEW_EXAMPLES: &str = "\
Examples:
  tally key new alice
  tally key new alice --password-file alice.password --json

The 24 words are shown once: whoever has them has the key. 'tally key export'
shows them again.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  tally key import alice                    asks for the words
  tally key import alice --index 1          the second key of the same words
  tally key import alice --secret-file words.txt --password-file alice.password
  tally key import faucet --private-key     asks for 64 hexadecimal digits
  tally key import old --v3 keystore.json   a file of Web3 Secret Storage";

/// Make, keep and write down keys
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key from 24 new words
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Bring a key from words or a private key
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(ImportArgs),
    /// List the keys
    List,
    /// Show a key's address and public key
    Show {
        /// The key
        name: KeyName,
    },
    /// Give a key another name
    Rename {
        /// The key
        from: KeyName,
        /// Its new name
        to: KeyName,
    },
    /// Remove a key for good; without its words its money is lost
    Delete {
        /// The key
        name: KeyName,
        /// Delete without asking
        #[arg(long, short)]
        yes: bool,
    },
    /// Show a key's words, or its private key, or write it as a file of other wallets
    Export(ExportArgs),
    /// Show a key's address as a square for cameras
    Qr {
        /// The key
        name: KeyName,
    },
    /// Put a key under another password
    ChangePassword(ChangePasswordArgs),
}

/// The arguments of `key new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What to call the key
    name: KeyName,
    #[command(flatten)]
    path: PathArgs,
    #[command(flatten)]
    password: PasswordArgs,
}

/// The arguments of `key import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// What to call the key
    name: KeyName,
    /// Read the words or the private key from this file; - is stdin
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Import a private key instead of words
    #[arg(long, conflicts_with_all = ["account", "index"])]
    private_key: bool,
    /// Import a key file of Web3 Secret Storage, version 3
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "index", "private_key", "secret_file"])]
    v3: Option<PathBuf>,
    /// Read the password of the --v3 file from the first line of this file
    #[arg(long, value_name = "FILE", requires = "v3")]
    v3_password_file: Option<PathBuf>,
    #[command(flatten)]
    path: PathArgs,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Where a key lies below its words.
#[derive(Debug, Args)]
pub(crate) struct PathArgs {
    /// Which purse below the words
    #[arg(long, value_name = "N", default_value_t = 0)]
    account: u32,
    /// Which key of the purse
    #[arg(long, value_name = "N", default_value_t = 0)]
    index: u32,
}

/// The arguments of `key export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The key
    name: KeyName,
    /// Show the private key even if there are words
    #[arg(long)]
    private_key: bool,
    /// Write a key file of Web3 Secret Storage, version 3, under a password of its own
    #[arg(long, value_name = "FILE", conflicts_with = "private_key")]
    v3: Option<PathBuf>,
    /// Read the password of the --v3 file from the first line of this file
    #[arg(long, value_name = "FILE", requires = "v3")]
    v3_password_file: Option<PathBuf>,
    /// Show it without asking
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// The arguments of `key change-password`.
#[derive(Debug, Args)]
pub(crate) struct ChangePasswordArgs {
    /// The key
    name: KeyName,
    /// Read the new password from the first line of this file
    #[arg(long, value_name = "FILE")]
    new_password_file: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs `tally key`.
pub(super) fn run(context: &Context, command: KeyCommand) -> Result<Answer, Failure> {
    match command {
        KeyCommand::New(args) => new(context, &args),
        KeyCommand::Import(args) => import(context, &args),
        KeyCommand::List => list(context),
        KeyCommand::Show { name } => show(context, &name),
        KeyCommand::Rename { from, to } => rename(context, &from, &to),
        KeyCommand::Delete { name, yes } => {
            if !yes {
                prompt::confirm(&format!("Delete key '{name}' for good?"))?;
            }
            delete(context, &name)
        }
        KeyCommand::Export(args) => match &args.v3 {
            Some(file) => foreign::export(context, &args, file),
            None => export(context, &args),
        },
        KeyCommand::Qr { name } => qr::run(&address_of(context, &context.keystore.entry(&name)?)),
        KeyCommand::ChangePassword(args) => change_password(context, &args),
    }
}

fn new(context: &Context, args: &NewArgs) -> Result<Answer, Failure> {
    check_free(context, &args.name)?;
    let secret = Secret::generate(path(context, &args.path)?).map_err(|error| {
        let message = format!("the system has no randomness to give: {error}");
        Failure::new(Exit::Unexpected, "NO_RANDOMNESS", message)
    })?;
    let password = new_password(context, &args.password, &args.name)?;
    let entry = context.keystore.insert(&args.name, &secret, &password)?;
    let words = secret.words().expect("a generated secret has words");
    let text = format!(
        "{}\nWrite these 24 words down, in order, and keep them safe: they are the key.\n\n{}",
        facts(&shown(context, &entry)),
        numbered(&words)
    );
    Ok(Answer::new(&document(context, &entry), text).with("words", &*words))
}

fn import(context: &Context, args: &ImportArgs) -> Result<Answer, Failure> {
    check_free(context, &args.name)?;
    let secret = match &args.v3 {
        Some(file) => foreign::open(args, file)?,
        None => typed_secret(context, args)?,
    };
    let password = new_password(context, &args.password, &args.name)?;
    let entry = context.keystore.insert(&args.name, &secret, &password)?;
    Ok(Answer::new(&document(context, &entry), facts(&shown(context, &entry))))
}

fn typed_secret(context: &Context, args: &ImportArgs) -> Result<Secret, Failure> {
    let text = match &args.secret_file {
        Some(path) if path.as_os_str() == "-" && args.password.password_stdin => {
            return Err(Failure::usage("--secret-file - and --password-stdin both read stdin"));
        }
        Some(path) => prompt::secret_file(path)?,
        None if args.private_key => prompt::hidden("Private key: ", "--secret-file")?,
        None => prompt::hidden("Words, with spaces between them: ", "--secret-file")?,
    };
    Ok(if args.private_key {
        Secret::from_private_key(&text)?
    } else {
        Secret::from_words(&text, path(context, &args.path)?)?
    })
}

fn list(context: &Context) -> Result<Answer, Failure> {
    let listed = context.keystore.list()?;
    let item = |(name, entry): &Listed| match entry {
        Ok(entry) => document(context, entry),
        Err(error) => json!({ "name": name.as_str(), "error": error.to_string() }),
    };
    let documents: Vec<Value> = listed.iter().map(item).collect();
    let row = |(name, entry): &Listed| {
        let address = entry.as_ref().map(|entry| address_of(context, entry));
        vec![name.to_string(), address.unwrap_or_else(|error| format!("BAD: {error}"))]
    };
    let rows = listed.iter().map(row).collect();
    let text = table(&["NAME", "ADDRESS"], rows, "no keys yet: make one with 'tally key new NAME'");
    Ok(Answer::new(&json!({ "items": documents }), text))
}

fn show(context: &Context, name: &KeyName) -> Result<Answer, Failure> {
    let entry = context.keystore.entry(name)?;
    Ok(Answer::new(&document(context, &entry), facts(&shown(context, &entry))))
}

fn rename(context: &Context, from: &KeyName, to: &KeyName) -> Result<Answer, Failure> {
    context.keystore.rename(from, to)?;
    let entry = context.keystore.entry(to)?;
    Ok(Answer::new(&document(context, &entry), format!("key '{from}' is now '{to}'")))
}

fn delete(context: &Context, name: &KeyName) -> Result<Answer, Failure> {
    context.keystore.delete(name)?;
    let document = json!({ "name": name.as_str(), "deleted": true });
    Ok(Answer::new(&document, format!("key '{name}' is deleted")))
}

fn export(context: &Context, args: &ExportArgs) -> Result<Answer, Failure> {
    if !args.yes {
        prompt::confirm(&format!("Show the secret of key '{}' on this screen?", args.name))?;
    }
    let password = context.password(&args.password).ask(args.name.as_str())?;
    let secret = context.keystore.reveal(&args.name, &password)?;
    let entry = context.keystore.entry(&args.name)?;
    let document = document(context, &entry);
    let answer = match secret.words().filter(|_| !args.private_key) {
        Some(words) => Answer::new(&document, words.as_str()).with("words", &*words),
        None => {
            let private_key = hex::encode(*secret.private_key()?);
            Answer::new(&document, private_key.as_str()).with("private_key", &private_key)
        }
    };
    Ok(answer)
}

fn change_password(context: &Context, args: &ChangePasswordArgs) -> Result<Answer, Failure> {
    let old = context.password(&args.password).ask(args.name.as_str())?;
    let source = match &args.new_password_file {
        Some(path) => PasswordSource::File(path.clone()),
        None => PasswordSource::Prompt,
    };
    let new = source.ask_new(args.name.as_str(), "--new-password-file")?;
    context.keystore.change_password(&args.name, &old, &new)?;
    let entry = context.keystore.entry(&args.name)?;
    let text = format!("key '{}' is under the new password", args.name);
    Ok(Answer::new(&document(context, &entry), text))
}

fn check_free(context: &Context, name: &KeyName) -> Result<(), Failure> {
    match context.keystore.entry(name) {
        Err(KeystoreError::Unknown(..)) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(KeystoreError::Taken(name.clone()).into()),
    }
}

fn new_password(
    context: &Context,
    args: &PasswordArgs,
    name: &KeyName,
) -> Result<Password, Failure> {
    context.password(args).ask_new(name.as_str(), "--password-file")
}

fn path(context: &Context, args: &PathArgs) -> Result<KeyPath, Failure> {
    let network = context.settings.network_offline();
    KeyPath::new(network, args.account, args.index)
        .ok_or_else(|| Failure::usage("--account and --index are below 2147483648"))
}

fn address_of(context: &Context, entry: &KeyEntry) -> String {
    address::encode(context.settings.network_offline(), &entry.account())
}

fn document(context: &Context, entry: &KeyEntry) -> Value {
    json!({
        "name": entry.name.as_str(),
        "network": network_name(context.settings.network_offline()),
        "address": address_of(context, entry),
        "public_key": entry.public_key.to_string(),
        "path": entry.path.map(|path| path.to_string()),
        "created": entry.created,
    })
}

fn shown(context: &Context, entry: &KeyEntry) -> Vec<(&'static str, String)> {
    let path =
        entry.path.map_or_else(|| "none (a private key)".to_owned(), |path| path.to_string());
    vec![
        ("name", entry.name.to_string()),
        ("network", network_name(context.settings.network_offline()).to_owned()),
        ("address", address_of(context, entry)),
        ("public key", entry.public_key.to_string()),
        ("path", path),
        ("created", crate::text::escape(&entry.created)),
    ]
}

/// Words with their numbers, six a line.
fn numbered(words: &str) -> String {
    let words: Vec<String> =
        words.split(' ').enumerate().map(|(at, word)| format!("{:>2} {word:<9}", at + 1)).collect();
    words.chunks(6).map(|line| format!("  {}\n", line.join(" ").trim_end())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_numbered_six_a_line() {
        let shown = numbered(&["word"; 24].join(" "));
        assert_eq!(shown.lines().count(), 4);
        assert!(shown.lines().next().unwrap().starts_with("   1 word"));
        assert!(shown.trim_end().ends_with("24 word"));
    }
}
