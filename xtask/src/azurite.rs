//! An Azure blob server for the tests: azurite, on a free port of 127.0.0.1, with one blob in a container. Ends when it is dropped.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::attended::{Attended, free_port};
use crate::workspace;

const VERSION: &str = "3.35.0";
/// What azurite takes for its well-known account, as Microsoft documents it: no secret.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const CONTAINER: &str = "cog-test";
const BLOB: &str = "io test/a+b.bin";
/// Empty parts and characters that a path must encode; cog-io's tests know it.
const ODD_BLOB: &str = "/odd//a b+c%20#/x";

/// Makes the container and puts the blobs of 70 000 bytes that the tests know, all signed with the account's key.
const FILL: &str = r#"
import base64, email.utils, hashlib, hmac, http.client, sys, urllib.parse
address, account, key, container, blob, odd = sys.argv[1:]
body = bytes((i ^ i >> 8 ^ i >> 16) & 255 for i in range(70000))
def put(path, query, body, kind):
    headers = {"x-ms-date": email.utils.formatdate(usegmt=True), "x-ms-version": "2021-12-02", **kind}
    length = str(len(body)) if body else ""
    signed = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    resource = f"/{account}/{account}{path}" + "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    text = f"PUT\n\n\n{length}\n\napplication/octet-stream\n\n\n\n\n\n\n{signed}{resource}"
    signature = base64.b64encode(hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()).decode()
    headers |= {"Authorization": f"SharedKey {account}:{signature}", "Content-Type": "application/octet-stream"}
    connection = http.client.HTTPConnection(address)
    target = f"/{account}{path}" + ("?" + urllib.parse.urlencode(query) if query else "")
    connection.request("PUT", target, body or None, headers | {"Content-Length": str(len(body))})
    answer = connection.getresponse()
    if answer.status != 201:
        sys.exit(f"PUT {target}: HTTP {answer.status}: {answer.read()[:500]}")
put(f"/{container}", {"restype": "container"}, b"", {})
for name in (blob, odd):
    put(f"/{container}/{urllib.parse.quote(name)}", {}, body, {"x-ms-blob-type": "BlockBlob"})
"#;

pub(crate) struct Azurite {
    _server: Attended,
    address: SocketAddr,
}

impl Azurite {
    /// Installs azurite once, starts it and fills it.
    ///
    /// # Errors
    /// Says why it cannot run here: the tests go without it then.
    pub(crate) fn start(python: &Path) -> Result<Self> {
        let program = install()?;
        let address = free_port()?;
        let port = address.port().to_string();
        let mut command = vec!["node".to_owned(), program.display().to_string()];
        let options = ["--silent", "--disableTelemetry", "--inMemoryPersistence", "--skipApiVersionCheck"];
        command.extend(options.map(str::to_owned));
        command.extend(["--blobHost", "127.0.0.1", "--blobPort", &port].map(str::to_owned));
        let mut server = Attended::start("azurite", python, command, workspace::target().join("azurite.log"))?;
        server.answers(address)?;
        let mut fill = Command::new(python);
        fill.args(["-c", FILL, &address.to_string(), ACCOUNT, KEY, CONTAINER, BLOB, ODD_BLOB]);
        if !fill.status().context("python did not start")?.success() {
            bail!("azurite was not filled");
        }
        Ok(Self { _server: server, address })
    }

    /// For `COG_TEST_AZURE`.
    pub(crate) fn connection_string(&self) -> String {
        format!("AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint=http://{}/{ACCOUNT};", self.address)
    }

    /// For `COG_TEST_AZURE_BLOB`.
    pub(crate) fn blob(&self) -> String {
        format!("{CONTAINER}/{BLOB}")
    }
}

/// The program in a folder of the target folder.
fn install() -> Result<PathBuf> {
    let folder = workspace::target().join("azurite-env");
    let package = folder.join("node_modules/azurite");
    let program = package.join("dist/src/blob/main.js");
    // Written last, so an interrupted installation is not taken for a finished one.
    let stamp = folder.join("installed.txt");
    if program.exists() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == VERSION) {
        return Ok(program);
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    println!("installing azurite in {} (once)", folder.display());
    let mut npm = Command::new("npm");
    npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
    npm.arg(format!("azurite@{VERSION}"));
    let status = npm.status().context("npm is not installed")?;
    if !status.success() {
        bail!("npm did not install azurite: {status}");
    }
    fs::write(&stamp, VERSION).with_context(|| stamp.display().to_string())?;
    Ok(program)
}
