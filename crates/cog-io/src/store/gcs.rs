//! Google Cloud Storage.

use std::sync::Arc;

use http::header::HeaderValue;
use object_store::ObjectStore;
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};

use super::options::{no_credentials, no_retry, options, refused};
use crate::config::Config;
use crate::error::{ConfigProblem, Result};
use crate::store::Connector;

const HINT: &str = "set GOOGLE_APPLICATION_CREDENTIALS, GS_NO_SIGN_REQUEST=YES for a public bucket, or \
                    CPL_MACHINE_IS_GCE=YES to ask the instance metadata service";

pub(super) fn build(
    bucket: &str,
    location: &Arc<str>,
    config: &Config,
    connector: Connector,
) -> Result<Arc<dyn ObjectStore>> {
    let settings = &config.gcs;
    // Object names are not paths there: every character that is not a letter or a digit is encoded.
    let mut connector = connector.with_all_encoded();
    if let Some(project) = &settings.user_project {
        let value =
            HeaderValue::from_str(project).map_err(|_| ConfigProblem::Characters { what: "GS_USER_PROJECT".into() })?;
        connector = connector.with_header("x-goog-user-project", value);
    }
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket)
        .with_client_options(options())
        .with_retry(no_retry())
        .with_http_connector(connector);
    for (name, value) in &settings.more {
        let key: GoogleConfigKey =
            name.parse().map_err(|_| ConfigProblem::UnknownOption { store: "gs://", name: name.clone() })?;
        builder = builder.with_config(key, value.expose());
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_base_url(endpoint.trim_end_matches('/'));
    }
    let default_file =
        || std::env::home_dir().map(|home| home.join(".config/gcloud/application_default_credentials.json"));
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    } else if let Some(token) = &settings.bearer {
        builder = builder.with_bearer_token(token.expose());
    } else if let Some(path) = &settings.credentials_file {
        builder = builder.with_application_credentials(path.to_string_lossy());
    } else if settings.more.is_empty()
        && !settings.instance_metadata
        && !default_file().is_some_and(|path| path.is_file())
    {
        return Err(no_credentials(location, HINT));
    }
    Ok(Arc::new(builder.build().map_err(|error| refused(location, error))?))
}
