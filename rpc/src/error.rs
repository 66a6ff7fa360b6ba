//! What a client is told when a call does not succeed: a number of its own range, a sentence, and in
//! `data.code` a name that never changes its meaning.

use serde_json::{Value, json};

use crate::types::RejectionView;

/// Why a call did not succeed. The numbers are public and never used again for something else.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The parameters are not what the method asks for.
    #[error("parameters invalid: {reason}")]
    ParamsInvalid {
        /// What is wrong with them.
        reason: String,
    },
    /// The bytes are no signed transaction.
    #[error("the bytes are no signed transaction")]
    TransactionMalformed,
    /// A signature in the transaction does not verify.
    #[error("a signature in the transaction does not verify")]
    SignatureInvalid,
    /// The rules refuse the transaction at the door; it costs nothing and stands in no block.
    #[error("{}", .0.message)]
    Rejected(RejectionView),
    /// The mempool has no room; nothing is thrown out for a higher fee.
    #[error("the mempool is full: try again when blocks have taken some")]
    MempoolFull,
    /// The sender has as many transactions waiting as one sender may, or the nonce lies beyond those.
    #[error("too many transactions of this sender wait, or its nonce lies too far ahead")]
    SenderFull,
    /// Another transaction of the sender waits under the same nonce.
    #[error("another transaction of this sender waits under this nonce")]
    NonceTaken,
    /// The address is of another network.
    #[error("an address of another network: this one's begin with '{prefix}1'")]
    AddressInvalid {
        /// What this network's addresses begin with, before the digit 1.
        prefix: &'static str,
    },
    /// There is no such thing.
    #[error("no such {what}")]
    NotFound {
        /// What was asked for, as "account".
        what: &'static str,
    },
    /// The network has no market of this name.
    #[error("no market of this name")]
    MarketUnknown,
    /// The node does not have the block, or what is asked of it, or not yet.
    #[error("the node can answer for the heights {first} to {tip}")]
    HeightUnavailable {
        /// The first height that can be asked for.
        first: u64,
        /// The last height there is.
        tip: u64,
    },
    /// No block at this height or above it in its epoch has a certificate here; above the last certified
    /// block there is one soon.
    #[error("no certificate at height {height} or above it in its epoch")]
    CertificateUnavailable {
        /// The height asked for.
        height: u64,
    },
    /// The cursor is none that this list gave out.
    #[error("not a cursor of this list")]
    CursorInvalid,
    /// Too much has a part in the match to be shown.
    #[error(
        "the match is too large to be shown: {what} are {count}, and a node shows {max} at most"
    )]
    MatchTooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        count: u64,
        /// How much is shown at most.
        max: u64,
    },
    /// The node keeps no histories of accounts.
    #[error(
        "this node keeps no histories of accounts: ask another, or set history = true in its config.toml"
    )]
    HistoryOff,
    /// The node keeps no index of the past.
    #[error(
        "this node keeps no index of the past: ask another, or set index = true in its config.toml"
    )]
    IndexOff,
    /// The book of the market has more orders than this is worked out for.
    #[error("the market's book has more than {orders_max} orders, too many for this")]
    BookTooLarge {
        /// The bound.
        orders_max: usize,
    },
    /// The node is stopping.
    #[error("the node is stopping")]
    ShuttingDown,
    /// The answer took too long.
    #[error("the request took too long")]
    Timeout,
    /// The request's body is too large.
    #[error("the request's body is larger than {bytes_max} bytes")]
    BodyTooLarge {
        /// The bound.
        bytes_max: usize,
    },
    /// The request's body nests lists and objects deeper than any call does.
    #[error("the request's body nests too deep")]
    BodyTooDeep,
    /// The request's body came too slowly.
    #[error("the request's body came too slowly")]
    BodyTooSlow,
    /// The request names a host that this server is not.
    #[error("the request's Host header names another host")]
    HostUnknown,
    /// A connection has as many subscriptions as it may.
    #[error("a connection has at most {subscriptions_max} subscriptions")]
    SubscriptionsFull {
        /// The bound.
        subscriptions_max: usize,
    },
    /// The subscriber took its messages too slowly. Nothing was left out: it goes on from `next_height`.
    #[error("the messages were taken too slowly: subscribe again from height {next_height}")]
    SubscriberTooSlow {
        /// The height of the first block whose messages were not all sent.
        next_height: u64,
    },
    /// The connection has no such subscription.
    #[error("this connection has no such subscription")]
    SubscriptionUnknown,
    /// A page of another host asks for a web socket.
    #[error("the request's Origin header names another host")]
    OriginUnknown,
    /// The node is at fault. Its log says more.
    #[error("internal error")]
    Internal,
}

/// The numbers of rejections begin here: this plus the rejection's own.
const REJECTED: i32 = 2000;

impl Error {
    /// The number in `code`.
    pub fn code(&self) -> i32 {
        match self {
            Self::ParamsInvalid { .. } => -32602,
            Self::TransactionMalformed => 1001,
            Self::SignatureInvalid => 1002,
            Self::MempoolFull => 1003,
            Self::SenderFull => 1004,
            Self::NonceTaken => 1005,
            Self::AddressInvalid { .. } => 1011,
            Self::NotFound { .. } => 1012,
            Self::MarketUnknown => 1013,
            Self::HeightUnavailable { .. } => 1014,
            Self::CursorInvalid => 1015,
            Self::CertificateUnavailable { .. } => 1016,
            Self::HistoryOff => 1017,
            Self::BookTooLarge { .. } => 1018,
            Self::IndexOff => 1019,
            Self::MatchTooLarge { .. } => 1020,
            Self::ShuttingDown => 1021,
            Self::Timeout => 1022,
            Self::BodyTooLarge { .. } => 1023,
            Self::BodyTooSlow => 1024,
            Self::HostUnknown => 1025,
            Self::BodyTooDeep => 1026,
            Self::SubscriptionsFull { .. } => 1031,
            Self::SubscriberTooSlow { .. } => 1032,
            Self::SubscriptionUnknown => 1033,
            Self::OriginUnknown => 1034,
            Self::Internal => -32603,
            Self::Rejected(rejection) => REJECTED + i32::from(rejection.code),
        }
    }

    /// The name in `data.code`.
    pub fn name(&self) -> &str {
        match self {
            Self::ParamsInvalid { .. } => "PARAMS_INVALID",
            Self::TransactionMalformed => "TRANSACTION_MALFORMED",
            Self::SignatureInvalid => "SIGNATURE_INVALID",
            Self::MempoolFull => "MEMPOOL_FULL",
            Self::SenderFull => "SENDER_FULL",
            Self::NonceTaken => "NONCE_TAKEN",
            Self::AddressInvalid { .. } => "ADDRESS_INVALID",
            Self::NotFound { .. } => "NOT_FOUND",
            Self::MarketUnknown => "MARKET_UNKNOWN",
            Self::HeightUnavailable { .. } => "HEIGHT_UNAVAILABLE",
            Self::CursorInvalid => "CURSOR_INVALID",
            Self::CertificateUnavailable { .. } => "CERTIFICATE_UNAVAILABLE",
            Self::HistoryOff => "HISTORY_OFF",
            Self::BookTooLarge { .. } => "BOOK_TOO_LARGE",
            Self::IndexOff => "INDEX_OFF",
            Self::MatchTooLarge { .. } => "MATCH_TOO_LARGE",
            Self::ShuttingDown => "SHUTTING_DOWN",
            Self::Timeout => "TIMEOUT",
            Self::BodyTooLarge { .. } => "BODY_TOO_LARGE",
            Self::BodyTooDeep => "BODY_TOO_DEEP",
            Self::BodyTooSlow => "BODY_TOO_SLOW",
            Self::HostUnknown => "HOST_UNKNOWN",
            Self::SubscriptionsFull { .. } => "SUBSCRIPTIONS_FULL",
            Self::SubscriberTooSlow { .. } => "SUBSCRIBER_TOO_SLOW",
            Self::SubscriptionUnknown => "SUBSCRIPTION_UNKNOWN",
            Self::OriginUnknown => "ORIGIN_UNKNOWN",
            Self::Internal => "INTERNAL",
            Self::Rejected(rejection) => &rejection.name,
        }
    }

    /// The error as JSON-RPC writes it.
    pub fn object(&self) -> Value {
        json!({ "code": self.code(), "message": self.to_string(), "data": self.data() })
    }

    /// What stands in `data`: the name, and the facts of the case.
    pub fn data(&self) -> Value {
        let mut data = json!({ "code": self.name() });
        match self {
            Self::AddressInvalid { prefix } => data["prefix"] = json!(prefix),
            Self::NotFound { what } => data["what"] = json!(what),
            Self::HeightUnavailable { first, tip } => {
                data["first"] = json!(first);
                data["tip"] = json!(tip);
            }
            Self::MatchTooLarge { what, count, max } => {
                data["what"] = json!(what);
                data["count"] = json!(count);
                data["max"] = json!(max);
            }
            Self::CertificateUnavailable { height } => data["height"] = json!(height),
            Self::BookTooLarge { orders_max } => data["orders_max"] = json!(orders_max),
            Self::BodyTooLarge { bytes_max } => data["bytes_max"] = json!(bytes_max),
            Self::SubscriptionsFull { subscriptions_max } => {
                data["subscriptions_max"] = json!(subscriptions_max);
            }
            Self::SubscriberTooSlow { next_height } => data["next_height"] = json!(next_height),
            Self::Rejected(rejection) => data["rejection"] = json!(rejection.code),
            _ => {}
        }
        data
    }
}

/// What goes wrong before a method is reached: numbers that JSON-RPC and its library give, and the names
/// they have here. Their `data` holds no name.
pub const STANDARD: [(i32, &str, &str); 6] = [
    (-32700, "PARSE_ERROR", "the request is not JSON"),
    (-32600, "REQUEST_INVALID", "the JSON is no request"),
    (-32601, "METHOD_UNKNOWN", "there is no such method"),
    (-32008, "ANSWER_TOO_LARGE", "the answer is larger than an answer may be"),
    (-32010, "BATCH_TOO_LARGE", "the batch has more calls than a batch may have"),
    (-32011, "BATCH_ANSWER_TOO_LARGE", "the answers to the batch are larger than an answer may be"),
];

/// One error of each kind but [`Error::Rejected`], whose numbers and names are the rules': for the
/// documentation.
#[cfg(test)]
pub(crate) fn kinds() -> Vec<Error> {
    vec![
        Error::ParamsInvalid { reason: "missing field `account`".to_owned() },
        Error::TransactionMalformed,
        Error::SignatureInvalid,
        Error::MempoolFull,
        Error::SenderFull,
        Error::NonceTaken,
        Error::AddressInvalid { prefix: "tally" },
        Error::NotFound { what: "account" },
        Error::MarketUnknown,
        Error::HeightUnavailable { first: 0, tip: 0 },
        Error::MatchTooLarge { what: "open orders", count: 0, max: 0 },
        Error::CursorInvalid,
        Error::CertificateUnavailable { height: 0 },
        Error::HistoryOff,
        Error::BookTooLarge { orders_max: 0 },
        Error::IndexOff,
        Error::ShuttingDown,
        Error::Timeout,
        Error::BodyTooLarge { bytes_max: 0 },
        Error::BodyTooDeep,
        Error::BodyTooSlow,
        Error::HostUnknown,
        Error::SubscriptionsFull { subscriptions_max: 0 },
        Error::SubscriberTooSlow { next_height: 0 },
        Error::SubscriptionUnknown,
        Error::OriginUnknown,
        Error::Internal,
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_and_names_are_unique() {
        let kinds = kinds();
        let standard = STANDARD.iter().map(|(code, name, _)| (*code, (*name).to_owned()));
        let all: Vec<_> = kinds
            .iter()
            .map(|kind| (kind.code(), kind.name().to_owned()))
            .chain(standard)
            .collect();
        let codes: BTreeSet<_> = all.iter().map(|(code, _)| code).collect();
        let names: BTreeSet<_> = all.iter().map(|(_, name)| name).collect();
        assert_eq!((codes.len(), names.len()), (all.len(), all.len()));
        assert!(all.iter().all(|(code, _)| *code < REJECTED));
    }

    #[test]
    fn rejection_keeps_its_name_and_number() {
        let (name, message) = ("NONCE_TOO_LOW".to_owned(), "the nonce was used already".to_owned());
        let error = Error::Rejected(RejectionView { code: 6, name, message });
        assert_eq!(error.code(), 2006);
        assert_eq!(error.to_string(), "the nonce was used already");
        assert_eq!(error.data(), json!({ "code": "NONCE_TOO_LOW", "rejection": 6 }));
    }
}
