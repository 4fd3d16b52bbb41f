//! Memory as a property: a hostile input must not make us allocate much more than it sent.

/// The bytes that may be allocated for any input: first buffers, and tables of a fixed size.
const FIXED_BYTES: u64 = 32 * 1024;
/// The bytes that may be allocated for each byte of input, in all and not only at once, so that
/// also copying again and again is found. A list of one-letter names takes most: a slice of 16
/// bytes for every two, in a vector that has doubled until it was large enough.
const BYTES_PER_BYTE: u64 = 32;

/// Calls `f`, which works on so many bytes of input.
pub(crate) fn measured<T>(input_bytes: usize, f: impl FnOnce() -> T) -> T {
    let mut result = None;
    let allocated = allocation_counter::measure(|| result = Some(f()));
    let allowed = FIXED_BYTES + BYTES_PER_BYTE * input_bytes as u64;
    assert!(
        allocated.bytes_total <= allowed,
        "{input_bytes} bytes of input took {} bytes of memory",
        allocated.bytes_total
    );
    result.expect("`measure` calls what it is given")
}
