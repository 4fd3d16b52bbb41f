use packdog_api::trace;

#[trace]
const fn constant() -> u8 {
    1
}

#[trace]
struct Sandwich;

#[trace]
impl Sandwich {}

trait Make {
    #[trace]
    fn make(&self);
}

fn main() {}
