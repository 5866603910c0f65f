//! Amazon S3 and what speaks its protocol.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use super::options::{no_credentials, no_retry, options, refused};
use super::profile::Profile;
use super::sigv4::SigV4;
use crate::config::{Config, Secret};
use crate::error::{ConfigProblem, Error, Result};
use crate::store::Connector;

const HINT: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, AWS_NO_SIGN_REQUEST=YES for a public \
                    bucket, or AWS_EC2_METADATA_DISABLED=NO to ask the instance metadata service";

/// Names of `more` that hold a role which `object_store` turns into credentials.
const ROLES: [&str; 3] =
    ["aws_web_identity_token_file", "aws_container_credentials_relative_uri", "aws_container_credentials_full_uri"];

pub(super) fn build(
    bucket: &str,
    region: Option<&str>,
    location: &Arc<str>,
    config: &Config,
    connector: Connector,
) -> Result<Arc<dyn ObjectStore>> {
    let settings = &config.s3;
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(bucket)
        .with_client_options(options())
        .with_retry(no_retry())
        .with_http_connector(connector.clone())
        .with_request_payer(settings.requester_pays)
        .with_virtual_hosted_style_request(settings.virtual_hosted);
    for (name, value) in settings.more.iter().filter(|(name, _)| name.as_str() != "https") {
        let key: AmazonS3ConfigKey =
            name.parse().map_err(|_| ConfigProblem::UnknownOption { store: "S3", name: name.clone() })?;
        builder = builder.with_config(key, value.expose());
    }
    let profile = Profile::read(settings)?;
    let role = ROLES.iter().any(|name| settings.more.contains_key(*name));
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    } else if let (Some(id), Some(key)) = (&settings.access_key_id, &settings.secret_access_key) {
        builder = with_keys(builder, id, key, settings.session_token.as_ref());
    } else if let (false, Some((id, key))) = (role, profile.keys()) {
        builder = with_keys(builder, id, key, profile.session_token.as_ref());
    } else if let (false, Some(what)) = (role, &profile.unsupported) {
        return Err(Error::Unsupported {
            location: Arc::clone(location),
            what: format!("\"{what}\" of the AWS profile"),
            hint: "export keys into the environment (aws configure export-credentials --format env)".into(),
        });
    } else if !role && !settings.instance_metadata {
        return Err(no_credentials(location, HINT));
    }
    if let Some(endpoint) = settings.endpoint.as_ref().or(profile.endpoint.as_ref()) {
        builder = builder.with_endpoint(endpoint);
    }
    let region = region.or(settings.region.as_deref()).or(profile.region.as_deref()).unwrap_or("us-east-1");
    let store = builder.with_region(region).build().map_err(|error| refused(location, error))?;
    connector.set_signer(Arc::new(SigV4(Arc::clone(store.credentials()))));
    Ok(Arc::new(store))
}

fn with_keys(builder: AmazonS3Builder, id: &Secret, key: &Secret, token: Option<&Secret>) -> AmazonS3Builder {
    let builder = builder.with_access_key_id(id.expose()).with_secret_access_key(key.expose());
    match token {
        Some(token) => builder.with_token(token.expose()),
        None => builder,
    }
}
