//! How the program ends when it does not end well: an exit code that scripts rely on, a code and a
//! sentence, a hint what to do next, and the facts.

use std::borrow::Cow;

use rpc::client::{ClientError, Refusal, UrlInvalid};
use rpc::types::RejectionView;
use serde_json::{Value, json};

use crate::compose::ComposeError;
use crate::files::FileError;
use crate::keystore::secret::SecretInvalid;
use crate::keystore::v3::V3Error;
use crate::keystore::{KeystoreError, PasswordInvalid, SealError};
use crate::pending::PendingError;
use crate::quote_file::QuoteFileError;
use crate::transaction_file::TransactionFileError;
use crate::vouchers::VoucherRefused;
use crate::when::WhenInvalid;

/// The program's exit codes. They are public and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// Something nobody expected.
    Unexpected = 1,
    /// The command line, or a value on it, is wrong.
    Usage = 2,
    /// The node cannot be reached, or is one of another network.
    Network = 3,
    /// The transaction was refused; it cost nothing.
    Rejected = 4,
    /// The transaction is in a block and had no effect; nonce and fee are spent.
    Failed = 5,
    /// The transaction expired, or what was asked for is not known.
    Unknown = 6,
    /// The keystore refused.
    Keystore = 7,
    /// The user said no.
    Declined = 8,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}

/// Why a command did not end well.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// What the program exits with.
    pub(crate) exit: Exit,
    /// A name that never changes its meaning, as `NONCE_TOO_LOW`.
    pub(crate) code: Cow<'static, str>,
    /// What went wrong, for people.
    pub(crate) message: String,
    /// What to do next, for people.
    pub(crate) hint: Option<String>,
    /// The facts of the case.
    pub(crate) data: Value,
}

impl Failure {
    /// A failure without hint and facts.
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        let (message, data) = (message.into(), json!({}));
        Self { exit, code: code.into(), message, hint: None, data }
    }

    /// A wrong command line.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "USAGE", message)
    }

    /// The same with a hint what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with the facts of the case.
    #[must_use]
    pub(crate) fn data(mut self, data: Value) -> Self {
        self.data = data;
        self
    }

    /// A transaction that the rules refused at the door.
    pub(crate) fn rejected(rejection: &RejectionView) -> Self {
        let failure = Self::new(Exit::Rejected, "", &rejection.message);
        let data = json!({ "rejection": rejection.code });
        let hint = rejection_hint(&rejection.name);
        Self { code: rejection.name.clone().into(), hint, data, ..failure }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let message = error.to_string();
        match error {
            ClientError::Unreachable { .. } => {
                Self::new(Exit::Network, "NODE_UNREACHABLE", message)
                    .hint("is the node running? name another one with --node URL")
            }
            ClientError::Timeout { .. } => Self::new(Exit::Network, "NODE_TIMEOUT", message),
            ClientError::Incompatible { .. } => {
                Self::new(Exit::Network, "NODE_INCOMPATIBLE", message)
                    .hint("is the URL that of a Tally node of this version?")
            }
            ClientError::Refused(refusal) => refused(refusal),
        }
    }
}

fn refused(refusal: Refusal) -> Failure {
    let exit = match refusal.name.as_str() {
        _ if refusal.data.get("rejection").is_some() => Exit::Rejected,
        "TRANSACTION_MALFORMED"
        | "SIGNATURE_INVALID"
        | "MEMPOOL_FULL"
        | "SENDER_FULL"
        | "NONCE_TAKEN" => Exit::Rejected,
        "NOT_FOUND" | "MARKET_UNKNOWN" | "HEIGHT_UNAVAILABLE" | "HISTORY_OFF" => Exit::Unknown,
        "PARAMS_INVALID" | "ADDRESS_INVALID" | "CURSOR_INVALID" => Exit::Usage,
        "SHUTTING_DOWN" | "TIMEOUT" | "HOST_UNKNOWN" | "METHOD_UNKNOWN" => Exit::Network,
        _ => Exit::Unexpected,
    };
    let hint = rejection_hint(&refusal.name);
    Failure { exit, code: refusal.name.into(), message: refusal.message, hint, data: refusal.data }
}

/// What to do about refusals that users meet.
fn rejection_hint(name: &str) -> Option<String> {
    let hint = match name {
        "NONCE_TOO_LOW" | "NONCE_TAKEN" => {
            "another program may be sending from this account: try again"
        }
        "FEE_NOT_COVERED" | "BALANCE_TOO_LOW" | "SENDER_UNKNOWN" => {
            "see what the account has with 'tally account show'"
        }
        "MARKET_UNKNOWN" => "see the markets with 'tally market list'",
        "MEMPOOL_FULL" | "SENDER_FULL" => "wait for a block and try again",
        _ => return None,
    };
    Some(hint.to_owned())
}

impl From<KeystoreError> for Failure {
    fn from(error: KeystoreError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            KeystoreError::Unknown(..) => {
                ("KEY_UNKNOWN", Some("see the keys with 'tally key list'"))
            }
            KeystoreError::Taken(_) => ("KEY_NAME_TAKEN", Some("choose another name")),
            KeystoreError::Seal(_, SealError::WrongPassword) => ("WRONG_PASSWORD", None),
            KeystoreError::Seal(_, SealError::TooCostly) => ("KEY_FILE_TOO_COSTLY", None),
            KeystoreError::Seal(..) => ("KEY_FILE_DAMAGED", None),
            KeystoreError::Secret(error) => return error.into(),
            KeystoreError::File(error) => return error.into(),
            KeystoreError::Full => ("KEYSTORE_FULL", None),
        };
        let failure = Self::new(Exit::Keystore, code, message);
        Self { hint: hint.map(ToOwned::to_owned), ..failure }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let message = error.to_string();
        match error {
            FileError::NotPrivate { path, .. } => {
                let bits = if path.is_dir() { "700" } else { "600" };
                Self::new(Exit::Keystore, "FILE_NOT_PRIVATE", message)
                    .hint(format!("run: chmod {bits} '{}'", path.display()))
            }
            FileError::NotOwn { .. } => Self::new(Exit::Keystore, "FILE_NOT_OWN", message)
                .hint("take a folder of your own with --home DIR"),
            FileError::Link { .. } => Self::new(Exit::Keystore, "FILE_IS_LINK", message)
                .hint("put the file itself in its place"),
            FileError::Io { .. } => Self::new(Exit::Keystore, "FILE_ERROR", message),
            FileError::TooLarge { .. } => Self::new(Exit::Keystore, "FILE_TOO_LARGE", message),
        }
    }
}

impl From<SecretInvalid> for Failure {
    fn from(error: SecretInvalid) -> Self {
        Self::new(Exit::Keystore, "SECRET_INVALID", error.to_string())
    }
}

impl From<V3Error> for Failure {
    fn from(error: V3Error) -> Self {
        let code = match error {
            V3Error::Malformed => "V3_MALFORMED",
            V3Error::TooCostly => "KEY_FILE_TOO_COSTLY",
            V3Error::WrongPassword => "WRONG_PASSWORD",
            V3Error::NoRandomness => {
                return Self::new(Exit::Unexpected, "NO_RANDOMNESS", error.to_string());
            }
        };
        Self::new(Exit::Keystore, code, error.to_string())
    }
}

impl From<PasswordInvalid> for Failure {
    fn from(error: PasswordInvalid) -> Self {
        Self::new(Exit::Keystore, "PASSWORD_INVALID", error.to_string())
    }
}

impl From<UrlInvalid> for Failure {
    fn from(error: UrlInvalid) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<WhenInvalid> for Failure {
    fn from(error: WhenInvalid) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ComposeError> for Failure {
    fn from(error: ComposeError) -> Self {
        Self::new(Exit::Usage, "TRANSACTION_INVALID", error.to_string())
    }
}

impl From<QuoteFileError> for Failure {
    fn from(error: QuoteFileError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            QuoteFileError::Malformed(_) => {
                ("QUOTE_FILE_MALFORMED", Some("such a file is what 'tally quote make' wrote"))
            }
            QuoteFileError::Inconsistent(_) => ("QUOTE_FILE_CHANGED", None),
            QuoteFileError::SignatureInvalid(_) => ("SIGNATURE_INVALID", None),
            QuoteFileError::SignedAlready(_) => ("SIGNED_ALREADY", None),
            QuoteFileError::File(error) if error.is_missing() => ("FILE_ERROR", None),
            QuoteFileError::File(error) => return error.into(),
        };
        Self { hint: hint.map(ToOwned::to_owned), ..Self::new(Exit::Usage, code, message) }
    }
}

impl From<TransactionFileError> for Failure {
    fn from(error: TransactionFileError) -> Self {
        let message = error.to_string();
        let (code, hint) = match error {
            TransactionFileError::Malformed(_) => (
                "TRANSACTION_FILE_MALFORMED",
                Some("such a file is what 'tally tx build' or --build wrote"),
            ),
            TransactionFileError::Inconsistent(_) => ("TRANSACTION_FILE_CHANGED", None),
            TransactionFileError::SignatureInvalid(..) => ("SIGNATURE_INVALID", None),
            TransactionFileError::SignedAlready(_) => ("SIGNED_ALREADY", None),
            TransactionFileError::File(error) if error.is_missing() => ("FILE_ERROR", None),
            TransactionFileError::File(error) => return error.into(),
        };
        Self { hint: hint.map(ToOwned::to_owned), ..Self::new(Exit::Usage, code, message) }
    }
}

impl From<PendingError> for Failure {
    fn from(error: PendingError) -> Self {
        let message = error.to_string();
        match error {
            PendingError::Full(_) => Self::new(Exit::Keystore, "PENDING_FULL", message)
                .hint("see them with 'tally tx pending'; 'tally tx wait HASH' ends one"),
            PendingError::Damaged(_) => Self::new(Exit::Keystore, "PENDING_DAMAGED", message),
            PendingError::File(error) => error.into(),
        }
    }
}

impl From<VoucherRefused> for Failure {
    fn from(error: VoucherRefused) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            VoucherRefused::File(error) if error.is_missing() => {
                Self::new(Exit::Usage, code, message)
            }
            VoucherRefused::File(error) => error.into(),
            VoucherRefused::Malformed(_) => Self::new(Exit::Usage, code, message)
                .hint("a voucher file is what 'tally channel pay' printed or wrote"),
            _ => Self::new(Exit::Rejected, code, message),
        }
    }
}
