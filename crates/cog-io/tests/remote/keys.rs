//! Keys are asked for as they are written.

use cog_io::{Config, Error, Location, Session};
use cog_testkit::server::Server;

use super::{content, quick};

/// Odd keys, and how a path of a request writes them.
const KEYS: [(&str, &str); 14] = [
    ("/k", "/k"),
    ("a//c", "a//c"),
    ("a/b/", "a/b/"),
    ("//", "//"),
    ("./k", "./k"),
    ("a/../k", "a/../k"),
    ("..", ".."),
    ("a%20b/50%", "a%2520b/50%25"),
    ("a b+c", "a%20b%2Bc"),
    ("/a#b?c=d&e", "/a%23b%3Fc%3Dd%26e"),
    ("n\u{e9}e/nfc", "n%C3%A9e/nfc"),
    ("ne\u{301}e//nfd", "ne%CC%81e//nfd"),
    ("a\\b//*'()!~", "a%5Cb//%2A%27%28%29%21~"),
    ("plain.tif", "plain.tif"),
];

fn config(server: &Server, signed: bool) -> Config {
    let mut config = quick();
    let endpoint = server.url("");
    config.s3.endpoint = Some(endpoint.clone());
    config.gcs.endpoint = Some(endpoint.clone());
    config.azure.endpoint = Some(endpoint);
    config.azure.account = Some("account".into());
    (config.s3.anonymous, config.gcs.anonymous, config.azure.anonymous) = (!signed, !signed, !signed);
    if signed {
        config.s3.access_key_id = Some("AKIA".into());
        config.s3.secret_access_key = Some("secret".into());
        config.gcs.bearer = Some("tok".into());
        config.azure.access_key = Some("a2V5".into());
    }
    config
}

#[tokio::test]
async fn every_store_is_asked_for_the_key_as_it_is_written() {
    for signed in [false, true] {
        let files = KEYS.map(|(key, sent)| {
            // The server knows a file by its path as sent, or decoded.
            let dots = key.split('/').any(|part| part == "." || part == "..");
            (if dots { format!("/bucket/{sent}") } else { format!("/bucket/{key}") }, content(100))
        });
        let server = Server::start(files);
        let session = Session::new(config(&server, signed));
        for scheme in ["s3", "gs", "az"] {
            for (key, sent) in KEYS {
                let location = Location::parse(&format!("{scheme}://bucket/{key}")).unwrap();
                let opened = session.open(&location).await;
                if scheme == "az" && key.split('/').any(|part| part == "." || part == "..") {
                    let error = opened.unwrap_err();
                    assert!(matches!(error, Error::Unsupported { .. }), "{error}");
                    continue;
                }
                server.take_log();
                assert_eq!(opened.unwrap().read_first(10).await.unwrap(), content(10), "{location}, signed: {signed}");
                let log = server.take_log();
                let decoded = percent_encoding::percent_decode_str(&log[0].path).decode_utf8().unwrap().into_owned();
                assert_eq!(decoded, format!("/bucket/{key}"), "{scheme}");
                if scheme == "s3" {
                    assert_eq!(log[0].path, format!("/bucket/{sent}"));
                }
                assert_eq!(log[0].header("authorization").is_some(), signed, "{location}");
                assert_eq!(
                    log[0].headers.iter().filter(|(name, _)| name == "authorization").count(),
                    usize::from(signed)
                );
            }
        }
    }
}

/// A shared access signature stands in the query once.
#[tokio::test]
async fn a_shared_access_signature_goes_with_the_key() {
    let server = Server::start([("/bucket//a//b", content(100))]);
    let mut config = config(&server, false);
    config.azure.anonymous = false;
    config.set("AZURE_STORAGE_SAS_TOKEN", "?sv=2024&sig=a%2Fb%3D").unwrap();
    let source = Session::new(config).open(&Location::parse("az://bucket//a//b").unwrap()).await.unwrap();
    assert_eq!(source.read_first(10).await.unwrap(), content(10));
    let path = server.log().pop().unwrap().path;
    assert!(path.starts_with("/bucket//a//b?") && path.matches("sig=").count() == 1, "{path}");
}

/// Keys that boto3 puts, in a server that knows nothing of us: `COG_TEST_S3` and `COG_TEST_PYTHON`, which `cargo xtask test` sets.
#[tokio::test]
async fn what_boto3_puts_is_found_under_the_same_key() {
    let (Ok(endpoint), Some(python)) = (std::env::var("COG_TEST_S3"), cog_testkit::python::interpreter()) else {
        let needs = "COG_TEST_S3 and COG_TEST_PYTHON (cargo xtask test sets them)";
        return cog_testkit::not_run("what_boto3_puts_is_found_under_the_same_key", needs);
    };
    let script = "
import boto3, sys
s3 = boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id='testing', aws_secret_access_key='testing')
s3.create_bucket(Bucket='odd-keys')
for key in sys.argv[2:]:
    s3.put_object(Bucket='odd-keys', Key=key, Body=('the bytes of ' + key).encode())
print('\\n'.join(sorted(o['Key'] for o in s3.list_objects_v2(Bucket='odd-keys')['Contents'])))
";
    let keys = KEYS.map(|(key, _)| key);
    let put = std::process::Command::new(python).args(["-c", script, &endpoint]).args(keys).output().unwrap();
    assert!(put.status.success(), "{}", String::from_utf8_lossy(&put.stderr));
    let listed = String::from_utf8(put.stdout).unwrap();
    let mut config = quick();
    config.s3.endpoint = Some(endpoint);
    config.s3.access_key_id = Some("testing".into());
    config.s3.secret_access_key = Some("testing".into());
    let session = Session::new(config);
    for key in keys {
        assert!(listed.lines().any(|line| line == key), "{key:?} is not among the keys of boto3:\n{listed}");
        let source = session.open(&Location::parse(&format!("s3://odd-keys/{key}")).unwrap()).await.unwrap();
        assert_eq!(source.read_first(1000).await.unwrap(), format!("the bytes of {key}"), "{key:?}");
    }
}

/// A blob that another client put, under account key: `COG_TEST_AZURE` and `COG_TEST_AZURE_BLOB`, which `cargo xtask test` sets.
#[tokio::test]
async fn azurite_finds_a_blob_of_an_odd_name() {
    let (Ok(connection), Ok(blob)) = (std::env::var("COG_TEST_AZURE"), std::env::var("COG_TEST_AZURE_BLOB")) else {
        return cog_testkit::not_run("azurite_finds_a_blob_of_an_odd_name", "COG_TEST_AZURE and COG_TEST_AZURE_BLOB");
    };
    let container = blob.split('/').next().unwrap();
    let mut config = Config::default();
    config.set("AZURE_STORAGE_CONNECTION_STRING", &connection).unwrap();
    let session = Session::new(config);
    let location = Location::parse(&format!("az://{container}//odd//a b+c%20#/x")).unwrap();
    let source = session.open(&location).await.unwrap();
    assert_eq!(source.read_first(1000).await.unwrap(), content(1000));
    assert_eq!(source.read(60_000..60_100).await.unwrap(), content(70_000)[60_000..60_100]);
}
