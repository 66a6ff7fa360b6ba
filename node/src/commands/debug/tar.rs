//! The oldest form of an archive that every system reads: POSIX ustar, files alone, not compressed.

const BLOCK: usize = 512;
/// Where the sum over a header stands in it.
const SUM: std::ops::Range<usize> = 148..156;

/// An archive of texts in one folder. Names are short.
pub(super) fn archive(folder: &str, parts: &[(&str, String)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, text) in parts {
        bytes.extend(header(&format!("{folder}/{name}"), text.len()));
        bytes.extend(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    // Two empty blocks end it.
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

/// What stands before a file of so many bytes.
fn header(name: &str, length: usize) -> [u8; BLOCK] {
    let mut header = [0; BLOCK];
    let mut put =
        |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000600\0"); // mode
    put(108, "0000000\0"); // owner
    put(116, "0000000\0"); // group
    put(124, &format!("{length:011o}\0"));
    put(136, "00000000000\0"); // time
    put(148, "        ");
    put(156, "0"); // a file
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[SUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_lie_on_blocks_and_the_sum_is_right() {
        let parts = [("a.txt", "x".repeat(513)), ("b.txt", String::new())];
        let bytes = archive("folder", &parts);
        assert_eq!(bytes.len(), 3 * BLOCK + BLOCK + 2 * BLOCK);
        assert!(bytes.starts_with(b"folder/a.txt\0"));
        assert_eq!(&bytes[124..136], b"00000001001\0");
        assert_eq!(&bytes[257..265], b"ustar\x0000");
        let mut blank = bytes[..BLOCK].to_vec();
        blank[SUM].fill(b' ');
        let sum: u32 = blank.iter().map(|byte| u32::from(*byte)).sum();
        assert_eq!(&bytes[SUM], format!("{sum:06o}\0 ").as_bytes());
        assert!(bytes[3 * BLOCK..].starts_with(b"folder/b.txt\0"));
    }
}
