//! `tally key import --v3` and `tally key export --v3`: key files of other wallets.

use std::path::Path;

use super::{ExportArgs, ImportArgs, document};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::files;
use crate::keystore::secret::Secret;
use crate::keystore::v3::{FILE_BYTES_MAX, V3File};
use crate::output::Answer;
use crate::prompt::PasswordSource;

const FLAG: &str = "--v3-password-file";

/// Opens another wallet's file with its password.
pub(super) fn open(args: &ImportArgs, file: &Path) -> Result<Secret, Failure> {
    let sealed = V3File::from_bytes(&files::read_bounded(file, FILE_BYTES_MAX)?)?;
    let source = source(args.v3_password_file.as_deref());
    let password = source.ask_foreign("Password of the file: ", FLAG)?;
    Ok(sealed.open(&password)?)
}

/// Writes a key for another wallet, readable by its owner alone; never over a file that is there.
pub(super) fn export(context: &Context, args: &ExportArgs, file: &Path) -> Result<Answer, Failure> {
    let password = context.password(&args.password).ask(args.name.as_str())?;
    let secret = context.keystore.reveal(&args.name, &password)?;
    let new = source(args.v3_password_file.as_deref()).ask_new(args.name.as_str(), FLAG)?;
    let sealed = V3File::seal(&*secret.private_key()?, new.as_str())?;
    let bytes = serde_json::to_vec_pretty(&sealed).expect("strings and numbers are JSON");
    files::create_private(file, &bytes).map_err(|error| {
        if error.is_taken() {
            Failure::new(Exit::Usage, "FILE_TAKEN", format!("{} is there already", file.display()))
        } else {
            error.into()
        }
    })?;
    let text = format!("key '{}' is in {}", args.name, file.display());
    let entry = context.keystore.entry(&args.name)?;
    Ok(Answer::new(&document(context, &entry), text).with("file", &file))
}

fn source(file: Option<&Path>) -> PasswordSource {
    file.map_or(PasswordSource::Prompt, |path| PasswordSource::File(path.to_owned()))
}
