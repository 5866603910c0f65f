//! Azure Blob Storage.

use std::sync::Arc;

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use object_store::ObjectStore;
use object_store::azure::{AzureAuthorizer, AzureConfigKey, AzureCredentialProvider, MicrosoftAzureBuilder};
use object_store::client::HttpRequest;

use super::key::Sign;
use super::options::{no_credentials, no_retry, options, refused};
use crate::config::Config;
use crate::error::{ConfigProblem, Result};
use crate::store::Connector;

const HINT: &str = "set AZURE_STORAGE_ACCESS_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_STORAGE_CONNECTION_STRING, or \
                    AZURE_NO_SIGN_REQUEST=YES for a public container";

pub(super) fn build(
    container: &str,
    account: Option<&str>,
    location: &Arc<str>,
    config: &Config,
    connector: Connector,
) -> Result<Arc<dyn ObjectStore>> {
    let settings = &config.azure;
    let account = account
        .or(settings.account.as_deref())
        .ok_or_else(|| ConfigProblem::NoAccount { location: Arc::clone(location) })?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(container)
        .with_client_options(options())
        .with_retry(no_retry())
        .with_http_connector(connector.clone());
    for (name, value) in &settings.more {
        let key: AzureConfigKey =
            name.parse().map_err(|_| ConfigProblem::UnknownOption { store: "az://", name: name.clone() })?;
        builder = builder.with_config(key, value.expose());
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.trim_end_matches('/').to_owned());
    }
    if settings.anonymous {
        builder = builder.with_skip_signature(true);
    } else if let Some(key) = &settings.access_key {
        builder = builder.with_access_key(key.expose());
    } else if let Some(token) = &settings.sas_token {
        builder = builder.with_config(AzureConfigKey::SasKey, token.expose().trim_start_matches('?'));
    } else if let Some(token) = &settings.bearer {
        builder = builder.with_bearer_token_authorization(token.expose());
    } else if settings.more.is_empty() {
        return Err(no_credentials(location, HINT));
    }
    let store = builder.build().map_err(|error| refused(location, error))?;
    connector
        .set_signer(Arc::new(SharedKey { credentials: Arc::clone(store.credentials()), account: account.to_owned() }));
    Ok(Arc::new(store))
}

/// Signs by account key; tokens and shared access signatures do not depend on the path.
#[derive(Debug)]
struct SharedKey {
    credentials: AzureCredentialProvider,
    account: String,
}

#[async_trait]
impl Sign for SharedKey {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let signed =
            request.headers().get(AUTHORIZATION).is_some_and(|value| value.as_bytes().starts_with(b"SharedKey "));
        if !signed {
            return Ok(());
        }
        // The signer appends to what is there.
        request.headers_mut().remove(AUTHORIZATION);
        let credential = self.credentials.get_credential().await?;
        AzureAuthorizer::new(&credential, &self.account).try_authorize(request)
    }
}
