//! What a node keeps of authorities that contradicted themselves: a file for each proof, for its operator and the
//! other members to act on. The chain itself takes nobody's vote away: the members do.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chain::equivocation::{Contradiction, Equivocation};
use chain::hash::Hash;
use rpc::canonical::Canonical;
use serde_json::json;

use crate::home::{self, HomeError};

/// Proofs that are kept at most: whoever has as many contradictions needs no more.
const KEPT_MAX: usize = 1_024;
/// The form of the files.
const SCHEMA: u32 = 1;

/// Where proofs are kept.
#[derive(Clone, Debug)]
pub struct Equivocations {
    folder: PathBuf,
}

/// Why a proof is not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// There are as many as are kept.
    #[error("{KEPT_MAX} proofs are kept already, in {0}: move them elsewhere")]
    Full(PathBuf),
    /// The system refused.
    #[error(transparent)]
    Unusable(#[from] HomeError),
}

impl Equivocations {
    /// Those of the home at `root`.
    pub fn of_home(root: &Path) -> Self {
        Self::of(root.join("equivocations"))
    }

    /// The proofs in `folder`, which is made when there is one to keep.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Keeps `proof`, of a contradiction on `chain`, and says where.
    ///
    /// # Errors
    /// [`NotKept`] says why it is lost.
    pub fn keep(
        &self,
        chain: Hash,
        proof: &Equivocation,
        contradiction: Contradiction,
    ) -> Result<PathBuf, NotKept> {
        let Equivocation { authority, epoch, view, .. } = proof;
        let key = authority.to_string();
        let kind = contradiction.name();
        let name = format!("{epoch}-{view}-{}-{kind}.json", key.get(..16).unwrap_or(&key));
        let path = self.folder.join(name);
        if self.list()?.len() >= KEPT_MAX {
            return Err(NotKept::Full(self.folder.clone()));
        }
        home::make_folder(&self.folder, 0o755)?;
        let document = json!({
            "schema": SCHEMA,
            "chain": chain.to_string(),
            "authority": key,
            "epoch": epoch,
            "view": view,
            "contradiction": kind,
            "proof": Canonical(*proof).to_string(),
        });
        home::write(&path, format!("{document:#}\n").as_bytes(), 0o644)?;
        Ok(path)
    }

    /// The files, in order of name. A folder that is not there has none.
    ///
    /// # Errors
    /// [`HomeError::Unusable`].
    pub fn list(&self) -> Result<Vec<PathBuf>, HomeError> {
        let unusable = |source| HomeError::Unusable { path: self.folder.clone(), source };
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(unusable)?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(unusable)?.path();
            files.extend(is_proof(&path).then_some(path));
        }
        files.sort();
        Ok(files)
    }
}

fn is_proof(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}

#[cfg(test)]
mod tests;
