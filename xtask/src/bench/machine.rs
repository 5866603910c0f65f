//! What the numbers were measured on.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::workspace;

/// The machine, and how busy others kept it before the run.
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    pub(crate) rustc: String,
    /// The version of cog-read.
    pub(crate) ours: String,
    pub(crate) before: Option<f64>,
}

impl Machine {
    pub(crate) fn observe() -> Result<Machine> {
        let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = about.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(':').nth(1));
        let rustc = Command::new("rustc").arg("--version").output();
        let rustc = rustc.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
        // For example path+file:///folder/cog-read#0.1.0
        let package = workspace::cargo().args(["pkgid", "--package", "cog-read"]).output()?;
        let package = String::from_utf8_lossy(&package.stdout).into_owned();
        Ok(Machine {
            processor: model.map_or_else(|| std::env::consts::ARCH.to_owned(), |name| name.trim().to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            rustc,
            ours: package.trim().rsplit(['#', '@']).next().unwrap_or_default().to_owned(),
            before: busy_share()?,
        })
    }
}

/// The share of all processors' time that was in use during three seconds in which we did nothing (Linux).
pub(crate) fn busy_share() -> Result<Option<f64>> {
    let Some(first) = processor_times() else { return Ok(None) };
    std::thread::sleep(Duration::from_secs(3));
    let Some(second) = processor_times() else { return Ok(None) };
    let (busy, all) = (second.0 - first.0, second.1 - first.1);
    Ok((all > 0.0).then(|| busy / all))
}

/// Ticks in use (stolen by other guests of the host too) and all ticks, since the system started.
fn processor_times() -> Option<(f64, f64)> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    let ticks: Vec<f64> =
        text.lines().next()?.split_whitespace().skip(1).take(8).filter_map(|n| n.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let idle = ticks.get(3)? + ticks.get(4)?;
    let all: f64 = ticks.iter().sum();
    Some((all - idle, all))
}
