//! `config.toml`: which profile is used, and what each says. Comments and order are its owner's and stay.

use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, value};

use super::{FILE_BYTES_MAX, SETTINGS};
use crate::failure::{Exit, Failure};
use crate::files;

/// `config.toml` of one home.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    document: DocumentMut,
}

impl ConfigFile {
    /// Reads the file; one that is not there says nothing.
    ///
    /// # Errors
    /// [`Failure`] when it is no TOML, or says something that is no setting.
    pub(crate) fn read(home: &Path) -> Result<Self, Failure> {
        let path = home.join("config.toml");
        let text = match files::read_bounded(&path, FILE_BYTES_MAX) {
            Err(error) if error.is_missing() => Vec::new(),
            bytes => bytes?,
        };
        let text = String::from_utf8(text).map_err(|error| invalid(&path, &error.to_string()))?;
        let document = text
            .parse::<DocumentMut>()
            .map_err(|error| invalid(&path, error.to_string().trim()))?;
        let file = Self { path, document };
        file.check()?;
        Ok(file)
    }

    /// The profile that is used unless somebody names another.
    pub(crate) fn used(&self) -> Option<&str> {
        self.document.get("profile").and_then(Item::as_str)
    }

    /// What `profile` says about `key`.
    pub(crate) fn setting(&self, profile: &str, key: &str) -> Option<&str> {
        self.document.get("profiles")?.get(profile)?.get(key)?.as_str()
    }

    /// The names of the profiles, as they stand in the file.
    pub(crate) fn names(&self) -> Vec<String> {
        let profiles = self.document.get("profiles").and_then(Item::as_table_like);
        profiles.map(|it| it.iter().map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
    }

    /// Uses `profile` from now on.
    ///
    /// # Errors
    /// [`Failure`] when the file cannot be written.
    pub(crate) fn use_profile(mut self, profile: &str) -> Result<(), Failure> {
        self.document.insert("profile", value(profile));
        self.write()
    }

    /// Says `text` about `key` in `profile`, or nothing any more.
    ///
    /// # Errors
    /// [`Failure`] when the file cannot be written.
    pub(crate) fn set(
        mut self,
        profile: &str,
        key: &str,
        text: Option<&str>,
    ) -> Result<(), Failure> {
        let profiles = self.document.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        let invalid = || invalid(&self.path, "'profiles' is no table");
        let profiles = profiles.as_table_like_mut().ok_or_else(invalid)?;
        let profile = profiles.entry(profile).or_insert_with(|| Item::Table(Table::new()));
        let profile = profile.as_table_like_mut().ok_or_else(invalid)?;
        match text {
            Some(text) => profile.insert(key, value(text)),
            None => profile.remove(key),
        };
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        if let Some(home) = self.path.parent() {
            files::make_folder(home)?;
        }
        Ok(files::replace_private(&self.path, self.document.to_string().as_bytes())?)
    }

    /// Refuses what is no setting: a misspelt one would be silently ignored.
    fn check(&self) -> Result<(), Failure> {
        for (key, item) in self.document.iter() {
            match key {
                "profile" if item.is_str() => {}
                "profiles" => {
                    let profiles = item.as_table_like();
                    let profiles =
                        profiles.ok_or_else(|| invalid(&self.path, "'profiles' is no table"))?;
                    profiles.iter().try_for_each(|(name, item)| self.check_profile(name, item))?;
                }
                _ => return Err(invalid(&self.path, &format!("'{key}' is no setting"))),
            }
        }
        Ok(())
    }

    fn check_profile(&self, name: &str, item: &Item) -> Result<(), Failure> {
        let table = item.as_table_like();
        let table = table.ok_or_else(|| invalid(&self.path, &format!("'{name}' is no profile")))?;
        for (key, item) in table.iter() {
            let is_setting = SETTINGS.iter().any(|setting| setting.key == key);
            if !is_setting || !item.is_str() {
                let message = format!("'{key}' in profile '{name}' is no setting with a text");
                let known: Vec<&str> = SETTINGS.iter().map(|setting| setting.key).collect();
                let hint = format!("a profile says: {}", known.join(", "));
                return Err(invalid(&self.path, &message).hint(hint));
            }
        }
        Ok(())
    }
}

fn invalid(path: &Path, reason: &str) -> Failure {
    Failure::new(Exit::Usage, "CONFIG_INVALID", format!("{}: {reason}", path.display()))
}
