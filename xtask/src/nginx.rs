//! A web server that is not ours for the tests: nginx on free ports of 127.0.0.1, plain and with TLS and HTTP/2 under an authority made
//! for the run. It serves testdata/files. Ends when it is dropped.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::attended::{Attended, free_port};
use crate::workspace;

/// An authority (ca.pem) and what it signed for `localhost` (server.pem, server.key), valid for a day.
const CERTIFICATES: &str = r#"
import datetime, pathlib, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)
def named(name):
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
def certificate(subject, key, issuer, signer, *extensions):
    builder = x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer)).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
authority, server = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
ca = x509.BasicConstraints(ca=True, path_length=0)
(folder / "ca.pem").write_bytes(certificate("test authority", authority, "test authority", authority, ca))
names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
leaf = x509.BasicConstraints(ca=False, path_length=None)
(folder / "server.pem").write_bytes(certificate("localhost", server, "test authority", authority, leaf, names))
(folder / "server.key").write_bytes(server.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
"#;

pub(crate) struct Nginx {
    _server: Attended,
    plain: SocketAddr,
    tls: SocketAddr,
    folder: PathBuf,
}

impl Nginx {
    /// Starts nginx.
    ///
    /// # Errors
    /// Says why it cannot run here: the tests go without it then.
    pub(crate) fn start(python: &Path) -> Result<Self> {
        let program = program()?;
        let folder = workspace::target().join("nginx");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        let mut make = Command::new(python);
        if !make.args(["-c", CERTIFICATES]).arg(&folder).status().context("python did not start")?.success() {
            bail!("the certificates were not made");
        }
        let (plain, tls) = (free_port()?, free_port()?);
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, configuration_text(plain, tls))?;
        let folder_text = folder.display().to_string();
        let command = [&program, "-p", &folder_text, "-e", "stderr", "-c", &configuration.display().to_string()]
            .map(str::to_owned);
        let mut server = Attended::start("nginx", python, command, folder.join("nginx.log"))?;
        server.answers(plain)?;
        server.answers(tls)?;
        Ok(Self { _server: server, plain, tls, folder })
    }

    /// For `COG_TEST_HTTP`: `http://127.0.0.1:PORT`.
    pub(crate) fn plain(&self) -> String {
        format!("http://{}", self.plain)
    }

    /// For `COG_TEST_HTTPS`: `https://localhost:PORT`.
    pub(crate) fn tls(&self) -> String {
        format!("https://localhost:{}", self.tls.port())
    }

    /// For `COG_TEST_HTTPS_CA`: the authority's certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }
}

fn program() -> Result<String> {
    let places = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"];
    let works = |name: &&str| Command::new(name).arg("-v").output().is_ok_and(|o| o.status.success());
    let found =
        places.into_iter().find(works).context("nginx is not installed (Debian: apt-get install nginx-light)")?;
    Ok(found.to_owned())
}

fn configuration_text(plain: SocketAddr, tls: SocketAddr) -> String {
    let files = workspace::root().join("testdata/files");
    let files = files.display();
    // One process, so that nothing is left when it is ended.
    format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{ worker_connections 512; }}\n\
         http {{\n  access_log off;\n  client_body_temp_path tmp;\n  proxy_temp_path tmp;\n  fastcgi_temp_path tmp;\n  \
         uwsgi_temp_path tmp;\n  scgi_temp_path tmp;\n  gzip on;\n  gzip_types *;\n  \
         server {{\n    listen {plain};\n    root \"{files}\";\n  }}\n  \
         server {{\n    listen {tls} ssl http2;\n    server_name localhost;\n    ssl_certificate server.pem;\n    \
         ssl_certificate_key server.key;\n    root \"{files}\";\n  }}\n}}\n"
    )
}
