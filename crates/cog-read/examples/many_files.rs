//! The mean of the first band of many files, read side by side: `many_files LOCATION…`. One session shares connections, caches and
//! decoding threads; a file that cannot be read does not stop the others.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;

use cog_read::{ErrorClass, Session, SessionOptions};
use futures_util::{StreamExt, stream};

/// How many files are open at once.
const AT_ONCE: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let locations: Vec<String> = std::env::args().skip(1).collect();
    if locations.is_empty() {
        return Err("usage: many_files LOCATION…".into());
    }
    let session = Session::new(SessionOptions::from_env()?);
    for line in means(&session, &locations).await {
        println!("{line}");
    }
    let stats = session.io().stats();
    println!("{} requests, {} bytes", stats.requests, stats.bytes);
    Ok(())
}

/// A line for each location, in their order.
pub async fn means(session: &Session, locations: &[String]) -> Vec<String> {
    let one = async |location: &String| match mean(session, location).await {
        Ok(Some(mean)) => format!("{location}: {mean:.2}"),
        Ok(None) => format!("{location}: no data"),
        // The text of an error names the file and the whole cause.
        Err(error) if error.class() == ErrorClass::NotFound => format!("missing: {error}"),
        Err(error) => format!("{}: {error}", error.class()),
    };
    stream::iter(locations).map(one).buffered(AT_ONCE).collect().await
}

/// From the coarsest overview, which is enough for an estimate.
async fn mean(session: &Session, location: &str) -> cog_read::Result<Option<f64>> {
    let cog = session.open(location).await?;
    let coarsest = cog.levels()?.len().saturating_sub(1);
    let statistics = cog.statistics().level(coarsest).bands([1]).await?;
    Ok(statistics.bands.first().filter(|band| band.count > 0).map(|band| band.mean))
}
