//! DDSketch in protobuf, decoded by hand: three messages, of which a sketch of durations uses half.
//!
//! ```text
//! DDSketch      1: mapping   2: positive values   3: negative values   4: zero count (double)
//! IndexMapping  1: gamma (double)   2: index offset (double)   3: interpolation (0: none)
//! Store         1: map<sint32, double>   2: packed doubles   3: first index (sint32) of these
//! ```
//! Format: [sketches-go](https://github.com/DataDog/sketches-go/blob/master/ddsketch/pb/ddsketch.proto).

use std::collections::BTreeMap;

use crate::stats::Sketch;

const CUT_OFF: &str = "the sketch is cut off";

/// Decodes a sketch.
///
/// # Errors
/// The bytes are not a sketch, or one with negative durations or an interpolation.
pub(super) fn decode(bytes: &[u8]) -> Result<Sketch, &'static str> {
    let mut sketch = Sketch::default();
    let mut mapping = None;
    for field in fields(bytes) {
        match field? {
            (1, Field::Bytes(bytes)) => mapping = Some(decode_mapping(bytes)?),
            (2, Field::Bytes(bytes)) => sketch.bins = decode_store(bytes)?,
            (3, Field::Bytes(bytes)) if decode_store(bytes)?.is_empty() => {}
            (3, _) => return Err("the sketch has negative durations"),
            (4, Field::Double(count)) => sketch.zero_count = count,
            _ => return Err("the sketch has an unknown field"),
        }
    }
    (sketch.gamma, sketch.index_offset) = mapping.ok_or("the sketch has no mapping")?;
    Ok(sketch)
}

fn decode_mapping(bytes: &[u8]) -> Result<(f64, f64), &'static str> {
    let (mut gamma, mut offset) = (0.0, 0.0);
    for field in fields(bytes) {
        match field? {
            (1, Field::Double(value)) => gamma = value,
            (2, Field::Double(value)) => offset = value,
            (3, Field::Varint(0)) => {}
            (3, _) => return Err("the mapping of the sketch interpolates"),
            _ => return Err("the mapping of the sketch has an unknown field"),
        }
    }
    if gamma > 1.0 { Ok((gamma, offset)) } else { Err("gamma of the sketch is not above 1") }
}

fn decode_store(bytes: &[u8]) -> Result<BTreeMap<i32, f64>, &'static str> {
    let mut bins = BTreeMap::new();
    let (mut contiguous, mut first) = (Vec::new(), 0);
    for field in fields(bytes) {
        match field? {
            (1, Field::Bytes(entry)) => {
                let (index, count) = decode_bin(entry)?;
                *bins.entry(index).or_default() += count;
            }
            (2, Field::Bytes(packed)) => {
                let (counts, rest) = packed.as_chunks();
                if !rest.is_empty() {
                    return Err(CUT_OFF);
                }
                contiguous.extend(counts.iter().map(|count| f64::from_le_bytes(*count)));
            }
            (3, Field::Varint(value)) => first = zigzag(value)?,
            _ => return Err("a store of the sketch has an unknown field"),
        }
    }
    for (index, count) in (first..).zip(contiguous).filter(|(_, count)| *count != 0.0) {
        *bins.entry(index).or_default() += count;
    }
    Ok(bins)
}

/// One entry of the map of a store.
fn decode_bin(bytes: &[u8]) -> Result<(i32, f64), &'static str> {
    let (mut index, mut count) = (0, 0.0);
    for field in fields(bytes) {
        match field? {
            (1, Field::Varint(value)) => index = zigzag(value)?,
            (2, Field::Double(value)) => count = value,
            _ => return Err("a bin of the sketch has an unknown field"),
        }
    }
    Ok((index, count))
}

/// Reads a `sint32`.
fn zigzag(value: u64) -> Result<i32, &'static str> {
    let value = u32::try_from(value).map_err(|_| "an index of the sketch is too large")?;
    let half = (value >> 1).cast_signed();
    Ok(if value & 1 == 0 { half } else { !half })
}

enum Field<'a> {
    Varint(u64),
    Double(f64),
    Bytes(&'a [u8]),
}

/// The fields of a message with their numbers.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = Result<(u64, Field<'_>), &'static str>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let field = field(&mut bytes);
        if field.is_none() {
            bytes = &[]; // Nothing behind it can be read.
        }
        Some(field.ok_or(CUT_OFF))
    })
}

fn field<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Field<'a>)> {
    let key = varint(bytes)?;
    let value = match key & 7 {
        0 => Field::Varint(varint(bytes)?),
        1 => {
            let (double, rest) = bytes.split_first_chunk()?;
            *bytes = rest;
            Field::Double(f64::from_le_bytes(*double))
        }
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (inner, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Field::Bytes(inner)
        }
        _ => return None,
    };
    Some((key >> 3, value))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// gamma 1.015625 and offset 1338.5.
    const MAPPING: &[u8] =
        &[0x0a, 18, 0x09, 0, 0, 0, 0, 0, 0x40, 0xf0, 0x3f, 0x11, 0, 0, 0, 0, 0, 0xea, 0x94, 0x40];

    fn double(value: f64) -> [u8; 8] {
        value.to_le_bytes()
    }

    #[test]
    fn both_kinds_of_bins_and_the_zeros_are_read() {
        let bin = [&[0x08, 0x02, 0x11][..], &double(3.0)].concat(); // Index 1.
        let packed = [double(1.0), double(0.0), double(2.0)].concat();
        let store = [&[0x0a, 11][..], &bin, &[0x12, 24], &packed, &[0x18, 0x01]].concat(); // From index -1.
        let sketch = [MAPPING, &[0x12, 41], &store, &[0x1a, 0], &[0x21], &double(4.0)].concat();
        let sketch = decode(&sketch).unwrap();
        assert_eq!((sketch.gamma, sketch.index_offset), (1.015625, 1338.5));
        assert_eq!(sketch.bins, BTreeMap::from([(-1, 1.0), (1, 5.0)]));
        assert_eq!((sketch.zero_count, sketch.count()), (4.0, 10.0));
    }

    #[test]
    fn quantiles_are_within_the_accuracy_of_the_bins() {
        // index(10) = 1487, index(1000) = 1784, as the Agent has it.
        let sketch = Sketch {
            gamma: 1.015625,
            index_offset: 1338.5,
            bins: BTreeMap::from([(1487, 50.0), (1784, 50.0)]),
            zero_count: 0.0,
        };
        for (quantile, expected) in [(0.25, 10.0), (0.75, 1000.0), (1.0, 1000.0)] {
            let found = sketch.quantile(quantile).unwrap();
            assert!((found / expected - 1.0).abs() < 0.01, "{quantile}: {found}");
        }
        assert_eq!(Sketch::default().quantile(0.5), None);
    }

    #[test]
    fn malformed_sketches_are_refused() {
        #[rustfmt::skip]
        let table: [(&[u8], _); 5] = [
            (&[],                     "the sketch has no mapping"),
            (&[0x0a, 200],            CUT_OFF),
            (&[0x0a, 0],              "gamma of the sketch is not above 1"),
            (&[0x2a, 0],              "the sketch has an unknown field"),
            (&[0x1a, 4, 0x12, 8, 0, 0], CUT_OFF),
        ];
        for (bytes, expected) in table {
            assert_eq!(decode(bytes), Err(expected), "{bytes:?}");
        }
    }
}
