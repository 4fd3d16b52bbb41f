//! Texts in MessagePack: a header with the length, and the bytes.

/// The most bytes of a text whose header is one byte.
pub const MAX_SHORT: usize = 31;

/// Adds a text in the fewest bytes.
#[inline]
pub fn push_text(buffer: &mut Vec<u8>, text: &str) {
    let length = text.len();
    match length {
        0..=MAX_SHORT => buffer.push(0xa0 | length as u8),
        32..=0xff => buffer.extend_from_slice(&[0xd9, length as u8]),
        0x100..=0xffff => {
            let [a, b] = (length as u16).to_be_bytes();
            buffer.extend_from_slice(&[0xda, a, b]);
        }
        _ => {
            let [a, b, c, d] = (length as u32).to_be_bytes();
            buffer.extend_from_slice(&[0xdb, a, b, c, d]);
        }
    }
    buffer.extend_from_slice(text.as_bytes());
}

/// Returns the bytes of the header of a text of this length.
#[inline]
pub(crate) fn header_len(length: usize) -> usize {
    match length {
        0..=MAX_SHORT => 1,
        32..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_has_the_length_that_is_computed() {
        for length in [0, 31, 32, 255, 256, 65_535, 65_536] {
            let mut buffer = Vec::new();
            push_text(&mut buffer, &"x".repeat(length));
            assert_eq!(buffer.len(), header_len(length) + length);
        }
    }
}
