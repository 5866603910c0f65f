//! A [`Config`] from a file in GDAL's format, in which a part of the locations may have settings of its own.

use std::path::Path;
use std::sync::Arc;

use super::settings::SETTINGS;
use super::{Config, PrefixSettings, Secret};
use crate::error::{ConfigProblem, Result};

impl Config {
    /// Reads a file in the format of GDAL's configuration file: `NAME=value` lines under `[configoptions]`, and under
    /// `[credentials]` one `[.anything]` section for each prefix, with `path=/vsis3/bucket` and `NAME=value` lines. Names that are not
    /// ours (GDAL has thousands) are ignored.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if the file cannot be read, or a value cannot be understood.
    pub fn with_file(mut self, path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|cause| {
            let what = "configuration file";
            ConfigProblem::File { what, path: path.to_owned(), cause: Arc::new(cause) }
        })?;
        let mut section = String::new();
        let mut options: Vec<(String, String)> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';'])) {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = name.trim().to_owned();
                if section.starts_with('.') {
                    self.prefixes.push(PrefixSettings { prefix: String::new(), settings: Vec::new() });
                }
                continue;
            }
            let Some((name, value)) = line.split_once('=').map(|(name, value)| (name.trim(), value.trim())) else {
                continue;
            };
            if section == "configoptions" {
                options.push((name.to_owned(), value.to_owned()));
            } else if let Some(last) = self.prefixes.last_mut().filter(|_| section.starts_with('.')) {
                if name == "path" {
                    last.prefix = value.to_owned();
                } else if SETTINGS.iter().any(|setting| setting.name == name) {
                    last.settings.push((name.to_owned(), Secret::from(value)));
                }
            }
        }
        self.prefixes.retain(|entry| !entry.prefix.is_empty());
        self.apply(|name| options.iter().rfind(|(option, _)| option == name).map(|(_, value)| value.clone()))?;
        Ok(self)
    }

    /// The configuration of one location: the longest prefix that it starts with, applied on top.
    #[cfg(any(feature = "http", test))]
    pub(crate) fn for_location(&self, shown: &str) -> Result<Option<(usize, Config)>> {
        let starts = |prefix: &str| {
            let prefix = prefix.strip_prefix("/vsicurl/").unwrap_or(prefix);
            let named = [("/vsis3/", "s3://"), ("/vsigs/", "gs://"), ("/vsiaz/", "az://")]
                .iter()
                .find_map(|(vsi, scheme)| prefix.strip_prefix(vsi).map(|rest| format!("{scheme}{rest}")));
            let prefix = named.as_deref().unwrap_or(prefix);
            // "s3://a" is not a prefix of "s3://ab/c": another bucket.
            shown
                .strip_prefix(prefix)
                .is_some_and(|rest| prefix.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
        };
        let matching = self.prefixes.iter().enumerate().filter(|(_, entry)| starts(&entry.prefix));
        let Some((index, entry)) = matching.max_by_key(|(_, entry)| entry.prefix.len()) else { return Ok(None) };
        let mut config = self.clone();
        config.apply(|name| {
            entry.settings.iter().rfind(|(set, _)| set == name).map(|(_, value)| value.expose().to_owned())
        })?;
        Ok(Some((index, config)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_config_file_gives_prefixes_their_own_credentials() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gdalrc");
        let text = "[configoptions]\nGDAL_HTTP_MAX_RETRY=2\nOGR_SOMETHING=1\n[credentials]\n[.mine]\npath=/vsis3/mine\n\
                    AWS_ACCESS_KEY_ID=abc\n[.deep]\npath=s3://mine/deep/\nAWS_ACCESS_KEY_ID=deep\n";
        std::fs::write(&path, text).unwrap();
        let config = Config::default().with_file(&path).unwrap();
        assert_eq!(config.retry.max_retries, 2);
        let key = |shown: &str| {
            let found = config.for_location(shown).unwrap();
            found.map(|(_, config)| config.s3.access_key_id.unwrap().expose().to_owned())
        };
        assert_eq!(key("s3://mine/a").as_deref(), Some("abc"));
        assert_eq!(key("s3://mine/deep/a").as_deref(), Some("deep"));
        assert_eq!(key("s3://mine2/a"), None);
    }
}
