//! `tally key qr`: an address as a square of dots for cameras.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::output::Answer;

/// Shows `address`, light on dark as terminals are, with the quiet zone that cameras need.
pub(super) fn run(address: &str) -> Result<Answer, Failure> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M)
        .map_err(|error| Failure::new(Exit::Unexpected, "UNEXPECTED", error.to_string()))?;
    let square =
        code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    let rows: Vec<&str> = square.lines().collect();
    let document = json!({ "address": address, "qr": rows });
    Ok(Answer::new(&document, format!("{square}\n{address}")))
}
