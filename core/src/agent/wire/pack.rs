//! MessagePack, as far as spans need it, written straight into a buffer.
//!
//! Every value takes the fewest bytes that it can, as with [`rmp_serde`]: tests compare the two.
//! By hand, because writing into memory cannot fail, and a span has a hundred values.

pub(super) use packdog_api::internal::{MAX_SHORT_TEXT, push_text as text};

use crate::propagation::Hex;

/// The most items of a map or an array whose header is one byte.
const MAX_SHORT: u32 = 15;
const SHORT_MAP: u8 = 0x80;
const SHORT_ARRAY: u8 = 0x90;

/// A text of sixteen hex digits.
pub(super) fn hex(buffer: &mut Vec<u8>, number: u64) {
    buffer.push(0xa0 | 16);
    buffer.extend_from_slice(Hex::of(number).as_bytes());
}

/// An integer that is not negative.
#[inline]
pub(super) fn unsigned(buffer: &mut Vec<u8>, number: u64) {
    match number {
        // First, because ids and times are so long.
        0x1_0000_0000.. => with_marker(buffer, 0xcf, number.to_be_bytes()),
        0..=0x7f => buffer.push(number as u8),
        0x80..=0xff => buffer.extend_from_slice(&[0xcc, number as u8]),
        0x100..=0xffff => with_marker(buffer, 0xcd, (number as u16).to_be_bytes()),
        0x1_0000..=0xffff_ffff => with_marker(buffer, 0xce, (number as u32).to_be_bytes()),
    }
}

/// Any integer.
#[inline]
pub(super) fn signed(buffer: &mut Vec<u8>, number: i64) {
    if let Ok(number) = u64::try_from(number) {
        return unsigned(buffer, number);
    }
    match number {
        -32..=-1 => buffer.push(number as u8),
        -0x80..=-33 => buffer.extend_from_slice(&[0xd0, number as u8]),
        -0x8000..=-0x81 => with_marker(buffer, 0xd1, (number as i16).to_be_bytes()),
        -0x8000_0000..=-0x8001 => with_marker(buffer, 0xd2, (number as i32).to_be_bytes()),
        _ => with_marker(buffer, 0xd3, number.to_be_bytes()),
    }
}

/// A float of 64 bits.
#[inline]
pub(super) fn float(buffer: &mut Vec<u8>, number: f64) {
    with_marker(buffer, 0xcb, number.to_be_bytes());
}

/// The header of an array.
pub(super) fn array(buffer: &mut Vec<u8>, length: u32) {
    match length {
        0..=MAX_SHORT => buffer.push(SHORT_ARRAY | length as u8),
        16..=0xffff => with_marker(buffer, 0xdc, (length as u16).to_be_bytes()),
        _ => with_marker(buffer, 0xdd, length.to_be_bytes()),
    }
}

/// Begins a map whose length is not known yet, and returns its place for [`end_map`].
#[inline]
pub(super) fn begin_map(buffer: &mut Vec<u8>) -> usize {
    buffer.push(SHORT_MAP);
    buffer.len() - 1
}

/// Writes the length of the map that began at `start`. A long one moves by two bytes for that,
/// which costs less than counting its items beforehand.
#[inline]
pub(super) fn end_map(buffer: &mut Vec<u8>, start: usize, length: u32) {
    if length <= MAX_SHORT {
        if let Some(header) = buffer.get_mut(start) {
            *header = SHORT_MAP | length as u8;
        }
        return;
    }
    // Neither spans nor tags come near to 65 536 keys.
    let [a, b] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
    buffer.splice(start..=start, [0xde, a, b]);
}

#[inline]
fn with_marker<const N: usize>(buffer: &mut Vec<u8>, marker: u8, bytes: [u8; N]) {
    buffer.push(marker);
    buffer.extend_from_slice(&bytes);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn packed(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut buffer = Vec::new();
        write(&mut buffer);
        buffer
    }

    #[test]
    fn integers_are_encoded_as_by_serde_at_every_boundary() {
        for bits in 0..64 {
            for number in [(1_u64 << bits) - 1, 1 << bits, (1 << bits) + 1] {
                let expected = rmp_serde::to_vec(&number).unwrap();
                assert_eq!(packed(|buffer| unsigned(buffer, number)), expected, "{number}");
                for number in [number as i64, (number as i64).wrapping_neg()] {
                    let expected = rmp_serde::to_vec(&number).unwrap();
                    assert_eq!(packed(|buffer| signed(buffer, number)), expected, "{number}");
                }
            }
        }
    }

    #[test]
    fn hex_digits_are_a_text() {
        for number in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            let expected = rmp_serde::to_vec(&format!("{number:016x}")).unwrap();
            assert_eq!(packed(|buffer| hex(buffer, number)), expected);
        }
    }

    #[test]
    fn texts_floats_and_headers_are_encoded_as_by_serde() {
        for length in [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536] {
            let letters = "x".repeat(length);
            let expected = rmp_serde::to_vec(&letters).unwrap();
            assert_eq!(packed(|buffer| text(buffer, &letters)), expected, "{length}");

            let expected = rmp_serde::to_vec(&vec![1_u8; length]).unwrap();
            let ours = packed(|buffer| {
                array(buffer, length as u32);
                buffer.extend(vec![1; length]);
            });
            assert_eq!(ours, expected, "{length}");
        }
        for number in [0.0, -1.5, f64::MAX] {
            assert_eq!(packed(|buffer| float(buffer, number)), rmp_serde::to_vec(&number).unwrap());
        }
        for length in [0_u32, 1, 15, 16, 17, 300] {
            let map = (0..length).map(|key| (key, true)).collect::<BTreeMap<_, _>>();
            let ours = packed(|buffer| {
                buffer.push(0xc0);
                let start = begin_map(buffer);
                for key in 0..length {
                    unsigned(buffer, key.into());
                    buffer.push(0xc3);
                }
                end_map(buffer, start, length);
            });
            assert_eq!(ours[1..], rmp_serde::to_vec(&map).unwrap(), "{length}");
        }
    }
}
