//! The AWS credentials and config files.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{S3Settings, Secret};
use crate::error::{ConfigProblem, Result};

/// What a profile holds for us.
#[derive(Debug, Default)]
pub(super) struct Profile {
    access_key_id: Option<Secret>,
    secret_access_key: Option<Secret>,
    pub(super) session_token: Option<Secret>,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    /// A way to credentials that is not here, such as `sso_session`.
    pub(super) unsupported: Option<&'static str>,
}

const UNSUPPORTED: [&str; 5] = ["role_arn", "sso_session", "sso_start_url", "credential_process", "source_profile"];

impl Profile {
    /// The profile that the settings name, or `default`. Files that are not there are no error, unless a profile was named that
    /// neither file has.
    pub(super) fn read(settings: &S3Settings) -> Result<Self> {
        let name = settings.profile.as_deref().unwrap_or("default");
        let home = |file: &str| std::env::home_dir().map(|home| home.join(".aws").join(file));
        let credentials = section(settings.credentials_file.clone().or_else(|| home("credentials")), name, false)?;
        let config = section(settings.config_file.clone().or_else(|| home("config")), name, true)?;
        if settings.profile.is_some() && credentials.is_none() && config.is_none() && settings.access_key_id.is_none() {
            return Err(ConfigProblem::NoProfile { name: name.to_owned() }.into());
        }
        // Keys of the credentials file win over those of the config file.
        let mut values = config.unwrap_or_default();
        values.extend(credentials.unwrap_or_default());
        let mut take = |name: &str| values.remove(name).filter(|value| !value.is_empty());
        Ok(Self {
            access_key_id: take("aws_access_key_id").map(Secret::from),
            secret_access_key: take("aws_secret_access_key").map(Secret::from),
            session_token: take("aws_session_token").map(Secret::from),
            region: take("region"),
            endpoint: take("endpoint_url"),
            unsupported: UNSUPPORTED.into_iter().find(|name| values.contains_key(*name)),
        })
    }

    pub(super) fn keys(&self) -> Option<(&Secret, &Secret)> {
        self.access_key_id.as_ref().zip(self.secret_access_key.as_ref())
    }
}

/// The values of one section. In the config file a profile is called `[profile name]`, except `[default]`.
fn section(path: Option<PathBuf>, name: &str, is_config: bool) -> Result<Option<HashMap<String, String>>> {
    let Some(path) = path else { return Ok(None) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ConfigProblem::File { what: "AWS file", path, cause: Arc::new(error) }.into()),
    };
    let mut found: Option<HashMap<String, String>> = None;
    let mut inside = false;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let header = header.trim();
            let profile = if is_config { header.strip_prefix("profile ").map_or(header, str::trim) } else { header };
            inside = profile == name;
            if inside {
                found.get_or_insert_default();
            }
        } else if let (true, Some((key, value))) = (inside && !line.starts_with([' ', '\t']), trimmed.split_once('=')) {
            // Indented lines belong to a nested section such as "s3 =".
            found.get_or_insert_default().insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(credentials: &str, config: &str, profile: Option<&str>) -> (tempfile::TempDir, S3Settings) {
        let dir = tempfile::tempdir().unwrap();
        let (credentials_file, config_file) = (dir.path().join("credentials"), dir.path().join("config"));
        std::fs::write(&credentials_file, credentials).unwrap();
        std::fs::write(&config_file, config).unwrap();
        let settings = S3Settings {
            credentials_file: Some(credentials_file),
            config_file: Some(config_file),
            profile: profile.map(str::to_owned),
            ..S3Settings::default()
        };
        (dir, settings)
    }

    const CREDENTIALS: &str = "[default]\naws_access_key_id = D\naws_secret_access_key=d/=\n# comment\n[work]\n\
                               aws_access_key_id=W\naws_secret_access_key=w\naws_session_token=t\n";
    const CONFIG: &str = "[default]\nregion=eu-west-1\n[profile work]\nregion = us-west-2\ns3 =\n  addressing_style = path\n\
                          endpoint_url=http://127.0.0.1:1\n[profile sso]\nsso_session=x\n";

    #[test]
    fn the_default_profile_is_used_when_none_is_named() {
        let (_dir, settings) = settings(CREDENTIALS, CONFIG, None);
        let profile = Profile::read(&settings).unwrap();
        assert_eq!(profile.keys().map(|(id, key)| (id.expose(), key.expose())), Some(("D", "d/=")));
        assert_eq!(profile.region.as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn a_named_profile_has_its_own_keys_region_and_endpoint() {
        let (_dir, settings) = settings(CREDENTIALS, CONFIG, Some("work"));
        let profile = Profile::read(&settings).unwrap();
        assert_eq!(profile.session_token.as_ref().map(Secret::expose), Some("t"));
        assert_eq!(
            (profile.region.as_deref(), profile.endpoint.as_deref()),
            (Some("us-west-2"), Some("http://127.0.0.1:1"))
        );
    }

    #[test]
    fn what_a_profile_needs_and_is_not_here_is_named() {
        let (_dir, settings) = settings(CREDENTIALS, CONFIG, Some("sso"));
        assert_eq!(Profile::read(&settings).unwrap().unsupported, Some("sso_session"));
    }

    #[test]
    fn a_profile_that_is_nowhere_is_an_error() {
        let (_dir, settings) = settings(CREDENTIALS, CONFIG, Some("lost"));
        assert!(Profile::read(&settings).unwrap_err().to_string().contains("\"lost\""));
    }
}
