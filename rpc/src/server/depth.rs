//! How deep a body nests, found out before it is parsed: a parser would read all of it to say that it is
//! no call.

/// Lists and objects within each other in a body. No call nests as deep.
const DEPTH_MAX: usize = 32;

/// True when more lists and objects are open at once than may be. What is no JSON may be either.
pub(super) fn is_too_deep(body: &[u8]) -> bool {
    let (mut rest, mut depth) = (body, 0_usize);
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'"' => rest = behind_text(behind),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// What follows the text that `rest` begins in.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    loop {
        let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) else {
            return &[];
        };
        let (text, behind) = rest.split_at(found + 1);
        if text.ends_with(b"\"") {
            return behind;
        }
        rest = behind.get(1..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> String {
        "[{\"a\":".repeat(depth / 2)
    }

    #[test]
    fn depth_counts_what_is_open_at_once() {
        assert!(!is_too_deep(nested(DEPTH_MAX).as_bytes()));
        assert!(is_too_deep(nested(DEPTH_MAX + 2).as_bytes()));
        assert!(!is_too_deep("[]".repeat(1_000).as_bytes()));
    }

    #[test]
    fn brackets_in_text_do_not_count() {
        let many = "[".repeat(DEPTH_MAX + 1);
        assert!(!is_too_deep(format!(r#"["{many}"]"#).as_bytes()));
        assert!(!is_too_deep(format!(r#"["\"{many}"]"#).as_bytes()));
        assert!(!is_too_deep(format!(r#"["\\\"{many}"#).as_bytes()));
        assert!(is_too_deep(format!(r#"["\\"{many}"#).as_bytes()));
    }

    #[test]
    fn bytes_that_are_no_text_end() {
        assert!(!is_too_deep(b""));
        assert!(!is_too_deep(b"\"\\"));
        assert!(!is_too_deep(&[0xff, b'"', b'\\', 0xff]));
    }
}
