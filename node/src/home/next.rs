//! The key that takes the place of a home's, once the chain says that it votes.
//!
//! ```text
//!   made: keys/next.key ─ an epoch begins in which it votes, and the old one does not ─► keys/authority.key
//! ```
//!
//! Invariant: no key votes without the journal of its own votes. The journal has the old key's votes up to the
//! end of its last epoch, and the new key has none before its first, so that it goes on in the same journal.

use std::fs;
use std::path::{Path, PathBuf};

use chain::authority::AuthorityKey;
use consensus::AuthoritySecret;

use super::{Home, HomeError, exists, hex, new_secret, private, read_secret, unusable, write};

impl Home {
    /// The secret of the home at `root`, whether or not a node runs on it: to sign what is no vote.
    ///
    /// # Errors
    /// [`HomeError`] when there is none, or others may read it.
    pub fn peek(root: &Path) -> Result<AuthoritySecret, HomeError> {
        let path = root.join("keys").join("authority.key");
        if !exists(&path)? {
            return Err(HomeError::KeyMissing(path));
        }
        private::check_folder(&root.join("keys"))?;
        Ok(AuthoritySecret::new(*read_secret(&path)?))
    }

    /// The secret that is to take the place of the one of the home at `root`; made where there is none yet.
    ///
    /// # Errors
    /// [`HomeError`] when it cannot be written, or others may read it.
    pub fn make_next(root: &Path) -> Result<AuthoritySecret, HomeError> {
        let path = root.join("keys").join("next.key");
        private::check_folder(&root.join("keys"))?;
        if !exists(&path)? {
            write(&path, hex(&new_secret()).as_bytes(), 0o600)?;
        }
        Ok(AuthoritySecret::new(*read_secret(&path)?))
    }

    /// The secret that is to take the place of the one of the home at `root`, if one was made.
    ///
    /// # Errors
    /// [`HomeError`] when it cannot be read, or others may read it.
    pub fn peek_next(root: &Path) -> Result<Option<AuthoritySecret>, HomeError> {
        let path = root.join("keys").join("next.key");
        if !exists(&path)? {
            return Ok(None);
        }
        private::check_folder(&root.join("keys"))?;
        Ok(Some(AuthoritySecret::new(*read_secret(&path)?)))
    }

    /// The next key, where it `votes` and the present one does not.
    ///
    /// # Errors
    /// [`HomeError`] when a file cannot be read.
    pub fn successor(
        &self,
        votes: impl Fn(AuthorityKey) -> bool,
    ) -> Result<Option<AuthorityKey>, HomeError> {
        let path = self.next_path();
        if !exists(&path)? {
            return Ok(None);
        }
        let (present, next) = (self.read_key()?.key(), AuthoritySecret::new(*read_secret(&path)?));
        Ok((votes(next.key()) && !votes(present)).then(|| next.key()))
    }

    /// Lets the next key take the place of the present one where it `votes` and that one does not. Returns the
    /// key that did. What a crash cut off is done again.
    ///
    /// # Errors
    /// [`HomeError`] when a file cannot be read or written.
    pub fn take_up_next(
        &self,
        votes: impl Fn(AuthorityKey) -> bool,
    ) -> Result<Option<AuthorityKey>, HomeError> {
        let Some(next) = self.successor(votes)? else { return Ok(None) };
        // The journal's owner first: until the key follows, this is done again at every start.
        self.begin_journal(next)?;
        let path = self.next_path();
        fs::rename(&path, self.key_path()).map_err(|source| unusable(&path, source))?;
        super::sync_folder(&self.keys()).map_err(|source| unusable(&self.keys(), source))?;
        Ok(Some(next))
    }

    fn next_path(&self) -> PathBuf {
        self.keys().join("next.key")
    }
}

#[cfg(test)]
mod tests {
    use chain::account::AccountId;
    use chain::hash::Hash;

    use super::*;
    use crate::home::KeyClaim;

    #[test]
    fn next_key_takes_over_once_it_votes_and_the_old_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::prepare(folder.path()).unwrap();
        let old = home.authority(KeyClaim::None).unwrap().key();
        assert_eq!(home.take_up_next(|_| true).unwrap(), None, "there is no next key");
        let next = Home::make_next(folder.path()).unwrap().key();
        assert_eq!(Home::make_next(folder.path()).unwrap().key(), next, "it is made once");
        for (votes, taken) in [(vec![old], None), (vec![old, next], None), (vec![], None)] {
            assert_eq!(home.take_up_next(|key| votes.contains(&key)).unwrap(), taken);
            assert_eq!(home.authority(KeyClaim::None).unwrap().key(), old);
        }
        assert_eq!(home.take_up_next(|key| key == next).unwrap(), Some(next));
        assert_eq!(home.authority(KeyClaim::None).unwrap().key(), next);
        assert_eq!(home.take_up_next(|_| true).unwrap(), None);
    }

    #[test]
    fn key_proves_that_somebody_has_it() {
        let folder = tempfile::tempdir().unwrap();
        Home::prepare(folder.path()).unwrap();
        let secret = Home::peek(folder.path()).unwrap();
        let of = (Hash::ZERO, &AccountId([1; 20]));
        let proof = secret.prove(of, None);
        assert!(secret.key().proves(of, None, &proof));
        assert!(!secret.key().proves(of, Some(secret.key()), &proof), "it replaces none");
        assert!(!secret.key().proves((Hash::ZERO, &AccountId([2; 20])), None, &proof));
    }

    #[test]
    fn take_over_that_was_cut_off_is_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::prepare(folder.path()).unwrap();
        let next = Home::make_next(folder.path()).unwrap().key();
        home.begin_journal(next).unwrap();
        assert!(home.authority(KeyClaim::None).is_err(), "the old key has no journal any more");
        assert_eq!(home.take_up_next(|key| key == next).unwrap(), Some(next));
        assert_eq!(home.authority(KeyClaim::None).unwrap().key(), next);
    }
}
