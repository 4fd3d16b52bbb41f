//! One fault per function: each is where it would be without the attribute.

use packdog_api::trace;

#[trace]
fn wrong_value() -> Result<u8, String> {
    Ok("bread") // fault
}

#[trace]
async fn wrong_value_later() -> Result<u8, String> {
    Ok("bread") // fault
}

#[trace]
fn wrong_early_return() -> Result<u8, String> {
    if true {
        return 1; // fault
    }
    Ok(1)
}

#[trace]
fn unknown_name() {
    slice(); // fault
}

#[trace(tags(bread = std::thread::current()))] // fault
fn tag_without_a_value() {}

#[trace(service = 1 + 1)] // fault
fn service_without_a_text() {}

fn main() {}
