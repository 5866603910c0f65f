//! What `--help` says beside the arguments: exit codes and the environment.

use std::fmt::Write;

use cog_read::io::Config;

use crate::exit;

/// Variables of the command and of reading; those of fetching are [`Config::settings`].
const VARIABLES: [(&str, &str); 10] = [
    ("LOG_LEVEL", "Log from this level on: ERROR, WARNING, INFO, DEBUG (requests), TRACE (headers too); default none"),
    ("VERBOSE_LOGS", "TRUE: log the headers of requests and answers, without their secrets"),
    ("RUST_LOG", "Log what is named: cog_io=debug,hyper=trace; other crates do not hide secrets"),
    ("NO_COLOR", "Anything: no colours in logs and help"),
    ("BOUNDLESS_READ", "TRUE: keep the part of a window outside the image"),
    ("BOUNDLESS_READ_FILL_VALUE", "What fills it; default nodata, else 0"),
    ("ZOOM_LEVEL_STRATEGY", "Which overview a reduced read takes: AUTO, LOWER, UPPER or 0 to 100; default as GDAL"),
    (
        "GDAL_OVERVIEW_OVERSAMPLING_THRESHOLD",
        "How many times coarser an overview may be; default 1.2 for nearest, else 1",
    ),
    ("COG_CONFIG_FILE", "File that sets these, in the format of GDAL's configuration file"),
    ("GDAL_CONFIG_FILE", "The same (GDAL)"),
];

/// Columns of names, and of all.
const NAMES: usize = 39;
const COLUMNS: usize = 99;

/// For `-h`.
pub(super) fn short() -> String {
    format!("{}\n\n--help lists the environment variables too.", exit::table())
}

/// For `--help`.
pub(super) fn long() -> String {
    let mut text = format!("{}\n\nEnvironment variables:", exit::table());
    let settings = Config::settings().iter().map(|setting| (setting.name, setting.about));
    for (name, about) in VARIABLES.into_iter().chain(settings) {
        _ = write!(text, "\n  {name:<NAMES$}");
        let mut column = 2 + NAMES;
        for word in about.split(' ') {
            if column + 1 + word.len() > COLUMNS {
                _ = write!(text, "\n  {:<NAMES$}", "");
                column = 2 + NAMES;
            }
            _ = write!(text, " {word}");
            column += 1 + word.len();
        }
    }
    text
}
