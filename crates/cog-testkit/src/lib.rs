//! What several crates' tests share. Unpublished.
//!
//! - [`corpus`]: TIFF files and, beside them, what other readers read from them: `testdata/` always, and the folder that
//!   `COG_CORPUS` names when it is set.
//! - [`expected`]: the JSON of one file, typed.
//! - [`npy`]: NumPy files: shape, type, and sha256 of the samples.
//! - [`child`]: a program run with a time cap, its peak memory measured.
//! - [`damage`]: files damaged at random, the same every time.
//! - [`python`]: the interpreter of the test environment that `cargo xtask test` makes.
//! - [`server`]: an HTTP server in this process that counts requests and can misbehave.
//!
//! ```
//! use cog_testkit::corpus::Corpus;
//!
//! let files = Corpus::testdata().files()?;
//! let one = files.iter().find(|f| f.name() == "sparse_nodata.tif").expect("is in testdata/files");
//! assert_eq!(one.expected()?.meta.expect("opens").nodata.and_then(|v| v.as_f64()), Some(-1.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod child;
pub mod corpus;
pub mod damage;
pub mod expected;
pub mod npy;
pub mod parallel;
pub mod python;
pub mod server;

pub use corpus::{Corpus, CorpusFile};
pub use expected::Expected;

/// Says on standard error, in one line, that a test did nothing and what would make it run.
#[allow(clippy::print_stderr, reason = "a skipped test must be visible in the log")]
pub fn not_run(test: &str, needs: &str) {
    eprintln!("not run: {test} needs {needs}");
}
