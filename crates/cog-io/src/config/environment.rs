//! A [`Config`] from the environment of the process.

use std::path::PathBuf;

use super::Config;
use super::settings::{SETTINGS, Setting};
use crate::error::{ConfigProblem, Result};

impl Config {
    /// Every name that [`Config::from_env`] reads, in the order in which they apply (of two names for one thing the later wins).
    pub fn settings() -> &'static [Setting] {
        SETTINGS
    }

    /// The default, changed by the environment of the process, by the names of [`Config::settings`]; and by the
    /// file that `COG_CONFIG_FILE` or `GDAL_CONFIG_FILE` names (see [`Config::with_file`]).
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) names the variable whose value cannot be understood.
    pub fn from_env() -> Result<Self> {
        let mut config = Self::default();
        for name in ["GDAL_CONFIG_FILE", "COG_CONFIG_FILE"] {
            if let Some(path) = std::env::var_os(name).filter(|path| !path.is_empty()) {
                config = config.with_file(&PathBuf::from(path))?;
            }
        }
        config.apply(|name| std::env::var(name).ok())?;
        Ok(config)
    }

    /// Sets by name. An empty value sets nothing, as in a shell.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a name that is not in [`Config::settings`] or a value that cannot be understood.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            return Err(ConfigProblem::UnknownSetting { name: name.to_owned() }.into());
        };
        setting.apply_to(self, value)
    }

    /// Sets every setting that has a value, in the order of the table.
    pub(super) fn apply(&mut self, value_of: impl Fn(&str) -> Option<String>) -> Result<()> {
        for setting in SETTINGS {
            if let Some(value) = value_of(setting.name) {
                setting.apply_to(self, &value)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Config> {
        let mut config = Config::default();
        config.apply(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))?;
        Ok(config)
    }

    #[test]
    fn every_family_of_names_is_understood() {
        let config = with(&[
            ("INGESTED_BYTES_AT_OPEN", "16384"),
            ("GDAL_INGESTED_BYTES_AT_OPEN", "1"),
            ("HTTP_MERGE_CONSECUTIVE_RANGES", "FALSE"),
            ("GDAL_HTTP_TIMEOUT", "7.5"),
            ("GDAL_HTTP_HEADERS", "X-A: 1,\"X-B: 2, 3\",X-C:4"),
            ("AWS_NO_SIGN_REQUEST", "YES"),
            ("AWS_REQUEST_PAYER", "requester"),
            ("AWS_S3_ENDPOINT", "127.0.0.1:9000"),
            ("AWS_HTTPS", "NO"),
            ("ENABLE_BLOCK_CACHE", "0"),
        ])
        .unwrap();
        assert_eq!(config.ingested_bytes_at_open, 16_384);
        assert!(!config.merge.enabled && !config.block_cache && config.header_cache);
        assert_eq!(config.request_timeout, Duration::from_millis(7500));
        let headers: Vec<_> = config.headers.iter().map(|(n, v)| (n.as_str(), v.expose())).collect();
        assert_eq!(headers, [("X-A", "1"), ("X-B", "2, 3"), ("X-C", "4")]);
        assert!(config.s3.anonymous && config.s3.requester_pays);
        assert_eq!(config.s3.endpoint.as_deref(), Some("http://127.0.0.1:9000"));
    }

    #[test]
    fn a_value_that_makes_no_sense_names_its_variable() {
        let error = with(&[("GDAL_HTTP_MAX_RETRY", "many")]).unwrap_err().to_string();
        assert_eq!(error, "GDAL_HTTP_MAX_RETRY must be a whole number");
        assert!(with(&[("GDAL_HTTP_TIMEOUT", "-1")]).is_err());
    }

    #[test]
    fn a_connection_string_gives_account_key_and_endpoint() {
        let config = with(&[(
            "AZURE_STORAGE_CONNECTION_STRING",
            "DefaultEndpointsProtocol=http;AccountName=dev;AccountKey=a2V5PT0=;BlobEndpoint=http://127.0.0.1:10000/dev;",
        )])
        .unwrap();
        assert_eq!(config.azure.account.as_deref(), Some("dev"));
        assert_eq!(config.azure.access_key.unwrap().expose(), "a2V5PT0=");
        assert_eq!(config.azure.endpoint.as_deref(), Some("http://127.0.0.1:10000/dev"));
    }

    #[test]
    fn debug_shows_no_secret() {
        let config = with(&[
            ("AWS_SECRET_ACCESS_KEY", "tops3cret"),
            ("GDAL_HTTP_BEARER", "tops3cret"),
            ("GDAL_HTTP_HEADERS", "X-Key: tops3cret"),
            ("AZURE_STORAGE_SAS_TOKEN", "sig=tops3cret"),
            ("HTTPS_PROXY", "http://u:tops3cret@proxy:1"),
        ])
        .unwrap();
        assert!(!format!("{config:?}").contains("tops3cret"));
    }
}
