//! What is wrong with a setting.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What is wrong with a setting, of the environment, of a file or of a [`Config`](crate::Config) that the caller filled. Values are
/// not shown: many are secrets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// A name that is not in [`Config::settings`](crate::Config::settings).
    UnknownSetting {
        /// The name.
        name: String,
    },
    /// A value that cannot be understood.
    Value {
        /// The name of the setting.
        name: &'static str,
        /// What it must be: "a whole number", "YES or NO".
        wanted: &'static str,
    },
    /// A file of settings or credentials that is named and cannot be read.
    File {
        /// Which one: "configuration file", "AWS file".
        what: &'static str,
        /// Its path.
        path: PathBuf,
        /// What the operating system said.
        cause: Arc<io::Error>,
    },
    /// An option, handed on to `object_store`, that it does not know.
    UnknownOption {
        /// "S3", "gs://", "az://".
        store: &'static str,
        /// The name of the option.
        name: String,
    },
    /// An AWS profile that is named and is in no file.
    NoProfile {
        /// The name of the profile.
        name: String,
    },
    /// An Azure location whose storage account nothing names.
    NoAccount {
        /// The location.
        location: Arc<str>,
    },
    /// A header whose name HTTP does not allow.
    HeaderName {
        /// The name.
        name: String,
    },
    /// A value with characters that no header can carry.
    Characters {
        /// Of what: "the header \"x-key\"", "the bearer token".
        what: String,
    },
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownSetting { name } => write!(f, "there is no setting {name}"),
            Self::Value { name, wanted } => write!(f, "{name} must be {wanted}"),
            Self::File { what, path, cause } => write!(f, "the {what} {} cannot be read: {cause}", path.display()),
            Self::UnknownOption { store, name } => write!(f, "\"{name}\" is not an option of {store}"),
            Self::NoProfile { name } => {
                write!(f, "the AWS profile \"{name}\" is in neither the credentials nor the config file")
            }
            Self::NoAccount { location } => write!(
                f,
                "{location}: the storage account is not known (AZURE_STORAGE_ACCOUNT, or abfss://container@account…)"
            ),
            Self::HeaderName { name } => write!(f, "\"{name}\" is not the name of a header"),
            Self::Characters { what } => write!(f, "{what} holds characters that cannot be sent"),
        }
    }
}
