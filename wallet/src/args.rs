//! The command line: one noun a command, and the options that all of them share.

use std::path::PathBuf;
use std::str::FromStr;

use chain::id::ObjectId;
use clap::{Args, Parser, Subcommand};

use crate::commands::{
    AccountCommand, AgentCommand, ApproveArgs, AuthorityCommand, CashierCommand, ChannelCommand,
    CompletionsArgs, ConfigCommand, ContractCommand, HoldCommand, HostCommand, KeyCommand, ManArgs,
    MarketCommand, OrderCommand, ProposalCommand, ProposeCommand, QuoteCommand, RefundArgs,
    SendArgs, StandingCommand, StatusArgs, TxCommand, VerifyCommand, WithdrawArgs,
};
use crate::compose::VALID_FOR_BLOCKS;
use crate::failure::Failure;
use crate::keystore::KeyName;
use crate::output::{Color, Format};
use crate::signer::Program;

const EXAMPLES: &str = "\
Examples:
  tally key new alice                         make a key
  tally account show alice                    see what it has
  tally send bob 1.5TLY --memo rent           pay somebody
  tally market depth cpu                      see what is on offer
  tally --json tx show HASH                   the same for programs

Settings, each overruled by those before it: a flag; an environment variable
(TALLY_HOME, TALLY_PROFILE, TALLY_NODE, TALLY_NETWORK, TALLY_CHAIN, TALLY_KEY,
TALLY_SIGNER, TALLY_PASSWORD_FILE, TALLY_OUTPUT, TALLY_COLOR); the profile in
config.toml in the wallet's home ('tally config'); the default. NO_COLOR is
heeded where nobody says otherwise.

Exit codes: 0 done, 1 unexpected, 2 usage, 3 network, 4 rejected, 5 in a block
but failed (nonce and fee are spent), 6 expired or unknown, 7 keystore,
8 declined, 130 interrupted.";

/// Keys, payments and the market of a Tally network.
#[derive(Debug, Parser)]
#[command(name = "tally", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// What all commands share.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options that all commands share.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Globals {
    /// Where keys, vouchers and settings are [default: tally/wallet in the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) home: Option<PathBuf>,
    /// Which settings of config.toml to use [default: default]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The node to ask [default: http://127.0.0.1:7645]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) node: Option<String>,
    /// The kind of network that is meant: main, test or dev; a node of another one is refused
    #[arg(long, global = true, value_name = "NETWORK")]
    pub(crate) network: Option<String>,
    /// The chain that is meant; a node of another one is refused [default: the one seen first]
    #[arg(long, global = true, value_name = "HASH")]
    pub(crate) chain: Option<String>,
    /// For whom to print: text for people, json for programs (one document, errors too)
    #[arg(long, global = true, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub(crate) output: Option<Format>,
    /// The same as --output json
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print nothing but the answer
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Print what helps to find a problem
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// When to use colour: auto, always or never [default: auto]
    #[arg(long, global = true, value_name = "WHEN", value_enum, hide_possible_values = true)]
    pub(crate) color: Option<Color>,
}

impl Globals {
    /// These, and what they leave open as `others` say.
    pub(crate) fn over(self, others: Self) -> Self {
        Self {
            home: self.home.or(others.home),
            profile: self.profile.or(others.profile),
            node: self.node.or(others.node),
            network: self.network.or(others.network),
            chain: self.chain.or(others.chain),
            output: self.output.or(others.output),
            json: self.json || others.json,
            quiet: self.quiet || others.quiet,
            verbose: self.verbose || others.verbose,
            color: self.color.or(others.color),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make, keep and write down keys
    #[command(subcommand)]
    Key(KeyCommand),
    /// What an account has, what it is called, and who signs for it
    #[command(subcommand)]
    Account(AccountCommand),
    /// Keys that may do some things for your account
    #[command(subcommand)]
    Agent(AgentCommand),
    /// Propose a change to the other authorities
    #[command(subcommand)]
    Propose(ProposeCommand),
    /// Approve what another authority proposed
    Approve(ApproveArgs),
    /// What authorities are to agree on
    #[command(subcommand)]
    Proposal(ProposalCommand),
    /// Who votes, and what an authority does with its own keys
    #[command(subcommand)]
    Authority(AuthorityCommand),
    /// Pay somebody
    Send(SendArgs),
    /// Ask the cashier to pay money out
    Withdraw(WithdrawArgs),
    /// Give back some of what a hold, contract or channel paid you
    Refund(RefundArgs),
    /// Money set aside for somebody, taken out step by step
    #[command(subcommand)]
    Hold(HoldCommand),
    /// Needs and offers of your own
    #[command(subcommand)]
    Order(OrderCommand),
    /// Deals that one side signs outside the chain, and the other accepts
    #[command(subcommand)]
    Quote(QuoteCommand),
    /// Computers whose capacity you sell
    #[command(subcommand)]
    Host(HostCommand),
    /// Orders that are placed anew every week
    #[command(subcommand)]
    Standing(StandingCommand),
    /// What is traded, and at which prices
    #[command(subcommand)]
    Market(MarketCommand),
    /// Matched deals
    #[command(subcommand)]
    Contract(ContractCommand),
    /// Prepaid money, paid out by vouchers that need no transaction
    #[command(subcommand)]
    Channel(ChannelCommand),
    /// For the cashier: money that comes from outside and goes there
    #[command(subcommand)]
    Cashier(CashierCommand),
    /// Transactions and how they ended
    #[command(subcommand)]
    Tx(TxCommand),
    /// Check what a node shows against the authorities of the chain, trusting no node
    #[command(subcommand)]
    Verify(VerifyCommand),
    /// The network and the node at a glance
    Status(StatusArgs),
    /// The settings, and who said what they are
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check the wallet, the node and the clock, and say what to do
    Doctor,
    /// Print what a shell needs to complete commands
    Completions(CompletionsArgs),
    /// Print the manual
    Man(ManArgs),
}

/// The options of every command that signs.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Signing")]
pub(crate) struct SignArgs {
    /// The key that signs and pays [default: TALLY_KEY, the profile's, or the only one there is]
    #[arg(long, value_name = "NAME")]
    pub(crate) key: Option<KeyName>,
    /// Sign without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Where the password comes from.
    #[command(flatten)]
    pub(crate) password: PasswordArgs,
    /// A program that signs in place of a key, as exec:./signer [default: TALLY_SIGNER]
    #[arg(long, value_name = "exec:PROGRAM", conflicts_with = "key")]
    pub(crate) signer: Option<Program>,
    /// The account that sends and pays: an address, or a key of your own [default: the signer's]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) sender: Option<String>,
    /// Print the hash and do not wait for the end
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// For how many blocks the transaction is valid
    #[arg(long, value_name = "BLOCKS", default_value_t = VALID_FOR_BLOCKS)]
    pub(crate) valid_for: u64,
    /// Show what the transaction would do, and neither sign nor send it
    #[arg(long, conflicts_with_all = SIGNING)]
    pub(crate) dry_run: bool,
    /// Write the transaction to FILE for 'tally tx sign', and neither sign nor send it
    #[arg(long, value_name = "FILE", conflicts_with_all = SIGNING, conflicts_with_all = ["dry_run", "signer"])]
    pub(crate) build: Option<PathBuf>,
    /// How many keys will sign the file, for the fee [default: 1]
    #[arg(long, value_name = "N", requires = "build")]
    pub(crate) signatures: Option<u8>,
}

/// The options that mean nothing where nothing is signed.
const SIGNING: [&str; 4] = ["yes", "no_wait", "password_file", "password_stdin"];

/// Where a key's password comes from.
#[derive(Clone, Debug, Args)]
pub(crate) struct PasswordArgs {
    /// Read the password from the first line of this file [default: TALLY_PASSWORD_FILE, or ask]
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the password from the first line of stdin
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// Whose affairs are shown.
#[derive(Clone, Debug, Args)]
pub(crate) struct AccountArgs {
    /// The account: an address or the name of a key [default: the key that would sign]
    pub(crate) account: Option<String>,
    /// The same by the name of a key, as commands that sign take it
    #[arg(long, value_name = "NAME", conflicts_with = "account")]
    pub(crate) key: Option<KeyName>,
}

/// The options of every command that lists.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Listing")]
pub(crate) struct ListArgs {
    /// How many to list at most, up to 200
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(crate) limit: u16,
    /// Where to go on: what the list before said
    #[arg(long, value_name = "CURSOR")]
    pub(crate) cursor: Option<String>,
}

/// An amount or price as it was written, with a unit. Which units there are, the network says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AmountText(pub String);

impl FromStr for AmountText {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let starts_as_number = text.starts_with(|char: char| char.is_ascii_digit());
        let has_unit = text.ends_with(|char: char| char.is_ascii_alphabetic());
        match (starts_as_number, has_unit) {
            (true, true) => Ok(Self(text.to_owned())),
            (true, false) => Err("an amount needs a unit, as in 1.5TLY or 1500000utly"),
            (false, _) => Err("an amount begins with a digit and ends with a unit, as 1.5TLY"),
        }
    }
}

/// Reads the name of a hold, order, contract or channel.
///
/// # Errors
/// A sentence for people when it is none.
pub(crate) fn object_id(text: &str) -> Result<ObjectId, &'static str> {
    ObjectId::from_hex(text).ok_or("a name of 64 hexadecimal digits is expected")
}

/// Reads the hash of a transaction.
///
/// # Errors
/// A sentence for people when it is none.
pub(crate) fn hash(text: &str) -> Result<chain::hash::Hash, &'static str> {
    chain::hash::Hash::from_hex(text).ok_or("a hash of 64 hexadecimal digits is expected")
}

/// What clap says about a wrong command line, as a failure.
pub(crate) fn usage(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let failure = Failure::usage(message);
    match rest.trim() {
        "" => failure,
        rest => failure.hint(rest.split_whitespace().collect::<Vec<_>>().join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn examples_fit_80_columns() {
        fn wide(command: &clap::Command, found: &mut Vec<String>) {
            let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines = text.lines().filter(|line| line.chars().count() > 80);
            found.extend(lines.map(|line| format!("{}: {line}", command.get_name())));
            command.get_subcommands().for_each(|command| wide(command, found));
        }
        let mut found = Vec::new();
        wide(&Cli::command(), &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn no_flag_takes_a_secret() {
        fn flags(command: &clap::Command, found: &mut Vec<String>) {
            let takes_value = |arg: &&clap::Arg| arg.get_action().takes_values();
            let long = |arg: &clap::Arg| arg.get_long().map(ToOwned::to_owned);
            found.extend(command.get_arguments().filter(takes_value).filter_map(long));
            command.get_subcommands().for_each(|command| flags(command, found));
        }
        let mut found = Vec::new();
        flags(&Cli::command(), &mut found);
        assert!(found.iter().any(|flag| flag == "password-file"));
        for word in ["password", "secret", "words", "private", "mnemonic", "seed"] {
            let secret = |flag: &&String| flag.contains(word) && !flag.ends_with("-file");
            assert_eq!(found.iter().find(secret), None, "{word}");
        }
    }

    #[test]
    fn amounts_need_a_unit() {
        assert!("1.5TLY".parse::<AmountText>().is_ok());
        for text in ["", "1", "1.5", "TLY", "-1TLY", "1TLY!"] {
            assert!(text.parse::<AmountText>().is_err(), "{text}");
        }
    }
}
