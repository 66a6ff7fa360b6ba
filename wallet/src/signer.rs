//! Who signs a transaction or a quote: a key of the keystore, or a program that keeps the key elsewhere.

mod program;

use std::path::PathBuf;
use std::str::FromStr;

use chain::account::AccountId;
use chain::address::Network;
use chain::hash::Hash;
use chain::keys::{PublicKey, SecretKey};
use chain::witness::Witness;
use serde_json::Value;

use crate::args::PasswordArgs;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::keystore::KeyEntry;

/// A program that signs, as it is named on the command line: `exec:PROGRAM`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// The file that is run.
    path: PathBuf,
}

impl FromStr for Program {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("exec:") {
            Some(path) if !path.is_empty() => Ok(Self { path: path.into() }),
            _ => Err("a signer is written exec:PROGRAM"),
        }
    }
}

/// Who sends a transaction, and who signs it.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    /// Whose money pays.
    pub(crate) account: AccountId,
    /// Which network the account's address is of, where it was named by one.
    pub(crate) network: Option<Network>,
    /// What people call the signer.
    pub(crate) name: String,
    /// Who signs.
    pub(crate) means: Means,
}

/// What a signature comes from.
#[derive(Clone, Debug)]
pub(crate) enum Means {
    /// A key of the keystore.
    Key(KeyEntry),
    /// A program, and the key it signs with.
    Program(Program, PublicKey),
    /// Somebody else, later: the transaction goes into a file.
    Later,
}

/// What is to be signed, with what a program that signs is told of it.
#[derive(Clone, Debug)]
pub(crate) struct ToSign {
    /// The kind of network that it is for.
    pub(crate) network: Network,
    /// The chain that it is for.
    pub(crate) chain: Hash,
    /// What the signature is of.
    pub(crate) digest: Hash,
    /// The bytes that the digest is of.
    pub(crate) bytes: Vec<u8>,
    /// What it is, as `transaction`.
    pub(crate) kind: &'static str,
    /// What it says, as clients see it.
    pub(crate) view: Value,
}

/// A signer that is ready to sign: its password was right.
#[derive(Debug)]
pub(crate) enum Ready {
    /// The key is in memory.
    Key(Box<SecretKey>),
    /// The program is asked each time.
    Program(Program),
}

impl Signer {
    /// A key of the keystore that signs for its own account.
    pub(crate) fn key(entry: KeyEntry) -> Self {
        let (account, name) = (entry.account(), entry.name.to_string());
        Self { account, network: None, name, means: Means::Key(entry) }
    }

    /// A program that signs for the account of its key.
    ///
    /// # Errors
    /// [`Failure`] when it does not say which key it has.
    pub(crate) async fn program(program: Program) -> Result<Self, Failure> {
        let key = program.key().await?;
        let (account, name) = (AccountId::of_key(&key), program.to_string());
        Ok(Self { account, network: None, name, means: Means::Program(program, key) })
    }

    /// The same for the account of somebody else, as a deputy or one of several signs.
    #[must_use]
    pub(crate) fn on_behalf_of(self, account: AccountId, network: Option<Network>) -> Self {
        Self { account, network, ..self }
    }

    /// The key that signs, where it is known.
    pub(crate) const fn public_key(&self) -> Option<PublicKey> {
        match &self.means {
            Means::Key(entry) => Some(entry.public_key),
            Means::Program(_, key) => Some(*key),
            Means::Later => None,
        }
    }

    /// Makes the signer ready: asks for the password where there is one.
    ///
    /// # Errors
    /// [`Failure`] when the password is wrong or missing, or nobody is there to sign.
    pub(crate) fn unlock(
        &self,
        context: &Context,
        password: &PasswordArgs,
    ) -> Result<Ready, Failure> {
        match &self.means {
            Means::Key(entry) => {
                let password = context.password(password).ask(entry.name.as_str())?;
                let key = context.keystore.unlock(&entry.name, &password)?;
                Ok(Ready::Key(Box::new(key)))
            }
            Means::Program(program, _) => Ok(Ready::Program(program.clone())),
            Means::Later => {
                let message = "nobody was named who signs";
                Err(Failure::usage(message).hint("name a key with --key, or write --build FILE"))
            }
        }
    }
}

impl Ready {
    /// Signs something. The signature verifies.
    ///
    /// # Errors
    /// [`Failure`] when a program does not sign, or signs something else.
    pub(crate) async fn sign(&self, what: &ToSign) -> Result<Witness, Failure> {
        match self {
            Self::Key(key) => {
                let signature = key.sign(&what.digest);
                Ok(Witness { key: key.public_key(), signature })
            }
            Self::Program(program) => program.sign(what).await,
        }
    }
}

/// A signer that did not do as asked.
fn failed(message: String) -> Failure {
    Failure::new(Exit::Keystore, "SIGNER_FAILED", message)
}
