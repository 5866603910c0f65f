//! AWS's signature of a request whose path is not to be normalised:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
//!
//! `object_store` signed the same request for another key, so everything but path and signature is there: which headers are signed,
//! the time, the scope.

use async_trait::async_trait;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use object_store::aws::AwsCredentialProvider;
use object_store::client::HttpRequest;
use ring::{digest, hmac};

use super::key::Sign;

const SIGNATURE: &str = ", Signature=";

#[derive(Debug)]
pub(super) struct SigV4(pub(super) AwsCredentialProvider);

#[async_trait]
impl Sign for SigV4 {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let signed = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(signed) = signed.filter(|signed| signed.starts_with("AWS4-HMAC-SHA256 ")).map(str::to_owned) else {
            return Ok(());
        };
        let credential = self.0.get_credential().await?;
        let failed =
            || object_store::Error::Generic { store: "S3", source: "the request cannot be signed anew".into() };
        let authorization = resigned(request, &signed, &credential.secret_key).ok_or_else(failed)?;
        let mut value = HeaderValue::try_from(authorization).map_err(|_| failed())?;
        value.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, value);
        Ok(())
    }
}

/// The Authorization header with the signature of this path. `None` if the headers are not those of a signed request.
fn resigned(request: &HttpRequest, signed: &str, secret: &str) -> Option<String> {
    let (kept, _) = signed.split_once(SIGNATURE)?;
    let names = kept.split_once("SignedHeaders=")?.1;
    // Credential=ID/date/region/service/aws4_request
    let scope = kept.split_once("Credential=")?.1.split(',').next()?.split_once('/')?.1;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let mut canonical =
        format!("{}\n{}\n{}\n", request.method(), request.uri().path(), request.uri().query().unwrap_or(""));
    for name in names.split(';') {
        // The host is not among the headers: the client adds it.
        let value = match name {
            "host" => request.uri().authority()?.as_str(),
            name => header(name)?,
        };
        let words: Vec<_> = value.split_ascii_whitespace().collect();
        canonical.push_str(&format!("{name}:{}\n", words.join(" ")));
    }
    canonical.push_str(&format!("\n{names}\n{}", header("x-amz-content-sha256")?));
    let hash = digest::digest(&digest::SHA256, canonical.as_bytes());
    let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{}", header("x-amz-date")?, hex(hash.as_ref()));
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/') {
        key = mac(&key, part);
    }
    Some(format!("{kept}{SIGNATURE}{}", hex(&mac(&key, &text))))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "GET Object" of AWS's examples of SigV4 for S3, with their keys:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
    #[test]
    fn the_signature_is_that_of_awss_example() {
        let mut request = HttpRequest::new(object_store::client::HttpRequestBody::from(bytes::Bytes::new()));
        *request.uri_mut() = "https://examplebucket.s3.amazonaws.com/test.txt".parse().unwrap();
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for (name, value) in
            [("range", "bytes=0-9"), ("x-amz-content-sha256", hash), ("x-amz-date", "20130524T000000Z")]
        {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let signed = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                      SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=of-another-key";
        let signed = resigned(&request, signed, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap();
        assert!(
            signed.ends_with(", Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            "{signed}"
        );
    }
}
