//! `tally config`: the settings, and who said what they are.

use clap::Subcommand;
use serde_json::json;

use crate::context::Context;
use crate::failure::Failure;
use crate::output::Answer;
use crate::settings::{Chosen, ConfigFile, check_setting};
use crate::text::{escape, table};

const SET_EXAMPLES: &str = "\
Examples:
  tally config set key alice
  tally --profile test config set node http://node.example:7645
  tally --profile test config set chain HASH
  tally config use test

A profile says: node, network, chain, key, signer, password_file, output, color.
A flag wins over the environment, that over the profile, that over the default.";

/// The settings, and who said what they are
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show what the settings are
    List {
        /// Show who said so: a flag, the environment, the profile or nobody
        #[arg(long)]
        origin: bool,
    },
    /// Use another profile from now on
    Use {
        /// The profile
        name: String,
    },
    /// Say in the profile what a setting is; makes the profile if there is none
    #[command(after_help = SET_EXAMPLES)]
    Set {
        /// The setting
        setting: String,
        /// What it is
        value: String,
    },
    /// Say nothing about a setting in the profile any more
    Unset {
        /// The setting
        setting: String,
    },
}

/// Runs `tally config`.
pub(super) fn run(context: &Context, command: ConfigCommand) -> Result<Answer, Failure> {
    let settings = &context.settings;
    match command {
        ConfigCommand::List { origin } => {
            settings.check_profile()?;
            list(context, origin)
        }
        ConfigCommand::Use { name } => {
            let file = ConfigFile::read(&settings.home)?;
            let known = file.names();
            if name != "default" && !known.contains(&name) {
                let failure = Failure::usage(format!("there is no profile '{}'", escape(&name)));
                let hint = format!("make one with 'tally --profile {name} config set node URL'");
                return Err(failure.hint(hint));
            }
            file.use_profile(&name)?;
            let text = format!("profile '{name}' is used from now on");
            Ok(Answer::new(&json!({ "profile": name }), text))
        }
        ConfigCommand::Set { setting, value } => {
            check_setting(&setting, &value)?;
            let (file, profile) = (ConfigFile::read(&settings.home)?, &settings.profile);
            file.set(profile, &setting, Some(&value))?;
            let text = format!("{setting} is {} in profile '{profile}'", escape(&value));
            let document = json!({ "profile": profile, "setting": setting, "value": value });
            Ok(Answer::new(&document, text))
        }
        ConfigCommand::Unset { setting } => {
            settings.check_profile()?;
            let (file, profile) = (ConfigFile::read(&settings.home)?, &settings.profile);
            if file.setting(profile, &setting).is_none() {
                let message = format!("profile '{profile}' says nothing about '{setting}'");
                return Err(Failure::usage(message));
            }
            file.set(profile, &setting, None)?;
            let text = format!("profile '{profile}' says nothing about {setting} any more");
            let document = json!({ "profile": profile, "setting": setting, "value": null });
            Ok(Answer::new(&document, text))
        }
    }
}

fn list(context: &Context, origin: bool) -> Result<Answer, Failure> {
    let chosen = &context.settings.chosen;
    let profiles = ConfigFile::read(&context.settings.home)?.names();
    let row = |setting: &Chosen| {
        let value = setting.value.as_deref().map_or_else(|| "-".to_owned(), escape);
        let mut cells = vec![setting.key.to_owned(), value];
        cells.extend(origin.then(|| setting.origin.to_string()));
        cells
    };
    let mut headers = vec!["SETTING", "VALUE"];
    headers.extend(origin.then_some("FROM"));
    let text = table(&headers, chosen.iter().map(row).collect(), "none");
    let item = |setting: &Chosen| {
        let mut item = json!({ "setting": setting.key, "value": setting.value });
        if origin {
            item["origin"] = json!(setting.origin.to_string());
        }
        item
    };
    let items: Vec<_> = chosen.iter().map(item).collect();
    Ok(Answer::new(&json!({ "items": items, "profiles": profiles }), text))
}
