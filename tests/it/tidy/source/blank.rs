//! Source text with comments and literals blanked, line by line and column by column as it was.

use std::iter::Peekable;
use std::str::Chars;

/// Replaces all that is not code by spaces; line breaks stay.
pub(super) fn blanked(text: &str) -> String {
    let mut blanker = Blanker { rest: text.chars().peekable(), code: String::new() };
    while let Some(c) = blanker.rest.next() {
        blanker.token(c);
    }
    blanker.code
}

struct Blanker<'a> {
    rest: Peekable<Chars<'a>>,
    code: String,
}

impl Blanker<'_> {
    fn token(&mut self, c: char) {
        match c {
            '/' if self.rest.peek() == Some(&'/') => self.line_comment(),
            '/' if self.rest.peek() == Some(&'*') => self.block_comment(),
            '"' => self.string(),
            '\'' => self.quote(),
            c if c.is_alphanumeric() || c == '_' => self.word(c),
            c => self.code.push(c),
        }
    }

    fn blank(&mut self, c: char) {
        self.code.push(if c == '\n' { c } else { ' ' });
    }

    fn line_comment(&mut self) {
        self.blank('/');
        while let Some(c) = self.rest.next_if(|c| *c != '\n') {
            self.blank(c);
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        self.blank('/');
        self.next_blank();
        let mut depth = 1;
        while depth > 0 {
            let Some(c) = self.rest.next() else { return };
            self.blank(c);
            match (c, self.rest.peek()) {
                ('/', Some('*')) => depth += 1,
                ('*', Some('/')) => depth -= 1,
                _ => continue,
            }
            self.next_blank();
        }
    }

    fn string(&mut self) {
        self.blank('"');
        while let Some(c) = self.rest.next() {
            self.blank(c);
            match c {
                '"' => return,
                '\\' => self.next_blank(),
                _ => {}
            }
        }
    }

    fn next_blank(&mut self) {
        if let Some(c) = self.rest.next() {
            self.blank(c);
        }
    }

    /// A character like `'a'` or `'\n'`, or the start of a lifetime like `'a`.
    fn quote(&mut self) {
        self.blank('\'');
        let mut ahead = self.rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('\\'), _) => {
                self.next_blank();
                self.next_blank();
                while let Some(c) = self.rest.next() {
                    self.blank(c);
                    if c == '\'' {
                        return;
                    }
                }
            }
            (Some(_), Some('\'')) => {
                self.next_blank();
                self.next_blank();
            }
            _ => {}
        }
    }

    /// A name or a number, or the letters before a string: `b"..."`, `r#"..."#`.
    fn word(&mut self, first: char) {
        let mut word = String::from(first);
        while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
            word.push(c);
        }
        self.code.push_str(&word);
        if matches!(word.as_str(), "r" | "br" | "cr") {
            self.raw_string();
        }
    }

    /// A raw string ends at a quote with as many hashes as it began with.
    fn raw_string(&mut self) {
        let hashes = self.rest.clone().take_while(|c| *c == '#').count();
        if self.rest.clone().nth(hashes) != Some('"') {
            return;
        }
        for _ in 0..=hashes {
            self.next_blank();
        }
        while let Some(c) = self.rest.next() {
            self.blank(c);
            if c == '"' && self.rest.clone().take(hashes).filter(|c| *c == '#').count() == hashes {
                for _ in 0..hashes {
                    self.next_blank();
                }
                return;
            }
        }
    }
}

#[test]
fn code_keeps_its_place() {
    let text = "let a = \"x\\\"}\"; // }\nlet b = 'c';";
    assert_eq!(blanked(text), "let a =       ;     \nlet b =    ;");
}

#[test]
fn block_comment_ends_where_its_nesting_ends() {
    assert_eq!(blanked("a /* b /* c */ d */ e"), "a                   e");
    assert_eq!(blanked("a /**/ b /***/ c"), "a      b       c");
    assert_eq!(blanked("a /* b\n*/ c"), "a     \n   c");
}

#[test]
fn raw_string_ends_at_its_own_hashes() {
    let spaces = |count| " ".repeat(count);
    assert_eq!(blanked("r#\"a\"b\"# c"), format!("r{} c", spaces(7)));
    assert_eq!(blanked("r\"\\\" c"), format!("r{} c", spaces(3)));
    assert_eq!(blanked("br##\"\"#\"## d"), format!("br{} d", spaces(8)));
    assert_eq!(blanked("r#fn b"), "r#fn b");
}

#[test]
fn lifetime_is_not_the_start_of_a_character() {
    assert_eq!(blanked("fn a<'b>(c: &'b u8) {"), "fn a< b>(c: & b u8) {");
    assert_eq!(blanked("['\\'', '\\u{7d}', '\"', '}']"), "[    ,         ,    ,    ]");
}
