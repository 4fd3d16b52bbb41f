//! The body of an unsafe function stays one, also inside of a closure or a future.

#![deny(warnings)]

use packdog_api::trace;

#[trace]
unsafe fn read(byte: *const u8) -> Result<u8, String> {
    // SAFETY: the caller promises that it can be read.
    Ok(unsafe { *byte })
}

#[trace]
unsafe fn deref(byte: &*const u8) -> u8 {
    // SAFETY: the caller promises that it can be read.
    unsafe { **byte }
}

#[trace]
extern "C" fn foreign(byte: u8) -> u8 {
    byte
}

fn main() {
    let byte = foreign(7);
    // SAFETY: it is there.
    assert_eq!(unsafe { read(&byte) }, Ok(7));
    // SAFETY: it is there.
    assert_eq!(unsafe { deref(&&raw const byte) }, 7);
}
