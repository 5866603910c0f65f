use std::sync::Arc;

use cog_io::object_store::memory::InMemory;
use cog_io::object_store::path::Path;
use cog_io::object_store::{ObjectStore, ObjectStoreExt};
use cog_io::{Config, Error, Location, Session, Source};

use super::content;

async fn memory(name: &str, len: usize) -> (Arc<dyn ObjectStore>, Path) {
    let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let path = Path::from(name);
    store.put(&path, content(len).into()).await.unwrap();
    (store, path)
}

#[tokio::test]
async fn a_store_that_the_caller_brings_is_read_and_counted() {
    let (store, path) = memory("a.tif", 5000).await;
    let source = Source::from_store(&Session::default(), Arc::clone(&store), path.clone());
    assert_eq!(source.read_first(10_000).await.unwrap(), content(5000));
    assert_eq!(source.size(), Some(5000));
    assert_eq!(source.read_ranges(&[10..20, 4000..4100]).await.unwrap()[1], content(5000)[4000..4100]);
    assert_eq!(source.stats().requests, 3);
    store.put(&path, content(4999).into()).await.unwrap();
    assert!(source.read(0..10).await.unwrap_err().is_changed());
}

#[tokio::test]
async fn missing_and_empty_objects_of_a_store_are_named() {
    let (store, path) = memory("a.tif", 0).await;
    let session = Session::default();
    let empty = Source::from_store(&session, Arc::clone(&store), path).read_first(100).await.unwrap_err();
    assert!(matches!(empty, Error::Empty { .. }), "{empty}");
    let missing = Source::from_store(&session, store, Path::from("b")).read_first(100).await.unwrap_err();
    assert!(missing.is_not_found(), "{missing}");
}

#[tokio::test]
async fn bytes_and_open_files_are_sources_too() {
    let source = Source::from_bytes(content(100));
    assert_eq!(source.read_ranges(&[0..5, 95..100]).await.unwrap()[1], content(100)[95..]);
    assert!(matches!(source.read(95..101).await, Err(Error::OutOfBounds { size: 100, .. })));
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content(100)).unwrap();
    let source = Source::from_file(file.reopen().unwrap(), "given").unwrap();
    let mut buffer = [0; 10];
    source.local().unwrap().read_at(90, &mut buffer).unwrap();
    assert_eq!(buffer, content(100)[90..]);
    assert!(source.local().unwrap().read_at(91, &mut buffer).is_err());
    assert_eq!(source.stats().requests, 0);
}

#[cfg(feature = "aws")]
#[tokio::test]
async fn a_signed_store_without_credentials_fails_at_once_and_says_what_helps() {
    let mut config = Config::default();
    let none = tempfile::tempdir().unwrap();
    config.s3.credentials_file = Some(none.path().join("none"));
    config.s3.config_file = Some(none.path().join("none"));
    let started = std::time::Instant::now();
    let error = Session::new(config).open(&Location::parse("s3://bucket/key").unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::Denied { .. }) && error.to_string().contains("AWS_NO_SIGN_REQUEST=YES"), "{error}");
    assert!(started.elapsed() < std::time::Duration::from_secs(1));
}

/// S3, GCS and Azure objects are paths of an HTTP server, so the server in this process can stand in for their reads.
#[cfg(all(feature = "aws", feature = "gcp", feature = "azure"))]
mod stand_in {
    use cog_testkit::server::{Fault, Server};

    use super::super::{content, open, quick};
    use super::*;

    fn config(server: &Server) -> Config {
        let mut config = quick();
        let endpoint = server.url("");
        config.s3.endpoint = Some(endpoint.clone());
        config.s3.anonymous = true;
        config.gcs.endpoint = Some(endpoint.clone());
        config.gcs.anonymous = true;
        config.azure.endpoint = Some(endpoint);
        config.azure.account = Some("account".into());
        config.azure.anonymous = true;
        config
    }

    #[tokio::test]
    async fn every_store_reads_by_one_get_and_names_its_errors() {
        let server = Server::start([("/bucket/dir/a.tif", content(5000)), ("/bucket/empty", content(0))]);
        let session = Session::new(config(&server));
        for scheme in ["s3", "gs", "az"] {
            server.take_log();
            let source = open(&session, &format!("{scheme}://bucket/dir/a.tif")).await;
            assert_eq!(source.read_first(1000).await.unwrap(), content(1000), "{scheme}");
            assert_eq!(source.size(), Some(5000));
            assert_eq!(source.read_ranges(&[2000..2100, 2100..2200]).await.unwrap()[1], content(5000)[2100..2200]);
            assert_eq!(server.log().len(), 2, "{scheme}");
            assert!(server.log()[1].header("if-match").is_some(), "{scheme}");
            assert_eq!((source.stats().requests, source.stats().bytes), (2, 1200), "{scheme}");
            let missing = open(&session, &format!("{scheme}://bucket/none")).await.read_first(10).await.unwrap_err();
            assert_eq!(missing.to_string(), format!("{scheme}://bucket/none: not found (HTTP 404)"));
            let empty = open(&session, &format!("{scheme}://bucket/empty")).await.read_first(10).await.unwrap_err();
            assert!(matches!(empty, Error::Empty { .. }), "{scheme}: {empty}");
            server.inject("/bucket/dir/a.tif", 1, Fault::S3Error("AccessDenied".into()));
            let denied = source.read(3000..3010).await.unwrap_err().to_string();
            assert!(denied.contains("HTTP 403, AccessDenied; the request was anonymous"), "{denied}");
            server.put("/bucket/dir/a.tif", content(5000));
            assert!(source.read(4000..4010).await.unwrap_err().is_changed(), "{scheme}");
        }
    }

    #[tokio::test]
    async fn faults_are_met_the_same_way_in_a_store() {
        let server = Server::start([("/bucket/a", content(5000))]);
        let session = Session::new(config(&server));
        for fault in [Fault::Status(503), Fault::Cut(10), Fault::Reset, Fault::Short(1)] {
            server.put("/bucket/a", content(5000));
            server.inject("/bucket/a", 2, fault.clone());
            let source = open(&session, "s3://bucket/a").await;
            assert_eq!(source.read(100..200).await.unwrap(), content(5000)[100..200], "{fault:?}");
        }
        // What is right by HTTP and unusual is right in a bucket too.
        let aws_chunked = Fault::Headers(vec![("content-encoding", "aws-chunked")]);
        for fault in [aws_chunked, Fault::Less(30), Fault::Truncated(30), Fault::RangeAs200(false), Fault::UnknownSize]
        {
            server.put("/bucket/a", content(5000));
            server.inject("/bucket/a", usize::MAX, fault.clone());
            for scheme in ["s3", "gs", "az"] {
                let source = open(&Session::new(config(&server)), &format!("{scheme}://bucket/a")).await;
                assert_eq!(source.read(100..200).await.unwrap(), content(5000)[100..200], "{scheme}: {fault:?}");
            }
            server.behave();
        }
        for fault in [Fault::Gzip, Fault::ShiftedContentRange, Fault::NoContentRange] {
            server.put("/bucket/a", content(5000));
            server.inject("/bucket/a", 1, fault.clone());
            let error = open(&session, "s3://bucket/a").await.read(100..200).await.unwrap_err();
            assert!(matches!(error, Error::Protocol { .. }), "{fault:?}: {error}");
        }
        server.inject("/bucket/a", 1, Fault::IgnoreRange);
        assert_eq!(open(&session, "s3://bucket/a").await.read(300..400).await.unwrap(), content(5000)[300..400]);
    }

    #[tokio::test]
    async fn the_region_that_s3_names_is_used_and_kept() {
        let server = Server::start([("/bucket/a", content(5000)), ("/bucket/b", content(5000))]);
        let mut config = config(&server);
        config.s3.anonymous = false;
        config.s3.access_key_id = Some("AKIA".into());
        config.s3.secret_access_key = Some("secret".into());
        let session = Session::new(config);
        server.inject("/bucket/a", 1, Fault::Region("eu-central-1".into()));
        assert_eq!(open(&session, "s3://bucket/a").await.read_first(10).await.unwrap(), content(10));
        assert_eq!(open(&session, "s3://bucket/b").await.read_first(10).await.unwrap(), content(10));
        let regions: Vec<_> = server
            .log()
            .iter()
            .map(|entry| {
                let signature = entry.header("authorization").unwrap();
                ["us-east-1", "eu-central-1"].into_iter().find(|region| signature.contains(region)).unwrap()
            })
            .collect();
        assert_eq!(regions, ["us-east-1", "eu-central-1", "eu-central-1"]);
    }

    #[tokio::test]
    async fn every_way_to_authorize_reaches_the_store() {
        let server = Server::start([("/bucket/a", content(50))]);
        let base = || {
            let mut config = config(&server);
            (config.s3.anonymous, config.gcs.anonymous, config.azure.anonymous) = (false, false, false);
            config
        };
        let sent = async |config: Config, scheme: &str| {
            server.take_log();
            open(&Session::new(config), &format!("{scheme}://bucket/a")).await.read_first(10).await.unwrap();
            server.log().pop().unwrap()
        };
        let mut temporary = base();
        temporary.set("AWS_ACCESS_KEY_ID", "AKTEMP").unwrap();
        temporary.set("AWS_SECRET_ACCESS_KEY", "s").unwrap();
        temporary.set("AWS_SESSION_TOKEN", "session").unwrap();
        let s3 = sent(temporary, "s3").await;
        assert!(s3.header("authorization").unwrap().contains("AWS4-HMAC-SHA256 Credential=AKTEMP"));
        assert_eq!(s3.header("x-amz-security-token"), Some("session"));

        let files = tempfile::tempdir().unwrap();
        let path = files.path().join("credentials");
        std::fs::write(&path, "[work]\naws_access_key_id=AKWORK\naws_secret_access_key=s\n").unwrap();
        let mut profile = base();
        profile.set("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap()).unwrap();
        profile.set("AWS_CONFIG_FILE", files.path().join("none").to_str().unwrap()).unwrap();
        profile.set("AWS_PROFILE", "work").unwrap();
        assert!(sent(profile, "s3").await.header("authorization").unwrap().contains("Credential=AKWORK"));

        let mut bearer = base();
        bearer.set("GOOGLE_BEARER_TOKEN", "tok").unwrap();
        bearer.set("GS_USER_PROJECT", "payer").unwrap();
        let gs = sent(bearer, "gs").await;
        assert_eq!(gs.header("authorization"), Some("Bearer tok"));
        assert_eq!(gs.header("x-goog-user-project"), Some("payer"));

        let mut key = base();
        key.set("AZURE_STORAGE_ACCESS_KEY", "a2V5").unwrap();
        assert!(sent(key, "az").await.header("authorization").unwrap().starts_with("SharedKey account:"));
        let mut sas = base();
        sas.set("AZURE_STORAGE_SAS_TOKEN", "?sv=2024&sig=a%2Fb%3D").unwrap();
        let az = sent(sas, "az").await;
        assert!(az.path.contains("sv=2024") && az.path.contains("sig=a%2Fb%3D"), "{}", az.path);
        assert_eq!(az.header("authorization"), None);

        for scheme in ["s3", "gs", "az"] {
            assert_eq!(sent(config(&server), scheme).await.header("authorization"), None, "{scheme}, anonymous");
        }
    }

    #[tokio::test]
    async fn requester_pays_is_said_and_prefixes_have_their_own_settings() {
        let server = Server::start([("/bucket/a", content(50)), ("/other/a", content(50))]);
        let mut config = config(&server);
        config.s3.requester_pays = true;
        config.s3.anonymous = false;
        config.s3.access_key_id = Some("AKFIRST".into());
        config.s3.secret_access_key = Some("s".into());
        let file = tempfile::NamedTempFile::new().unwrap();
        let text = "[credentials]\n[.x]\npath=/vsis3/other\nAWS_ACCESS_KEY_ID=AKOTHER\nAWS_SECRET_ACCESS_KEY=s\n";
        std::fs::write(file.path(), text).unwrap();
        let session = Session::new(config.with_file(file.path()).unwrap());
        open(&session, "s3://bucket/a").await.read_first(10).await.unwrap();
        open(&session, "s3://other/a").await.read_first(10).await.unwrap();
        let log = server.log();
        assert_eq!(log[0].header("x-amz-request-payer"), Some("requester"));
        assert!(log[0].header("authorization").unwrap().contains("AKFIRST"));
        assert!(log[1].header("authorization").unwrap().contains("AKOTHER"));
    }
}

/// Runs against a real S3 server: `COG_TEST_S3` is its endpoint, `COG_TEST_S3_BUCKET` a bucket to write to.
#[cfg(feature = "aws")]
#[tokio::test]
async fn moto_gives_the_same_bytes_signed() {
    let Ok(endpoint) = std::env::var("COG_TEST_S3") else {
        return cog_testkit::not_run("moto_gives_the_same_bytes_signed", "COG_TEST_S3 (cargo xtask test sets it)");
    };
    let bucket = std::env::var("COG_TEST_S3_BUCKET").unwrap_or_else(|_| "cog-test".into());
    let mut config = Config::default();
    config.s3.endpoint = Some(endpoint.clone());
    config.s3.access_key_id = Some("testing".into());
    config.s3.secret_access_key = Some("testing".into());
    let key = "io test/a+b.bin";
    put(&endpoint, &bucket, "io%20test/a%2Bb.bin", &content(70_000)).await;
    let session = Session::new(config);
    let source = session.open(&Location::parse(&format!("s3://{bucket}/{key}")).unwrap()).await.unwrap();
    assert_eq!(source.read_first(32_768).await.unwrap(), content(70_000)[..32_768]);
    assert_eq!(source.read_ranges(&[60_000..60_100, 69_990..70_000]).await.unwrap()[1], content(70_000)[69_990..]);
    put(&endpoint, &bucket, "io%20test/a%2Bb.bin", &content(69_000)).await;
    assert!(source.read(50_000..50_100).await.unwrap_err().is_changed());
    let missing = session.open(&Location::parse(&format!("s3://{bucket}/none")).unwrap()).await.unwrap();
    assert!(missing.read_first(10).await.unwrap_err().is_not_found());
}

/// A PUT by hand, since nothing here writes: moto wants a signature and does not check it.
#[cfg(feature = "aws")]
async fn put(endpoint: &str, bucket: &str, key: &str, bytes: &[u8]) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let host = endpoint.trim_start_matches("http://").trim_end_matches('/');
    for (path, body) in [(format!("/{bucket}"), &[][..]), (format!("/{bucket}/{key}"), bytes)] {
        let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\nConnection: close\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request, \
             SignedHeaders=host, Signature=0\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") || answer.contains("BucketAlreadyOwnedByYou"), "{answer}");
    }
}

/// Runs against a real Azure server: `COG_TEST_AZURE` is a connection string, `COG_TEST_AZURE_BLOB` the `container/name` of a blob with
/// the 70 000 bytes of `content`.
#[cfg(feature = "azure")]
#[tokio::test]
async fn azurite_gives_the_same_bytes_signed() {
    let (Ok(connection), Ok(blob)) = (std::env::var("COG_TEST_AZURE"), std::env::var("COG_TEST_AZURE_BLOB")) else {
        return cog_testkit::not_run("azurite_gives_the_same_bytes_signed", "COG_TEST_AZURE and COG_TEST_AZURE_BLOB");
    };
    let mut config = Config::default();
    config.set("AZURE_STORAGE_CONNECTION_STRING", &connection).unwrap();
    let session = Session::new(config);
    let source = session.open(&Location::parse(&format!("az://{blob}")).unwrap()).await.unwrap();
    assert_eq!(source.read_first(32_768).await.unwrap(), content(70_000)[..32_768]);
    assert_eq!(source.read_ranges(&[60_000..60_100, 69_990..70_000]).await.unwrap()[1], content(70_000)[69_990..]);
    assert_eq!(source.stats().requests, 3);
    let missing = session.open(&Location::parse(&format!("az://{blob}.none")).unwrap()).await.unwrap();
    assert!(missing.read_first(10).await.unwrap_err().is_not_found());
}

/// One piece and several, which go to a container that another client made.
#[cfg(feature = "azure")]
#[tokio::test]
async fn azurite_takes_uploads_and_gives_them_back() {
    let (Ok(connection), Ok(blob)) = (std::env::var("COG_TEST_AZURE"), std::env::var("COG_TEST_AZURE_BLOB")) else {
        return cog_testkit::not_run(
            "azurite_takes_uploads_and_gives_them_back",
            "COG_TEST_AZURE and COG_TEST_AZURE_BLOB",
        );
    };
    let container = blob.split('/').next().unwrap();
    let mut config = Config::default();
    config.set("AZURE_STORAGE_CONNECTION_STRING", &connection).unwrap();
    let session = Session::new(config);
    for size in [1000, 20_000_000] {
        let location = Location::parse(&format!("az://{container}/uploads/{size}.bin")).unwrap();
        let bytes = content(size);
        session.check_upload(&location).await.unwrap();
        session.upload(&location, size as u64, &mut &*bytes).await.unwrap();
        let source = session.open(&location).await.unwrap();
        let end = size as u64;
        assert_eq!(source.read(end - 100..end).await.unwrap(), bytes[size - 100..]);
        assert_eq!(source.read(0..900).await.unwrap(), bytes[..900]);
    }
    let nowhere = Location::parse("az://there-is-no-such-container/a.bin").unwrap();
    assert!(session.upload(&nowhere, 1000, &mut &*content(1000)).await.unwrap_err().is_not_found());
}
