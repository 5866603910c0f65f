//! `--nodata` of each command: a value that the samples cannot have is refused, not ignored.

use crate::command;

use cog_testkit::Corpus;

fn testdata(name: &str) -> String {
    let all = Corpus::testdata().files().unwrap();
    let file = all.into_iter().find(|f| f.name() == name).unwrap_or_else(|| panic!("{name} is not in testdata/files"));
    file.path.to_str().unwrap().to_owned()
}

/// Refused where rasterio 1.4.4 refuses `nodata=` of a new file.
#[test]
fn nodata_outside_the_type_is_refused_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    for (name, values) in [
        ("lzw_uint8_strips.tif", &["256", "-1", "255.5", "nan", "inf"][..]),
        ("cog_lzw_p2_int16_nodata.tif", &["-32769", "40000", "nan"]),
        ("deflate_p2_int64.tif", &["nan", "1e19"]),
        ("cog_zstd_p3_float32_nodata_nan.tif", &["1e39"]),
    ] {
        let file = testdata(name);
        for value in values {
            for arguments in [
                &["read", &file, "--nodata", value, "-o", out][..],
                &["preview", &file, "--nodata", value, "-o", out],
                &["stats", &file, "--nodata", value],
                &["point", &file, "--pixels", "--nodata", value, "1", "1"],
            ] {
                let end = command::run(arguments);
                command::assert_one_clear_line(&end, &[name, "nodata", "outside the range of the type"]);
                assert!(end.stdout.is_empty() && !folder.path().join("out").exists());
            }
        }
    }
}

#[test]
fn nodata_that_the_type_can_have_is_taken() {
    for (name, values) in [
        ("lzw_uint8_strips.tif", &["0", "255", "254.5"][..]),
        ("cog_lzw_p2_int16_nodata.tif", &["-32768"]),
        ("deflate_p2_int64.tif", &["-9223372036854775808", "9223372036854775807"]),
        ("cog_zstd_p3_float32_nodata_nan.tif", &["nan", "-inf", "3.4028235e38"]),
    ] {
        for value in values {
            let end = command::run(["stats", &testdata(name), "--nodata", value]);
            assert!(end.is_success(), "{name} {value}: {}", command::failure(&end));
        }
    }
}
