//! A program that signs: one JSON document on its stdin, one on its stdout, its stderr to the user.
//!
//! It gets `{"version": 1, "request": "key"}` and answers `{"key": …}`; or it gets the request `sign` with
//! the digest, the bytes of a transaction or quote and what they say, and answers `{"key": …, "signature": …}`. What
//! it answers is verified, and bounded in size and time.

use std::fmt;
use std::process::Stdio;
use std::time::Duration;

use chain::keys::{PublicKey, Signature};
use chain::witness::Witness;
use rpc::text::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::{Program, ToSign, failed};
use crate::failure::Failure;
use crate::settings::network_name;

/// The version of the requests.
const VERSION: u32 = 1;
/// Bytes of an answer, at most.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;
/// How long a program may take: somebody may have to press a button.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyAnswer {
    key: Text<PublicKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignAnswer {
    key: Text<PublicKey>,
    signature: String,
}

impl fmt::Display for Program {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exec:{}", self.path.display())
    }
}

impl Program {
    /// Asks which key the program signs with.
    ///
    /// # Errors
    /// [`Failure`] when it does not say so.
    pub(super) async fn key(&self) -> Result<PublicKey, Failure> {
        let answer: KeyAnswer = self.ask(&json!({ "version": VERSION, "request": "key" })).await?;
        Ok(answer.key.0)
    }

    /// Asks for a signature, and verifies it.
    ///
    /// # Errors
    /// [`Failure`] when there is none, or it does not verify.
    pub(super) async fn sign(&self, what: &ToSign) -> Result<Witness, Failure> {
        let request = json!({
            "version": VERSION,
            "request": "sign",
            "network": network_name(what.network),
            "chain": what.chain.to_string(),
            "digest": what.digest.to_string(),
            "bytes": hex::encode(&what.bytes),
            what.kind: what.view,
        });
        let answer: SignAnswer = self.ask(&request).await?;
        let mut signature = [0; 64];
        hex::decode_to_slice(&answer.signature, &mut signature)
            .map_err(|_| self.failed("its signature is not 128 hexadecimal digits"))?;
        let witness = Witness { key: answer.key.0, signature: Signature(signature) };
        let verified = witness.key.verify(&what.digest, &witness.signature);
        verified.map_err(|_| self.failed("its signature does not verify"))?;
        Ok(witness)
    }

    async fn ask<A: DeserializeOwned>(&self, request: &Value) -> Result<A, Failure> {
        let mut child = Command::new(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.failed(&format!("it does not start: {error}")))?;
        let answered = timeout(ANSWER_TIME_MAX, exchange(&mut child, request)).await;
        let answer = match answered {
            Err(_) => {
                let seconds = ANSWER_TIME_MAX.as_secs();
                return Err(self.failed(&format!("no answer within {seconds} s")));
            }
            Ok(Err(error)) => return Err(self.failed(&error)),
            Ok(Ok(answer)) => answer,
        };
        serde_json::from_slice(&answer)
            .map_err(|error| self.failed(&format!("its answer: {error}")))
    }

    fn failed(&self, why: &str) -> Failure {
        failed(format!("signer {self}: {why}"))
            .hint("the protocol of signers is in 'tally tx sign --help'")
    }
}

/// Gives the request and reads the whole answer, while the program lives.
async fn exchange(child: &mut Child, request: &Value) -> Result<Vec<u8>, String> {
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
        return Err("it has no stdin or stdout".to_owned());
    };
    let mut answer = Vec::new();
    let mut stdout = stdout.take(ANSWER_BYTES_MAX + 1);
    let give = async move {
        // A program that does not read its request may answer all the same.
        let _ = stdin.write_all(format!("{request}\n").as_bytes()).await;
    };
    let (read, ()) = tokio::join!(stdout.read_to_end(&mut answer), give);
    read.map_err(|error| format!("its answer cannot be read: {error}"))?;
    if answer.len() as u64 > ANSWER_BYTES_MAX {
        return Err(format!("its answer is longer than {ANSWER_BYTES_MAX} bytes"));
    }
    let status = child.wait().await.map_err(|error| error.to_string())?;
    if status.success() { Ok(answer) } else { Err(format!("it did not succeed: {status}")) }
}
