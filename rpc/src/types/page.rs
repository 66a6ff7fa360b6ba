//! Lists are answered in parts: as many items as asked for, never more than fit one answer, and a cursor
//! that the next question takes along.

use std::borrow::Cow;
use std::io;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::types::TipView;

/// Items in a part of a list, when the question names no number.
pub const LIMIT_DEFAULT: u16 = 50;
/// Items in a part of a list at most.
pub const LIMIT_MAX: u16 = 200;
/// Bytes of the items in a part of a list at most; the rest goes into the next part.
pub const PAGE_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Candidates that are looked at for a part of a list; the rest is for the next part.
pub const SIFTED_MAX: usize = 10_000;

/// Blocks in a row at most.
pub const BLOCKS_MAX: u16 = 100;

/// How many items a question asks for: 1 to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit<const MAX: u16 = LIMIT_MAX>(u16);

impl<const MAX: u16> Limit<MAX> {
    /// So many items; `None` for zero and above `MAX`.
    pub fn new(items: u16) -> Option<Self> {
        (1..=MAX).contains(&items).then_some(Self(items))
    }

    /// The number of items.
    pub fn items(self) -> usize {
        self.0.into()
    }
}

impl<const MAX: u16> Default for Limit<MAX> {
    fn default() -> Self {
        Self(LIMIT_DEFAULT.min(MAX))
    }
}

impl<const MAX: u16> Serialize for Limit<MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, const MAX: u16> Deserialize<'de> for Limit<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = u64::deserialize(deserializer)?;
        let limit = u16::try_from(items).ok().and_then(Self::new);
        limit.ok_or_else(|| D::Error::custom(format!("expected a limit of 1 to {MAX} items")))
    }
}

impl<const MAX: u16> JsonSchema for Limit<MAX> {
    fn schema_name() -> Cow<'static, str> {
        format!("Limit{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "integer",
            "description": "How many items to answer with at most.",
            "minimum": 1,
            "maximum": MAX,
            "default": LIMIT_DEFAULT.min(MAX),
        })
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The block that the answer is about.
    pub tip: TipView,
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to ask with for the part after this one; none after the last.
    pub next_cursor: Option<String>,
}

impl<T: Serialize> Page<T> {
    /// A part that begins with the first of `items` and ends at `limit` or at [`PAGE_BYTES_MAX`]; it
    /// holds at least one item if there is one. Each item comes with the cursor of the part after it.
    pub fn fill(tip: TipView, limit: Limit, items: impl IntoIterator<Item = (String, T)>) -> Self {
        Self::sift(tip, limit, items.into_iter().map(|(cursor, item)| (cursor, Some(item))))
    }

    /// The same of those candidates that are items; it ends, perhaps with none, after [`SIFTED_MAX`] of them.
    pub fn sift(
        tip: TipView,
        limit: Limit,
        candidates: impl IntoIterator<Item = (String, Option<T>)>,
    ) -> Self {
        let mut page = Self { tip, items: Vec::new(), next_cursor: None };
        let mut cursor_after_last = None;
        let mut bytes = 0;
        for (sifted, (cursor, item)) in candidates.into_iter().enumerate() {
            if sifted == SIFTED_MAX {
                page.next_cursor = cursor_after_last;
                break;
            }
            let Some(item) = item else {
                cursor_after_last = Some(cursor);
                continue;
            };
            bytes += json_bytes(&item);
            let full = page.items.len() >= limit.items() || bytes > PAGE_BYTES_MAX;
            if full && !page.items.is_empty() {
                page.next_cursor = cursor_after_last;
                break;
            }
            page.items.push(item);
            cursor_after_last = Some(cursor);
        }
        page
    }
}

/// The size of `value` as JSON.
pub(crate) fn json_bytes(value: &impl Serialize) -> usize {
    struct Count(usize);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value).expect("counting does not fail, and views are JSON");
    count.0
}

#[cfg(test)]
mod tests {
    use chain::hash::Hash;

    use super::*;
    use crate::text::Text;

    fn page<T: Serialize>(limit: u16, items: Vec<T>) -> Page<T> {
        let (block_hash, state_root) = (Text(Hash::ZERO), Text(Hash::ZERO));
        let tip = TipView { height: 1, block_hash, state_root, time: 1 };
        let items = items.into_iter().enumerate().map(|(at, item)| ((at + 1).to_string(), item));
        Page::fill(tip, Limit::new(limit).unwrap(), items)
    }

    #[test]
    fn page_ends_at_its_limit_and_says_where_to_go_on() {
        let first = page(2, vec![1, 2, 3]);
        assert_eq!((first.items, first.next_cursor), (vec![1, 2], Some("2".to_owned())));
        let whole = page(3, vec![1, 2, 3]);
        assert_eq!((whole.items, whole.next_cursor), (vec![1, 2, 3], None));
        assert_eq!(page::<u8>(1, vec![]).next_cursor, None);
    }

    #[test]
    fn page_ends_before_it_is_too_large() {
        let large = "x".repeat(PAGE_BYTES_MAX / 2);
        let first = page(200, vec![large.clone(), large.clone(), large]);
        assert_eq!((first.items.len(), first.next_cursor), (1, Some("1".to_owned())));
        let larger = page(200, vec!["x".repeat(PAGE_BYTES_MAX + 1)]);
        assert_eq!((larger.items.len(), larger.next_cursor), (1, None));
    }

    #[test]
    fn page_of_few_among_many_ends_and_says_where_to_go_on() {
        let (block_hash, state_root) = (Text(Hash::ZERO), Text(Hash::ZERO));
        let tip = TipView { height: 1, block_hash, state_root, time: 1 };
        let sift = |from: usize, last: usize| {
            let candidates = (from..=last).map(|at| (at.to_string(), (at == last).then_some(at)));
            Page::sift(tip, Limit::default(), candidates)
        };
        let first = sift(1, SIFTED_MAX + 1);
        assert_eq!((first.items.len(), first.next_cursor), (0, Some(SIFTED_MAX.to_string())));
        let second = sift(SIFTED_MAX + 1, SIFTED_MAX + 1);
        assert_eq!((second.items, second.next_cursor), (vec![SIFTED_MAX + 1], None));
    }

    #[test]
    fn limits_out_of_bounds_are_refused() {
        for json in ["0", "201", "-1", "65537", "\"5\""] {
            assert!(serde_json::from_str::<Limit>(json).is_err(), "{json}");
        }
        assert_eq!(serde_json::from_str::<Limit>("200").unwrap().items(), 200);
    }
}
