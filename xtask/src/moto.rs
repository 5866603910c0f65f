//! An S3 server for the tests: moto, on a free port of 127.0.0.1, with testdata/files in a bucket. Ends when it is dropped.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace;

const BUCKET: &str = "cog-testdata";
/// Runs moto's server until its standard input ends: it ends with us even when we are killed.
const PROGRAM: &str = "
import os, sys, threading
from moto.server import main
def last():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=last, daemon=True).start()
main(sys.argv[1:])
";
const START: Duration = Duration::from_secs(60);

pub(crate) struct Moto {
    server: Child,
    address: SocketAddr,
}

impl Moto {
    /// Starts the server and fills its bucket.
    pub(crate) fn start(python: &Path) -> Result<Self> {
        let mut last = None;
        // Between finding a free port and the server taking it, another program may: then the next one.
        for _ in 0..3 {
            match Self::start_once(python) {
                Ok(moto) => {
                    moto.fill()?;
                    return Ok(moto);
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("moto did not start")?)
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bucket that holds testdata/files, keys as the paths below it. Tests may make others.
    pub(crate) fn bucket(&self) -> &'static str {
        BUCKET
    }

    fn start_once(python: &Path) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = workspace::target().join("moto.log");
        let output = File::create(&log).with_context(|| log.display().to_string())?;
        let mut command = Command::new(python);
        command.args(["-c", PROGRAM, "-H", "127.0.0.1", "-p", &address.port().to_string()]);
        command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
        let server = command.spawn().context("moto_server did not start")?;
        let mut moto = Self { server, address };
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if let Some(status) = moto.server.try_wait()? {
                bail!("moto_server ended with {status}; see {}", log.display());
            }
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return Ok(moto);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("moto_server does not answer on {address} after {START:?}; see {}", log.display())
    }

    fn fill(&self) -> Result<()> {
        self.put(&format!("/{BUCKET}"), &[])?;
        let root = workspace::root().join("testdata/files");
        for path in files_below(&root)? {
            let key = path.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
            self.put(&format!("/{BUCKET}/{key}"), &std::fs::read(&path)?)?;
        }
        Ok(())
    }

    /// A PUT without a signature, which moto does not ask for.
    fn put(&self, path: &str, body: &[u8]) -> Result<()> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(
            stream,
            "PUT {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.address,
            body.len()
        )?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            // The server may reset a connection that it has answered on.
            Err(error) if error.kind() != ErrorKind::ConnectionReset => return Err(error.into()),
            _ => {}
        }
        let answer = String::from_utf8_lossy(&answer);
        if answer.split(' ').nth(1) != Some("200") {
            bail!("PUT {path} on moto: {}", answer.lines().next().unwrap_or("no answer"));
        }
        Ok(())
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // An error says that it has ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files_below(&path)?) } else { found.push(path) }
    }
    Ok(found)
}
