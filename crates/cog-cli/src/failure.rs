//! How a failure is told, and the exit code that it ends with.

use cog_mosaic::{Error as Many, MosaicError};
use cog_read::{Error, ErrorClass};

use crate::exit::Exit;
use crate::output::destination::Refused;
use crate::output::{stderr, stdout};

/// Where mistakes of the command are reported.
const ISSUES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/issues");

/// Prints an error as one line.
pub(crate) fn fail(error: &anyhow::Error) -> Exit {
    if stdout::is_closed_pipe(error) {
        return Exit::Done;
    }
    stderr::line(&format!("cog: {}", told(error)));
    exit(error)
}

/// The exit code of an error. Only a command line that was refused ends as a wrong one: whatever else the caller asked for wrongly
/// was found out by looking at a file, or stands in the environment.
pub(crate) fn exit(error: &anyhow::Error) -> Exit {
    match class(error) {
        Some(class) => class.into(),
        None if error.is::<Refused>() => Exit::Usage,
        None => Exit::Failed,
    }
}

/// Who can act on it, where a library said so.
fn class(error: &anyhow::Error) -> Option<ErrorClass> {
    let read = error.downcast_ref::<Error>().map(Error::class);
    let warp = || error.downcast_ref::<cog_warp::Error>().map(cog_warp::Error::class);
    let validate = || error.downcast_ref::<cog_validate::Error>().map(cog_validate::Error::class);
    let written = || error.downcast_ref::<cog_write::Error>().map(cog_write::Error::class);
    let many = || error.downcast_ref::<Many>().map(Many::class);
    read.or_else(warp).or_else(validate).or_else(written).or_else(many)
}

/// Every cause once, the outermost first, and what to do where the command can say it.
pub(crate) fn told(error: &anyhow::Error) -> String {
    use cog_warp::Error as Warp;
    let mut many = error.downcast_ref::<Many>();
    while let Some(Many::Reader { cause, .. } | Many::Mosaic(MosaicError::Source { cause, .. })) = many {
        many = Some(cause);
    }
    let (read, warp) = match many {
        Some(Many::Read(read)) => (Some(read), None),
        Some(Many::Warp(warp)) => (None, Some(warp)),
        _ => (error.downcast_ref::<Error>(), error.downcast_ref::<Warp>()),
    };
    let is_too_large = matches!(read, Some(Error::TooLarge { .. }))
        || matches!(warp, Some(Warp::TooLarge { .. } | Warp::Read(Error::TooLarge { .. })));
    let hint = match class(error) {
        _ if is_too_large => "; --max-output raises it".to_owned(),
        Some(ErrorClass::Internal) => format!("; this is a mistake in cog, please report it: {ISSUES}"),
        _ => String::new(),
    };
    format!("{error:#}{hint}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyhow::Context;
    use cog_read::io;

    use super::*;

    fn denied() -> Error {
        let source = Arc::new(std::io::Error::other("the disk says no"));
        Error::Io(io::Error::Io { location: "a.tif".into(), source })
    }

    #[test]
    fn every_cause_is_told_once() {
        let source = io::Error::OutOfBounds { location: "a.tif".into(), range: 10..20, size: 12 };
        let block = Error::BlockBytes { level: 1, mask: false, x: 2, y: 3, source };
        for (error, line) in [
            (denied().into(), "a.tif: the disk says no"),
            (
                block.into(),
                "level 1, block (2, 3): a.tif: offset 10 with length 10 is out of bounds for a 12-byte file",
            ),
            (
                Err::<(), _>(denied()).context("location 2 of 3").unwrap_err(),
                "location 2 of 3: a.tif: the disk says no",
            ),
            (
                Err::<(), _>(std::io::Error::other("full")).context("cannot write o.npy").unwrap_err(),
                "cannot write o.npy: full",
            ),
        ] {
            assert_eq!(told(&error), line);
        }
    }

    #[test]
    fn a_mistake_of_our_own_ends_with_its_own_code_and_says_where_to_report_it() {
        let worker: anyhow::Error = Error::Worker { location: "a.tif".into(), message: "odd".into() }.into();
        assert_eq!(exit(&worker), Exit::Bug);
        assert!(told(&worker).ends_with("/issues"), "{}", told(&worker));
        let below: anyhow::Error = Error::Io(io::Error::InvertedRange { location: "a.tif".into(), range: 9..9 }).into();
        assert_eq!(exit(&below.context("location 1 of 2")), Exit::Bug);
    }

    #[test]
    fn what_a_file_or_a_store_does_ends_with_1() {
        assert_eq!(exit(&denied().into()), Exit::Failed);
        assert_eq!(exit(&anyhow::anyhow!("cannot write")), Exit::Failed);
        for class in ErrorClass::ALL.into_iter().filter(|class| *class != ErrorClass::Internal) {
            assert_eq!(Exit::from(class), Exit::Failed, "{class}");
        }
    }
}
