//! How a failure is told, and the exit code that it ends with.

use crate::exit::Exit;
use crate::output::destination::Refused;
use crate::output::{stderr, stdout};

/// Prints an error as one line.
pub(crate) fn fail(error: &anyhow::Error) -> Exit {
    if stdout::is_closed_pipe(error) {
        return Exit::Done;
    }
    let hint = match error.downcast_ref::<cog_read::Error>() {
        Some(cog_read::Error::TooLarge { .. }) => "; --max-output raises it",
        _ => "",
    };
    // An error of the library names its cause itself; others are told with the whole chain.
    let message = match error.downcast_ref::<cog_read::Error>() {
        Some(error) => error.to_string(),
        None => format!("{error:#}"),
    };
    stderr::line(&format!("cog: {message}{hint}"));
    match error.is::<Refused>() {
        true => Exit::Usage,
        false => Exit::Failed,
    }
}
