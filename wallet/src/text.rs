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

/// Text whose lines have at most so many `columns`: a longer one goes on below its last column, where
/// that leaves half of the width, or else below its beginning. Colours take no room.
pub(crate) fn wrapped(text: &str, columns: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| wrapped_line(line, columns)).collect();
    lines.join("\n")
}

fn wrapped_line(line: &str, columns: usize) -> String {
    if visible(line) <= columns {
        return line.to_owned();
    }
    let last_column = line.rfind("  ").map_or(0, |at| visible(&line[..at + 2]));
    let beginning = line.len() - line.trim_start().len();
    let indent =
        if last_column <= columns / 2 { last_column.max(beginning) } else { beginning + 8 };
    let (mut text, mut width) = (String::new(), 0);
    // A word begins after a space; the spaces before the first belong to it.
    for word in line.split_inclusive(' ') {
        let length = visible(word);
        if width + visible(word.trim_end()) > columns && width > indent {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            width = indent;
        }
        text.push_str(word);
        width += length;
    }
    text
}

/// How many columns a text takes on a terminal.
fn visible(text: &str) -> usize {
    let mut in_escape = false;
    let is_shown = |char: char| {
        let was_in_escape = in_escape || char == '\u{1b}';
        in_escape = was_in_escape && char != 'm';
        !was_in_escape
    };
    text.chars().map(is_shown).filter(|shown| *shown).count()
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
    fn long_lines_go_on_below_their_last_column() {
        assert_eq!(wrapped("  -a  one two three", 40), "  -a  one two three");
        assert_eq!(wrapped("  -a  one two three", 14), "  -a  one two\n      three");
        let far = "  --a-long-one <X>  one two three";
        assert_eq!(wrapped(far, 24), "  --a-long-one <X>  one\n          two three");
        let colored = "  \u{1b}[1m-a\u{1b}[0m  one two three";
        assert_eq!(wrapped(colored, 14).lines().count(), 2);
    }

    #[test]
    fn an_empty_table_says_so() {
        assert_eq!(table(&["a"], vec![], "none"), "none");
        assert!(table(&["a"], vec![vec!["1".to_owned()]], "none").contains('1'));
    }
}
