//! The folder of the machine's user where slow builds are kept, shared by all clones.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::failure::Failure;

/// `$TALLY_CACHE`, else `$XDG_CACHE_HOME/tally`, else `~/.cache/tally`.
pub(crate) fn folder() -> Result<PathBuf, Failure> {
    folder_from(|name| std::env::var_os(name)).ok_or_else(|| {
        Failure::explained(
            "no folder to keep builds in: set HOME or TALLY_CACHE to an absolute path",
        )
    })
}

/// An empty or relative path counts as unset: it would mean another folder in each directory.
fn folder_from(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let path = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    path("TALLY_CACHE")
        .or_else(|| path("XDG_CACHE_HOME").map(|cache| cache.join("tally")))
        .or_else(|| path("HOME").map(|home| home.join(".cache/tally")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(set: &[(&str, &str)]) -> Option<PathBuf> {
        folder_from(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn own_variable_goes_before_the_standard_ones() {
        let set = [("HOME", "/home/a"), ("XDG_CACHE_HOME", "/x"), ("TALLY_CACHE", "/t")];
        assert_eq!(folder_with(&set), Some("/t".into()));
        assert_eq!(folder_with(&set[..2]), Some("/x/tally".into()));
        assert_eq!(folder_with(&set[..1]), Some("/home/a/.cache/tally".into()));
    }

    #[test]
    fn relative_folder_counts_as_unset() {
        assert_eq!(folder_with(&[("TALLY_CACHE", ""), ("XDG_CACHE_HOME", "cache")]), None);
    }
}
