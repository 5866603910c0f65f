//! Everything that can be set, in one place, with the environment names that set it.

mod environment;
mod file;
mod secret;
mod settings;

pub use self::secret::Secret;
#[cfg(feature = "http")]
pub(crate) use self::secret::basic;
pub use self::settings::Setting;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::align::BLOCK;
use crate::merge::MergeRules;

/// How a [`Session`](crate::Session) reads.
///
/// `Config::default()` knows nothing of the environment; [`Config::from_env`] reads it once, by the names of
/// [`Config::settings`]. `Debug` shows no secret.
///
/// ```
/// use cog_io::Config;
/// use std::time::Duration;
/// let config = Config::default().with_ingested_bytes_at_open(65_536).with_read_timeout(Duration::from_secs(5));
/// assert_eq!(config.ingested_bytes_at_open, 65_536);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Bytes of the first read of an object. Default 32 KiB.
    pub ingested_bytes_at_open: u64,
    /// Further header bytes come in blocks aligned to this many bytes (see [`align`](crate::align())). Default 16 KiB.
    pub header_block_bytes: u64,
    /// Which ranges share one request.
    pub merge: MergeRules,
    /// Requests in flight at once in a session. Default 256.
    pub max_in_flight: usize,
    /// Requests in flight at once in one read. Default 64.
    pub max_in_flight_per_read: usize,
    /// Bytes that a stream of ranges fetches ahead of its consumer. Default 32 MiB.
    pub read_ahead_bytes: u64,
    /// The longest single read; ranges come from files, and files lie. Default 2 GiB.
    pub max_read_bytes: u64,
    /// A server that ignores ranges sends the whole object: used up to this size, refused above. Default 16 MiB.
    pub max_whole_object_bytes: u64,
    /// To resolve, connect and shake hands. Default 10 s.
    pub connect_timeout: Duration,
    /// Longest silence: until the response starts, and between two pieces of its body. Default 30 s.
    pub read_timeout: Duration,
    /// One range with all its retries. Default 5 min.
    pub request_timeout: Duration,
    /// When and how often a failed request is sent again.
    pub retry: RetryPolicy,
    /// Redirects followed in one request. Default 10.
    pub max_redirects: usize,
    /// Whether header bytes of remote objects are kept in the session. Default true.
    pub header_cache: bool,
    /// Whether ranges (compressed blocks) of remote objects are kept in the session. Default true.
    pub block_cache: bool,
    /// Bytes of the header cache. Default 32 MiB.
    pub header_cache_bytes: u64,
    /// Bytes of the block cache. Default 32 MiB.
    pub block_cache_bytes: u64,
    /// How long a seen version is trusted before an open asks again. 0: every open asks. Default 60 s.
    pub version_ttl: Duration,
    /// Whether an object must keep its ETag and Last-Modified (a local file its time of change) while it is read. Default true.
    /// False trusts its size alone, for servers whose mirrors do not agree on them: a change that keeps the size
    /// goes unnoticed, and what differs is told by [`Source::warnings`](crate::Source::warnings).
    pub pin: bool,
    /// Headers of every plain HTTP request. Not sent on after a redirect to another host.
    pub headers: Vec<(String, Secret)>,
    /// `Authorization: Bearer …` of every plain HTTP request.
    pub bearer: Option<Secret>,
    /// Certificates (PEM) to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Proxies.
    pub proxy: ProxySettings,
    /// Amazon S3 and what speaks its protocol.
    pub s3: S3Settings,
    /// Google Cloud Storage.
    pub gcs: GcsSettings,
    /// Azure Blob Storage.
    pub azure: AzureSettings,
    /// Settings for some locations only: those that start with the prefix. The longest prefix wins. Names are
    /// those of [`Config::settings`].
    pub prefixes: Vec<PrefixSettings>,
}

/// When and how often a failed request is sent again: on HTTP 408, 429 and 5xx, on a connection that breaks and on silence; once on a
/// connection that cannot be made; never on other 4xx and never on a certificate error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts after the first. Default 5.
    pub max_retries: u32,
    /// Wait before the first retry; doubles each time, with jitter of half. A longer Retry-After is honoured. Default 100 ms.
    pub base_delay: Duration,
    /// Longest wait that doubling reaches. Default 15 s.
    pub max_delay: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_retries: 5, base_delay: Duration::from_millis(100), max_delay: Duration::from_secs(15) }
    }
}

/// Proxies, by the scheme of the target. The URLs may hold `user:password@`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProxySettings {
    /// Proxy for `http://` targets.
    pub http: Option<Secret>,
    /// Proxy for `https://` targets (CONNECT).
    pub https: Option<Secret>,
    /// Hosts reached directly, as in `NO_PROXY`.
    pub no_proxy: Option<String>,
}

/// Amazon S3 and what speaks its protocol.
///
/// Credentials are looked for in this order: [`anonymous`](Self::anonymous); keys given here; a web identity or container
/// role; the profile in the credentials and config files; the instance metadata service if
/// [`instance_metadata`](Self::instance_metadata) allows it. If there are none the open fails at once and says so.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct S3Settings {
    /// Access key id.
    pub access_key_id: Option<Secret>,
    /// Secret access key.
    pub secret_access_key: Option<Secret>,
    /// Token of temporary credentials.
    pub session_token: Option<Secret>,
    /// Region. If it is not given or wrong, the one the store names is used.
    pub region: Option<String>,
    /// Another endpoint: `https://host[:port]`, without the bucket.
    pub endpoint: Option<String>,
    /// Profile in the credentials and config files.
    pub profile: Option<String>,
    /// Default `~/.aws/credentials`.
    pub credentials_file: Option<PathBuf>,
    /// Default `~/.aws/config`.
    pub config_file: Option<PathBuf>,
    /// Send no signature.
    pub anonymous: bool,
    /// The requester pays.
    pub requester_pays: bool,
    /// `bucket.host/key` instead of `host/bucket/key`.
    pub virtual_hosted: bool,
    /// RangeGet the EC2 instance metadata service for credentials when nothing else has them. Default false: elsewhere it stalls.
    pub instance_metadata: bool,
    /// Further options by the names of object_store's `AmazonS3ConfigKey` (`aws_role_arn` …).
    pub more: BTreeMap<String, Secret>,
}

/// Google Cloud Storage.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GcsSettings {
    /// Send no credentials.
    pub anonymous: bool,
    /// Bearer token.
    pub bearer: Option<Secret>,
    /// Service account or application default credentials file.
    pub credentials_file: Option<PathBuf>,
    /// Another endpoint.
    pub endpoint: Option<String>,
    /// Project that pays (`x-goog-user-project`).
    pub user_project: Option<String>,
    /// RangeGet the instance metadata service when nothing else has credentials. Default false.
    pub instance_metadata: bool,
    /// Further options by the names of object_store's `GoogleConfigKey`.
    pub more: BTreeMap<String, Secret>,
}

/// Azure Blob Storage.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct AzureSettings {
    /// Storage account, where the location does not name it.
    pub account: Option<String>,
    /// Account key.
    pub access_key: Option<Secret>,
    /// Shared access signature: the query string.
    pub sas_token: Option<Secret>,
    /// Bearer token.
    pub bearer: Option<Secret>,
    /// Another endpoint: `https://account.host` or `http://host:port/account`.
    pub endpoint: Option<String>,
    /// Send no credentials.
    pub anonymous: bool,
    /// Further options by the names of object_store's `AzureConfigKey`.
    pub more: BTreeMap<String, Secret>,
}

/// Settings of the locations that start with a prefix.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PrefixSettings {
    /// As in `s3://bucket/folder/` or `https://host/`; GDAL's `/vsis3/bucket` is understood too.
    pub prefix: String,
    /// Name and value, by the names of [`Config::settings`].
    pub settings: Vec<(String, Secret)>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ingested_bytes_at_open: 32 << 10,
            header_block_bytes: BLOCK,
            merge: MergeRules::default(),
            max_in_flight: 256,
            max_in_flight_per_read: 64,
            read_ahead_bytes: 32 << 20,
            max_read_bytes: 2 << 30,
            max_whole_object_bytes: 16 << 20,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(300),
            retry: RetryPolicy::default(),
            max_redirects: 10,
            header_cache: true,
            block_cache: true,
            header_cache_bytes: 32 << 20,
            block_cache_bytes: 32 << 20,
            version_ttl: Duration::from_secs(60),
            pin: true,
            headers: Vec::new(),
            bearer: None,
            ca_file: None,
            proxy: ProxySettings::default(),
            s3: S3Settings::default(),
            gcs: GcsSettings::default(),
            azure: AzureSettings::default(),
            prefixes: Vec::new(),
        }
    }
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident => $field:ident: $kind:ty;)*) => {
        impl Config {
            $($(#[$doc])* #[must_use] pub fn $setter(mut self, $field: $kind) -> Self { self.$field = $field; self })*
        }
    };
}

setters! {
    /// Sets [`Config::ingested_bytes_at_open`].
    with_ingested_bytes_at_open => ingested_bytes_at_open: u64;
    /// Sets [`Config::header_block_bytes`].
    with_header_block_bytes => header_block_bytes: u64;
    /// Sets [`Config::merge`].
    with_merge => merge: MergeRules;
    /// Sets [`Config::max_in_flight`].
    with_max_in_flight => max_in_flight: usize;
    /// Sets [`Config::max_in_flight_per_read`].
    with_max_in_flight_per_read => max_in_flight_per_read: usize;
    /// Sets [`Config::read_ahead_bytes`].
    with_read_ahead_bytes => read_ahead_bytes: u64;
    /// Sets [`Config::max_read_bytes`].
    with_max_read_bytes => max_read_bytes: u64;
    /// Sets [`Config::max_whole_object_bytes`].
    with_max_whole_object_bytes => max_whole_object_bytes: u64;
    /// Sets [`Config::connect_timeout`].
    with_connect_timeout => connect_timeout: Duration;
    /// Sets [`Config::read_timeout`].
    with_read_timeout => read_timeout: Duration;
    /// Sets [`Config::request_timeout`].
    with_request_timeout => request_timeout: Duration;
    /// Sets [`Config::retry`].
    with_retry => retry: RetryPolicy;
    /// Sets [`Config::header_cache`].
    with_header_cache => header_cache: bool;
    /// Sets [`Config::block_cache`].
    with_block_cache => block_cache: bool;
    /// Sets [`Config::header_cache_bytes`].
    with_header_cache_bytes => header_cache_bytes: u64;
    /// Sets [`Config::block_cache_bytes`].
    with_block_cache_bytes => block_cache_bytes: u64;
    /// Sets [`Config::version_ttl`].
    with_version_ttl => version_ttl: Duration;
    /// Sets [`Config::pin`].
    with_pin => pin: bool;
    /// Sets [`Config::proxy`].
    with_proxy => proxy: ProxySettings;
    /// Sets [`Config::s3`].
    with_s3 => s3: S3Settings;
    /// Sets [`Config::gcs`].
    with_gcs => gcs: GcsSettings;
    /// Sets [`Config::azure`].
    with_azure => azure: AzureSettings;
}

impl Config {
    /// Adds a header to every plain HTTP request.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sends `Authorization: Bearer …` with every plain HTTP request.
    #[must_use]
    pub fn with_bearer(mut self, token: impl Into<Secret>) -> Self {
        self.bearer = Some(token.into());
        self
    }

    /// Trusts the certificates of this PEM file instead of the system's.
    #[must_use]
    pub fn with_ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }
}
