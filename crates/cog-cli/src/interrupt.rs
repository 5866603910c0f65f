//! Signals that end the command: what is unfinished is removed first.

#[cfg(unix)]
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::exit::Exit;

/// Files to remove if a signal ends the command.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Makes, renames or removes files together with their place in the list: no signal comes between.
pub(crate) fn with_unfinished<T>(change: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    change(&mut UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Removes what is unfinished and ends the command, from a thread of its own: the signal may come while another one waits for a
/// reader, a disk, or its own list of files.
fn end(exit: Exit) {
    std::thread::spawn(move || {
        crate::progress::clear();
        let unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        for path in unfinished.iter() {
            _ = std::fs::remove_file(path);
        }
        #[cfg(unix)]
        if exit == Exit::Interrupted && std::io::stderr().is_terminal() {
            // A shell ends the loop it runs only if it sees that Ctrl-C itself ended the command; it calls that 130 too.
            _ = signal_hook::low_level::emulate_default_handler(rustix::process::Signal::INT.as_raw());
        }
        // The lock is held to the end, so that nothing is made or renamed any more.
        std::process::exit(exit as i32)
    });
}

/// From now on Ctrl-C and other requests to stop end the command with 128 and the number of the signal, as shells say it.
///
/// # Errors
/// The system has no room for a thread.
#[cfg(unix)]
pub(crate) fn install() -> std::io::Result<()> {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let listen = |kind: SignalKind| {
        let _entered = runtime.enter();
        // What the caller ignores stays ignored: hangups under nohup, Ctrl-C in a shell's background.
        (!is_ignored(kind)).then(|| signal(kind)).transpose()
    };
    let mut hangup = listen(SignalKind::hangup())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    // A file over the size limit of the shell (ulimit -f) is then an error of that write instead of the end.
    let _too_large = listen(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
    async fn next(signal: &mut Option<Signal>) {
        match signal {
            Some(signal) => _ = signal.recv().await,
            None => std::future::pending().await,
        }
    }
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let _too_large = _too_large;
        runtime.block_on(async move {
            let mut again = false;
            loop {
                let exit = tokio::select! {
                    () = next(&mut hangup) => Exit::HungUp,
                    () = next(&mut interrupt) => Exit::Interrupted,
                    () = next(&mut terminate) => Exit::Terminated,
                };
                if again {
                    // Removing files hangs, on a network perhaps. Whoever asks twice means it.
                    let own = rustix::process::getpid();
                    _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
                }
                again = true;
                end(exit);
            }
        });
    })?;
    Ok(())
}

/// The same for Ctrl-C of Windows' consoles.
#[cfg(not(unix))]
pub(crate) fn install() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            end(Exit::Interrupted);
        }
    })?;
    Ok(())
}

/// Whether the caller ignores a signal, which programs inherit.
#[cfg(target_os = "linux")]
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let bit = u32::try_from(kind.as_raw_value() - 1).ok();
    bit.and_then(|bit| mask.checked_shr(bit)).is_some_and(|mask| mask & 1 == 1)
}

/// Elsewhere it cannot be known without `unsafe`. Hangups, which nohup ignores, are left alone there.
#[cfg(all(unix, not(target_os = "linux")))]
fn is_ignored(kind: tokio::signal::unix::SignalKind) -> bool {
    kind == tokio::signal::unix::SignalKind::hangup()
}
