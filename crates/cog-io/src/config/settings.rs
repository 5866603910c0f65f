//! The names by which the environment, a config file or a prefix sets things, and what each does to a [`Config`].

use std::time::Duration;

use super::Config;
use crate::error::{ConfigProblem, Result};

/// One name that can be set in the environment: AWS's, Google's, Azure's, aiocogeo's or GDAL's.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Setting {
    /// The name of the variable.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    apply: fn(&mut Config, &str) -> Result<(), &'static str>,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.about)
    }
}

fn flag(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Ok(true),
        "no" | "false" | "off" | "0" => Ok(false),
        _ => Err("YES or NO"),
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, &'static str> {
    text.parse().map_err(|_| "a whole number")
}

/// A size: bytes, or with a unit as GDAL writes them (`64KB`, `8MB`; powers of 1024).
fn bytes(text: &str) -> Result<u64, &'static str> {
    let upper = text.trim().to_ascii_uppercase();
    let digits = upper.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match upper.get(digits.len()..).unwrap_or_default() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err("a number of bytes, such as 32768, 64KB or 8MB"),
    };
    let number: u64 = digits.trim().parse().map_err(|_| "a number of bytes, such as 32768, 64KB or 8MB")?;
    number.checked_mul(1 << shift).ok_or("a smaller number of bytes")
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok()).ok_or("a number of seconds")
}

/// `AWS_S3_ENDPOINT` is a host in GDAL and a URL elsewhere; `AWS_HTTPS` says which scheme a bare host gets.
fn endpoint(config: &Config, text: &str) -> String {
    if text.contains("://") {
        return text.to_owned();
    }
    let https = config.s3.more.get("https").is_none_or(|value| value.expose() != "false");
    format!("{}://{text}", if https { "https" } else { "http" })
}

/// GDAL's `GDAL_HTTP_HEADERS`: `Name: value` pairs separated by commas or line ends; a value with a comma is quoted.
fn headers(config: &mut Config, text: &str) -> Result<(), &'static str> {
    let mut rest = text;
    while !rest.trim().is_empty() {
        let trimmed = rest.trim_start();
        let (pair, after) = match trimmed.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or("headers as \"Name: value\", separated by commas")?,
            None => trimmed.split_once([',', '\n', '\r']).unwrap_or((trimmed, "")),
        };
        let (name, value) = pair.split_once(':').ok_or("headers as \"Name: value\", separated by commas")?;
        config.headers.push((name.trim().to_owned(), value.trim().into()));
        rest = after.trim_start_matches([',', '\n', '\r', ' ']);
    }
    Ok(())
}

fn header_file(config: &mut Config, text: &str) -> Result<(), &'static str> {
    let content = std::fs::read_to_string(text).map_err(|_| "a readable file of \"Name: value\" lines")?;
    for line in content.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').ok_or("a file of \"Name: value\" lines")?;
        config.headers.push((name.trim().to_owned(), value.trim().into()));
    }
    Ok(())
}

fn more(config: &mut Config, key: &str, text: &str) {
    config.s3.more.insert(key.to_owned(), text.into());
}

macro_rules! settings {
    ($($name:literal, $about:literal, |$config:ident, $text:ident| $apply:expr;)*) => {
        /// In the order in which they apply: of two names for one thing the later wins.
        pub(super) const SETTINGS: &[Setting] = &[$(Setting {
            name: $name,
            about: $about,
            apply: |$config, $text| { $apply; Ok(()) },
        }),*];
    };
}

settings! {
    "HEADER_CHUNK_SIZE", "Alignment of further header reads (aiocogeo); default 16384", |c, v| c.header_block_bytes = bytes(v)?;
    "GDAL_INGESTED_BYTES_AT_OPEN", "Bytes of the first read (GDAL)", |c, v| c.ingested_bytes_at_open = bytes(v)?.max(1);
    "INGESTED_BYTES_AT_OPEN", "Bytes of the first read; default 32768", |c, v| c.ingested_bytes_at_open = bytes(v)?.max(1);
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES", "NO: do not merge neighbouring ranges (GDAL)", |c, v| c.merge.enabled = flag(v)?;
    "HTTP_MERGE_CONSECUTIVE_RANGES", "NO: do not merge neighbouring ranges", |c, v| c.merge.enabled = flag(v)?;
    "HTTP_MERGE_MAX_GAP", "Largest gap bridged between two ranges; default 64KB", |c, v| c.merge.max_gap = bytes(v)?;
    "HTTP_MERGE_MAX_SIZE", "Largest merged read; default 8MB", |c, v| c.merge.max_size = bytes(v)?.max(1);
    "ENABLE_HEADER_CACHE", "NO: keep no header bytes in the session", |c, v| c.header_cache = flag(v)?;
    "ENABLE_CACHE", "Older name of ENABLE_BLOCK_CACHE (aiocogeo)", |c, v| c.block_cache = flag(v)?;
    "ENABLE_BLOCK_CACHE", "NO: keep no compressed blocks in the session", |c, v| c.block_cache = flag(v)?;
    "HEADER_CACHE_SIZE", "Bytes of the header cache; default 32MB", |c, v| c.header_cache_bytes = bytes(v)?;
    "BLOCK_CACHE_SIZE", "Bytes of the block cache; default 32MB", |c, v| c.block_cache_bytes = bytes(v)?;
    "VSI_CACHE", "NO: keep nothing in the session (GDAL)",
        |c, v| { c.header_cache = flag(v)?; c.block_cache = flag(v)? };
    "VERSION_TTL", "Seconds a seen version is trusted; default 60, 0 asks at every open", |c, v| c.version_ttl = seconds(v)?;
    "PIN_VERSION", "NO: trust the size of an object alone, not ETag and Last-Modified", |c, v| c.pin = flag(v)?;
    "HTTP_MAX_IN_FLIGHT", "Requests in flight in a session; default 256", |c, v| c.max_in_flight = number::<usize>(v)?.max(1);
    "GDAL_HTTP_CONNECTTIMEOUT", "Seconds to connect; default 10", |c, v| c.connect_timeout = seconds(v)?;
    "GDAL_HTTP_LOW_SPEED_TIME", "Seconds of silence allowed; default 30", |c, v| c.read_timeout = seconds(v)?;
    "GDAL_HTTP_TIMEOUT", "Seconds for one range with its retries; default 300", |c, v| c.request_timeout = seconds(v)?;
    "GDAL_HTTP_MAX_RETRY", "Retries of one request; default 5", |c, v| c.retry.max_retries = number(v)?;
    "GDAL_HTTP_RETRY_DELAY", "Seconds before the first retry; default 0.1", |c, v| c.retry.base_delay = seconds(v)?;
    "GDAL_HTTP_HEADERS", "Headers of plain HTTP requests: Name: value, Name: value", |c, v| headers(c, v)?;
    "GDAL_HTTP_HEADER_FILE", "File of Name: value lines", |c, v| header_file(c, v)?;
    "GDAL_HTTP_USERAGENT", "User-Agent of plain HTTP requests", |c, v| c.headers.push(("user-agent".into(), v.into()));
    "GDAL_HTTP_COOKIE", "Cookie of plain HTTP requests", |c, v| c.headers.push(("cookie".into(), v.into()));
    "GDAL_HTTP_BEARER", "Bearer token of plain HTTP requests", |c, v| c.bearer = Some(v.into());
    "GDAL_HTTP_USERPWD", "user:password of plain HTTP requests",
        |c, v| c.headers.push(("authorization".into(), super::secret::basic(v)));
    "SSL_CERT_FILE", "Certificates (PEM) to trust", |c, v| c.ca_file = Some(v.into());
    "AWS_CA_BUNDLE", "Certificates (PEM) to trust", |c, v| c.ca_file = Some(v.into());
    "CURL_CA_BUNDLE", "Certificates (PEM) to trust", |c, v| c.ca_file = Some(v.into());
    "GDAL_CURL_CA_BUNDLE", "Certificates (PEM) to trust", |c, v| c.ca_file = Some(v.into());
    "ALL_PROXY", "Proxy for all targets", |c, v| { c.proxy.http = Some(v.into()); c.proxy.https = Some(v.into()) };
    "all_proxy", "Proxy for all targets", |c, v| { c.proxy.http = Some(v.into()); c.proxy.https = Some(v.into()) };
    "http_proxy", "Proxy for http targets", |c, v| c.proxy.http = Some(v.into());
    "HTTPS_PROXY", "Proxy for https targets", |c, v| c.proxy.https = Some(v.into());
    "https_proxy", "Proxy for https targets", |c, v| c.proxy.https = Some(v.into());
    "GDAL_HTTP_PROXY", "Proxy for http targets (GDAL)", |c, v| c.proxy.http = Some(v.into());
    "GDAL_HTTPS_PROXY", "Proxy for https targets (GDAL)", |c, v| c.proxy.https = Some(v.into());
    "NO_PROXY", "Hosts reached directly", |c, v| c.proxy.no_proxy = Some(v.into());
    "no_proxy", "Hosts reached directly", |c, v| c.proxy.no_proxy = Some(v.into());
    "AWS_ACCESS_KEY_ID", "S3 access key id", |c, v| c.s3.access_key_id = Some(v.into());
    "AWS_SECRET_ACCESS_KEY", "S3 secret access key", |c, v| c.s3.secret_access_key = Some(v.into());
    "AWS_SESSION_TOKEN", "S3 session token", |c, v| c.s3.session_token = Some(v.into());
    "AWS_DEFAULT_REGION", "S3 region", |c, v| c.s3.region = Some(v.into());
    "AWS_REGION", "S3 region", |c, v| c.s3.region = Some(v.into());
    "AWS_DEFAULT_PROFILE", "Profile in the AWS files", |c, v| c.s3.profile = Some(v.into());
    "AWS_PROFILE", "Profile in the AWS files", |c, v| c.s3.profile = Some(v.into());
    "AWS_SHARED_CREDENTIALS_FILE", "Default ~/.aws/credentials", |c, v| c.s3.credentials_file = Some(v.into());
    "CPL_AWS_CREDENTIALS_FILE", "Default ~/.aws/credentials (GDAL)", |c, v| c.s3.credentials_file = Some(v.into());
    "AWS_CONFIG_FILE", "Default ~/.aws/config", |c, v| c.s3.config_file = Some(v.into());
    "AWS_HTTPS", "NO: http for an endpoint given as a bare host (GDAL)",
        |c, v| { let on = flag(v)?; more(c, "https", if on { "true" } else { "false" }) };
    "AWS_ENDPOINT", "S3 endpoint", |c, v| c.s3.endpoint = Some(endpoint(c, v));
    "AWS_ENDPOINT_URL", "S3 endpoint", |c, v| c.s3.endpoint = Some(endpoint(c, v));
    "AWS_ENDPOINT_URL_S3", "S3 endpoint", |c, v| c.s3.endpoint = Some(endpoint(c, v));
    "AWS_S3_ENDPOINT", "S3 endpoint (GDAL: host, or URL)", |c, v| c.s3.endpoint = Some(endpoint(c, v));
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "YES: bucket.host/key", |c, v| c.s3.virtual_hosted = flag(v)?;
    "AWS_VIRTUAL_HOSTING", "YES: bucket.host/key (GDAL)", |c, v| c.s3.virtual_hosted = flag(v)?;
    "AWS_SKIP_SIGNATURE", "YES: anonymous S3", |c, v| c.s3.anonymous = flag(v)?;
    "AWS_NO_SIGN_REQUEST", "YES: anonymous S3", |c, v| c.s3.anonymous = flag(v)?;
    "AWS_REQUEST_PAYER", "requester: pay for the requests",
        |c, v| c.s3.requester_pays = v.eq_ignore_ascii_case("requester") || flag(v)?;
    "AWS_EC2_METADATA_DISABLED", "NO: ask the instance metadata service for credentials", |c, v| c.s3.instance_metadata = !flag(v)?;
    "AWS_WEB_IDENTITY_TOKEN_FILE", "Web identity token", |c, v| more(c, "aws_web_identity_token_file", v);
    "AWS_ROLE_ARN", "Role of the web identity", |c, v| more(c, "aws_role_arn", v);
    "AWS_ROLE_SESSION_NAME", "Session name of the role", |c, v| more(c, "aws_role_session_name", v);
    "AWS_ENDPOINT_URL_STS", "STS endpoint", |c, v| more(c, "aws_endpoint_url_sts", v);
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "Container role", |c, v| more(c, "aws_container_credentials_relative_uri", v);
    "AWS_CONTAINER_CREDENTIALS_FULL_URI", "Container role", |c, v| more(c, "aws_container_credentials_full_uri", v);
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "Container role", |c, v| more(c, "aws_container_authorization_token_file", v);
    "GOOGLE_SERVICE_ACCOUNT", "Service account file", |c, v| c.gcs.credentials_file = Some(v.into());
    "GOOGLE_SERVICE_ACCOUNT_PATH", "Service account file", |c, v| c.gcs.credentials_file = Some(v.into());
    "GOOGLE_APPLICATION_CREDENTIALS", "Credentials file", |c, v| c.gcs.credentials_file = Some(v.into());
    "GOOGLE_SERVICE_ACCOUNT_KEY", "Service account JSON",
        |c, v| { c.gcs.more.insert("google_service_account_key".into(), v.into()); };
    "GOOGLE_BEARER_TOKEN", "Bearer token for gs://", |c, v| c.gcs.bearer = Some(v.into());
    "GOOGLE_SKIP_SIGNATURE", "YES: anonymous gs://", |c, v| c.gcs.anonymous = flag(v)?;
    "GS_NO_SIGN_REQUEST", "YES: anonymous gs:// (GDAL)", |c, v| c.gcs.anonymous = flag(v)?;
    "GS_USER_PROJECT", "Project that pays", |c, v| c.gcs.user_project = Some(v.into());
    "GOOGLE_BASE_URL", "Endpoint for gs://", |c, v| c.gcs.endpoint = Some(v.into());
    "CPL_GS_ENDPOINT", "Endpoint for gs:// (GDAL)", |c, v| c.gcs.endpoint = Some(v.into());
    "CPL_MACHINE_IS_GCE", "YES: ask the instance metadata service (GDAL)", |c, v| c.gcs.instance_metadata = flag(v)?;
    "AZURE_STORAGE_CONNECTION_STRING", "Account, key or SAS, and endpoint in one", |c, v| connection_string(c, v);
    "AZURE_STORAGE_ACCOUNT_NAME", "Storage account", |c, v| c.azure.account = Some(v.into());
    "AZURE_STORAGE_ACCOUNT", "Storage account", |c, v| c.azure.account = Some(v.into());
    "AZURE_STORAGE_ACCOUNT_KEY", "Account key", |c, v| c.azure.access_key = Some(v.into());
    "AZURE_STORAGE_ACCESS_KEY", "Account key", |c, v| c.azure.access_key = Some(v.into());
    "AZURE_STORAGE_KEY", "Account key", |c, v| c.azure.access_key = Some(v.into());
    "AZURE_SAS", "Shared access signature (GDAL)", |c, v| c.azure.sas_token = Some(v.into());
    "AZURE_STORAGE_SAS_TOKEN", "Shared access signature", |c, v| c.azure.sas_token = Some(v.into());
    "AZURE_STORAGE_SAS_KEY", "Shared access signature", |c, v| c.azure.sas_token = Some(v.into());
    "AZURE_STORAGE_TOKEN", "Bearer token", |c, v| c.azure.bearer = Some(v.into());
    "AZURE_STORAGE_ACCESS_TOKEN", "Bearer token (GDAL)", |c, v| c.azure.bearer = Some(v.into());
    "AZURE_STORAGE_ENDPOINT", "Endpoint", |c, v| c.azure.endpoint = Some(v.into());
    "AZURE_ENDPOINT", "Endpoint", |c, v| c.azure.endpoint = Some(v.into());
    "AZURE_SKIP_SIGNATURE", "YES: anonymous", |c, v| c.azure.anonymous = flag(v)?;
    "AZURE_NO_SIGN_REQUEST", "YES: anonymous", |c, v| c.azure.anonymous = flag(v)?;
    "AZURE_CLIENT_ID", "Service principal", |c, v| { c.azure.more.insert("azure_client_id".into(), v.into()); };
    "AZURE_CLIENT_SECRET", "Service principal", |c, v| { c.azure.more.insert("azure_client_secret".into(), v.into()); };
    "AZURE_TENANT_ID", "Service principal", |c, v| { c.azure.more.insert("azure_tenant_id".into(), v.into()); };
    "AZURE_FEDERATED_TOKEN_FILE", "Workload identity",
        |c, v| { c.azure.more.insert("azure_federated_token_file".into(), v.into()); };
    "AZURE_MSI_ENDPOINT", "Managed identity", |c, v| { c.azure.more.insert("azure_msi_endpoint".into(), v.into()); };
}

fn connection_string(config: &mut Config, text: &str) {
    let (mut scheme, mut suffix, mut blob) = ("https", "core.windows.net", None);
    for (name, value) in text.split(';').filter_map(|part| part.split_once('=')) {
        match name.trim() {
            "AccountName" => config.azure.account = Some(value.to_owned()),
            "AccountKey" => config.azure.access_key = Some(value.into()),
            "SharedAccessSignature" => config.azure.sas_token = Some(value.into()),
            "BlobEndpoint" => blob = Some(value.trim_end_matches('/').to_owned()),
            "DefaultEndpointsProtocol" => scheme = value,
            "EndpointSuffix" => suffix = value,
            _ => {}
        }
    }
    config.azure.endpoint = blob.or_else(|| {
        let account = config.azure.account.as_deref().filter(|_| suffix != "core.windows.net" || scheme != "https")?;
        Some(format!("{scheme}://{account}.blob.{suffix}"))
    });
}

impl Setting {
    /// An empty value sets nothing, as in a shell.
    pub(super) fn apply_to(&self, config: &mut Config, value: &str) -> Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        (self.apply)(config, value).map_err(|wanted| ConfigProblem::Value { name: self.name, wanted }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_once() {
        let names: std::collections::BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len());
    }

    #[test]
    fn the_readme_lists_every_name_and_what_it_does() {
        let readme = include_str!("../../README.md");
        for setting in SETTINGS {
            let row = format!("| `{}` | {} |", setting.name, setting.about);
            assert!(readme.contains(&row), "missing in README.md: {row}");
        }
    }
}
