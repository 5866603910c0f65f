//! S3, against the server that `cargo xtask test` starts: the same pixels as from the disk.

use crate::command;
use std::path::Path;
use std::process::Command;

use cog_testkit::child;
use cog_testkit::{Corpus, parallel};

/// `cog` with the test server's endpoint and keys; none if there is no server.
fn cog(test: &str) -> Option<(Command, String)> {
    let (Ok(endpoint), Ok(bucket)) = (std::env::var("COG_TEST_S3"), std::env::var("COG_TEST_S3_BUCKET")) else {
        cog_testkit::not_run(test, "COG_TEST_S3 and COG_TEST_S3_BUCKET, which `cargo xtask test` sets");
        return None;
    };
    let mut command = command::cog();
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ALLOW_HTTP", "true").env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "s3cret-of-the-test");
    Some((command, bucket))
}

#[test]
fn pixels_and_masks_are_the_same_by_path_and_s3() {
    let test = "pixels_and_masks_are_the_same_by_path_and_s3";
    if cog(test).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let files = Corpus::testdata().well_formed().unwrap();
    let compared = parallel::map(&files, command::THREADS, |file| {
        let (_, bucket) = cog(test).unwrap();
        let url = format!("s3://{bucket}/{}", file.name());
        let stem = folder.path().join(file.name());
        let here = array(command::cog(), &file.path.to_string_lossy(), &stem.with_extension("here"));
        let there = array(cog(test).unwrap().0, &url, &stem.with_extension("there"));
        let shown = |array: &Result<(Vec<u8>, Vec<u8>), _>| {
            array.as_ref().map(|(out, mask)| (out.len(), mask.len())).map_err(Clone::clone)
        };
        assert!(here == there, "{url}: {:?} by path, {:?} by S3", shown(&here), shown(&there));
        here.is_ok()
    });
    let read = compared.iter().filter(|ok| **ok).count();
    println!("{read} files read the same by path and by S3");
    assert!(read > 50, "only {read} of {} files were read", files.len());
}

/// The `.npy` files of the array and its mask; or that it failed.
fn array(mut cog: Command, location: &str, stem: &Path) -> Result<(Vec<u8>, Vec<u8>), Option<i32>> {
    let (out, mask) = (stem.with_extension("npy"), stem.with_extension("mask.npy"));
    let end =
        child::run(cog.arg("read").arg(location).arg("-o").arg(&out).arg("--mask").arg(&mask), command::CAP).unwrap();
    if !end.is_success() {
        return Err(end.code);
    }
    Ok((std::fs::read(out).unwrap(), std::fs::read(mask).unwrap()))
}

#[test]
fn a_tile_by_s3_is_two_requests_in_all() {
    let Some((mut cog, bucket)) = cog("a_tile_by_s3_is_two_requests_in_all") else { return };
    let folder = tempfile::tempdir().unwrap();
    cog.arg("read").arg(format!("s3://{bucket}/cog_deflate_uint16_mask.tif"));
    cog.args(["--window", "64,64,64,64", "--stats", "-o"]).arg(folder.path().join("out.npy"));
    let end = child::run(&mut cog, command::CAP).unwrap();
    assert!(end.is_success(), "{}", command::failure(&end));
    assert_eq!(command::stats(&end)["requests"], 2);
}

#[test]
fn a_missing_key_and_a_missing_bucket_are_one_clear_line() {
    let Some((mut cog, bucket)) = cog("a_missing_key_and_a_missing_bucket_are_one_clear_line") else { return };
    let end = child::run(cog.arg("info").arg(format!("s3://{bucket}/none.tif")), command::CAP).unwrap();
    command::assert_one_clear_line(&end, &["none.tif", "not found"]);
    let (mut cog, _) = self::cog("a missing bucket").unwrap();
    let end = child::run(cog.arg("info").arg("s3://no-such-bucket/none.tif"), command::CAP).unwrap();
    command::assert_one_clear_line(&end, &["no-such-bucket", "not found"]);
    assert!(!end.stderr.contains("s3cret"), "{:?}", end.stderr);
}

#[test]
fn a_cog_goes_into_a_bucket_in_one_piece_or_in_parts() {
    let test = "a_cog_goes_into_a_bucket_in_one_piece_or_in_parts";
    let Some((_, bucket)) = cog(test) else { return };
    let folder = tempfile::tempdir().unwrap();
    let source = Corpus::testdata().files().unwrap();
    let source = source.iter().find(|file| file.name() == "deflate_p2_uint8_rgb.tif").unwrap();
    // Without compression at 40 times the resolution: 29 MB, which is four parts.
    for (name, more) in [("small.tif", &[][..]), ("large.tif", &["--compress", "none", "--resolution", "0.25"])] {
        let object = format!("s3://{bucket}/out/{name}");
        let here = folder.path().join(name);
        for out in [object.as_ref(), here.as_os_str()] {
            let mut command = cog(test).unwrap().0;
            command.arg("convert").arg(&source.path).arg(out).args(more);
            let end = child::run(&mut command, command::CAP).unwrap();
            assert!(end.is_success(), "{out:?}: {}", end.stderr);
        }
        let mut command = cog(test).unwrap().0;
        let end = child::run(command.args(["info", "--json", &object]), command::CAP).unwrap();
        let info: serde_json::Value = serde_json::from_str(&end.stdout).unwrap();
        assert_eq!(info["size"], std::fs::metadata(&here).unwrap().len(), "{info}");
        let read = |location: &str, out: &str| {
            let mut command = cog(test).unwrap().0;
            let out = folder.path().join(out);
            command.args(["read", location, "--level", "0", "-o"]).arg(&out);
            let end = child::run(&mut command, command::CAP).unwrap();
            assert!(end.is_success(), "{location}: {}", end.stderr);
            std::fs::read(out).unwrap()
        };
        assert!(read(&object, "there.npy") == read(here.to_str().unwrap(), "here.npy"), "{name}");
    }
    let mut command = cog(test).unwrap().0;
    command.arg("convert").arg(&source.path).arg("s3://there-is-no-such-bucket/a.tif");
    let end = child::run(&mut command, command::CAP).unwrap();
    assert!(!end.is_success() && end.stderr.trim_end().lines().count() == 1, "{}", end.stderr);
}
