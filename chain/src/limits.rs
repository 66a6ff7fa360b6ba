//! Every bound of the protocol in one place; the compiler checks how they relate.

/// Operations in one transaction.
pub const OPERATIONS_MAX: usize = 64;
/// Witnesses on one transaction.
pub const WITNESSES_MAX: usize = 16;
/// Keys of which an account's own set may be made.
pub const SIGNERS_MAX: usize = 16;
/// Bytes of an account's name, at least.
pub const NAME_BYTES_MIN: usize = 3;
/// Bytes of an account's name, at most.
pub const NAME_BYTES_MAX: usize = 32;
/// Bytes of a memo.
pub const MEMO_BYTES_MAX: usize = 128;
/// Bytes of the words that say where a withdrawal is to go.
pub const TARGET_BYTES_MAX: usize = 128;
/// Bytes that are sealed to one reader: an endpoint, or the location of data.
pub const SEALED_BYTES_MAX: usize = 256;
/// Digests of what a buyer stages for one contract.
pub const STAGED_DIGESTS_MAX: usize = 8;
/// Bytes of a signed transaction.
pub const TRANSACTION_BYTES_MAX: usize = 32 * 1024;
/// Bytes of a block.
pub const BLOCK_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes of a block that are not transactions: header, counts.
pub const BLOCK_OVERHEAD_BYTES_MAX: usize = 16 * 1024;
/// Transactions in one block.
pub const BLOCK_TRANSACTIONS_MAX: usize = 16_384;
/// Operations in one block.
pub const BLOCK_OPERATIONS_MAX: usize = 65_536;
/// Timers that fire in one block; the rest wait for the next.
pub const BLOCK_TIMERS_MAX: usize = 4_096;
/// Pairs of bid and ask looked at in one block, over all markets; the rest wait for the next.
pub const BLOCK_PAIRS_MAX: usize = 1_048_576;
/// Fills made in one block, over all markets; what would be more waits for the next.
pub const BLOCK_FILLS_MAX: usize = 4_096;
/// Signatures verified in one batch; more are verified in several.
pub const BATCH_MAX: usize = 1_024;
/// Authorities of a network.
pub const AUTHORITIES_MAX: usize = 100;
/// Authorities' addresses: of those who vote, and of those who will.
pub const ENDPOINTS_MAX: usize = 2 * AUTHORITIES_MAX;
/// The most that a fee or a deposit may become, in base units.
pub const PARAM_AMOUNT_MAX: u128 = 1_000_000_000_000_000_000_000_000;
/// The longest that a span of the params may become, in milliseconds: ten years.
pub const PARAM_SPAN_MAX_MS: u64 = 3_660 * 86_400_000;
/// The longest that the span and the delay of proposals may become, in milliseconds: ninety days.
pub const PROPOSAL_SPAN_MAX_MS: u64 = 90 * 86_400_000;
/// Markets of a network.
pub const MARKETS_MAX: usize = 64;
/// Accounts that a genesis gives money to.
pub const GENESIS_ACCOUNTS_MAX: usize = 4_194_304;
/// Bytes of a network's name.
pub const NETWORK_NAME_BYTES_MAX: usize = 32;
/// Bytes of a market's name, and of its unit.
pub const MARKET_NAME_BYTES_MAX: usize = 32;
/// Accounts in one list of an order's parties.
pub const PARTIES_MAX: usize = 16;
/// Attributes of a host, and keys of a market's schema.
pub const ATTRIBUTES_MAX: usize = 32;
/// Words that an attribute may be one of, and that a predicate asks for.
pub const CHOICES_MAX: usize = 16;
/// Predicates of a bid.
pub const PREDICATES_MAX: usize = 8;
/// Bytes of an attribute's key, of a word that stands under it, and of a unit.
pub const WORD_BYTES_MAX: usize = 32;
/// Windows in which a pool sells nothing.
pub const BLACKOUTS_MAX: usize = 64;
/// Accounts that get parts of what one seller is paid.
pub const SPLIT_MAX: usize = 8;
/// Grades of a market above the one that everything has.
pub const GRADES_MAX: usize = 8;
/// All of something, in basis points.
pub const BPS: u16 = 10_000;
/// What one broker may get of the commission, in basis points: of two, half each.
pub const BROKER_BPS_MAX: u16 = 5_000;
/// Slots in the window of one order.
pub const WINDOW_SLOTS_MAX: u64 = 8_784;
/// Open orders of one account.
pub const ACCOUNT_ORDERS_MAX: u32 = 1_000;
/// Days on which a standing order places nothing.
pub const STANDING_SKIPS_MAX: usize = 32;
/// How far ahead a standing order's end may lie, in milliseconds: two years.
pub const STANDING_SPAN_MAX_MS: u64 = 731 * 86_400_000;
/// How long after a standing order could not place an order it tries again, in milliseconds.
pub const STANDING_RETRY_MS: u64 = 3_600_000;
/// Standing orders that have their turn in one block; the rest wait for the next.
pub const BLOCK_STANDING_MAX: usize = 1_024;
/// Orders of a market that was closed which end in one block; the rest wait for the next.
pub const CLOSE_ORDERS_MAX: usize = 64;
/// Orders that one firing of an account's dead man's switch ends; the rest wait for the next block.
pub const SWITCH_ORDERS_MAX: usize = 64;
/// How far ahead a transaction's last height may lie, in blocks.
pub const VALID_FOR_BLOCKS_MAX: u64 = 86_400;
/// Blocks that must pass, besides the settle delay, before a channel closes on its payer's word.
pub const SETTLE_BLOCKS_MAX: u64 = 86_400;
/// How far a proposer's time may run ahead of a voter's clock, in milliseconds.
pub const CLOCK_AHEAD_MS_MAX: u64 = 500;
/// Blocks in an epoch, at least.
pub const EPOCH_BLOCKS_MIN: u64 = 5;
/// Transactions that a node passes on in one message.
pub const PASSED_TRANSACTIONS_MAX: usize = 4_096;
/// Bytes of such a message.
pub const PASSED_BYTES_MAX: usize = 256 * 1024;
/// Bytes of one chunk of a snapshot, and of its manifest.
pub const SNAPSHOT_CHUNK_BYTES_MAX: usize = 1024 * 1024;
/// Chunks of a snapshot.
pub const SNAPSHOT_CHUNKS_MAX: usize = 16_384;
/// Chunks that hold the receipts of a snapshot's block.
pub const SNAPSHOT_RECEIPT_CHUNKS_MAX: usize = 64;

// Every key of a set can sign.
const _: () = assert!(SIGNERS_MAX <= WITNESSES_MAX);
// The largest transaction fits an empty block.
const _: () = assert!(TRANSACTION_BYTES_MAX <= BLOCK_BYTES_MAX - BLOCK_OVERHEAD_BYTES_MAX);
// One transaction's operations fit an empty block.
const _: () = assert!(OPERATIONS_MAX <= BLOCK_OPERATIONS_MAX);
// A header that names the next authorities (32 + 20 bytes each) fits the overhead.
const _: () = assert!(AUTHORITIES_MAX * 52 + 512 <= BLOCK_OVERHEAD_BYTES_MAX);
// Every market gets a share of a block's matching.
const _: () = assert!(MARKETS_MAX <= BLOCK_FILLS_MAX && MARKETS_MAX <= BLOCK_PAIRS_MAX);
// A year of hours fits a window.
const _: () = assert!(WINDOW_SLOTS_MAX >= 366 * 24);
// The largest transaction can be passed on.
const _: () = assert!(TRANSACTION_BYTES_MAX + 4 <= PASSED_BYTES_MAX);
// The largest manifest, with 37 bytes a chunk and 96 a vote, fits where a chunk does.
const _: () = assert!(
    SNAPSHOT_CHUNKS_MAX * 37 + BLOCK_OVERHEAD_BYTES_MAX + AUTHORITIES_MAX * 96 + 1_024
        <= SNAPSHOT_CHUNK_BYTES_MAX
);
