//! How things are written for people: tables, lists of facts, addresses in groups of four, and text
//! from strangers made harmless.

use comfy_table::presets;
use comfy_table::{ContentArrangement, Table};

/// A table with a line of headers; a remark when it has no rows.
pub(crate) fn table(headers: &[&str], rows: Vec<Vec<String>>, none: &str) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headers.to_vec());
    table.add_rows(rows);
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A table whose rows have more to say than fits a line: each row, then its own lines below it.
pub(crate) fn listing(
    headers: &[&str],
    entries: Vec<(Vec<String>, Vec<String>)>,
    none: &str,
) -> String {
    if entries.is_empty() {
        return none.to_owned();
    }
    let (rows, below): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    let table = table(headers, rows, none);
    let below = std::iter::once(Vec::new()).chain(below);
    let lines = table.lines().zip(below);
    lines
        .map(|(row, below)| {
            below.iter().fold(format!("{row}\n"), |text, line| text + "   " + line + "\n")
        })
        .collect()
}

/// Names and values, one a line, the values in one column.
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let lines = facts.iter().map(|(name, value)| format!("  {name:<width$}  {value}\n"));
    lines.collect()
}

/// An address whole, its part after the prefix in groups of four, for comparing by eye.
pub(crate) fn grouped(address: &str) -> String {
    let (prefix, rest) = address.split_at(address.rfind('1').map_or(0, |at| at + 1));
    let groups = rest.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned());
    let parts: Vec<String> = std::iter::once(prefix.to_owned()).chain(groups).collect();
    parts.join(" ")
}

/// Text from a stranger, without anything that a terminal would obey.
pub(crate) fn escape(text: &str) -> String {
    text.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_grouped_by_four_and_whole() {
        let shown = grouped("tallydev1qqqqrrrrssss2");
        assert_eq!(shown, "tallydev1 qqqq rrrr ssss 2");
        assert_eq!(shown.replace(' ', ""), "tallydev1qqqqrrrrssss2");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(escape("a\x1b[31m\n\u{202e}"), "a\\u{1b}[31m\\n\\u{202e}");
    }

    #[test]
    fn values_stand_in_one_column() {
        let shown = facts(&[("a", "1".to_owned()), ("long", "2".to_owned())]);
        assert_eq!(shown, "  a     1\n  long  2\n");
    }

    #[test]
    fn what_belongs_to_a_row_stands_below_it() {
        let entry = |name: &str| (vec![name.to_owned()], vec![format!("{name} in full")]);
        let shown = listing(&["NAME"], vec![entry("a"), entry("b")], "none");
        assert_eq!(shown, " NAME\n a\n   a in full\n b\n   b in full\n");
        assert_eq!(listing(&["NAME"], vec![], "none"), "none");
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(table(&["a"], vec![], "none"), "none");
        assert!(table(&["a"], vec![vec!["1".to_owned()]], "none").contains('1'));
    }
}
