//! A distribution of durations: counts in bins whose bounds grow by a constant factor.
//!
//! It is a [DDSketch](https://arxiv.org/abs/1908.10693) with the bins of the Datadog Agent, so
//! that the Agent can add up the sketches of all processes:
//!
//! ```text
//! index(v) = floor(ln(v) / ln(gamma) + offset)      gamma = 1.015625, offset = 1338.5
//! ```
//! Only bins that hold something are stored. Most rows of a bucket count a few spans, and a list
//! from the fastest to the slowest would take kilobytes for each.

/// The factor between the bounds of a bin, for a relative accuracy of 0.775 %.
const GAMMA: f64 = 1.015_625;
/// The index of the bin that holds 1.
const INDEX_OFFSET: f64 = 1338.5;
/// The most bins between the lowest and the highest; lower values go into the lowest.
const MAX_BINS: i32 = 2_048;

/// A distribution of durations in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    /// In the order of their indices; at most [`MAX_BINS`].
    bins: Vec<Bin>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bin {
    index: i32,
    count: u32,
}

impl Sketch {
    /// Adds a duration, which is at least 1.
    pub(super) fn add(&mut self, nanos: u64) {
        let mut index = index(nanos);
        let bounds = self.bins.first().zip(self.bins.last());
        if let Some((first, last)) = bounds.map(|(first, last)| (first.index, last.index)) {
            if index - MAX_BINS >= first {
                self.collapse_below(index - MAX_BINS + 1);
            }
            index = index.max(last - MAX_BINS + 1);
        }
        match self.bins.binary_search_by_key(&index, |bin| bin.index) {
            Ok(place) => {
                if let Some(bin) = self.bins.get_mut(place) {
                    bin.count = bin.count.saturating_add(1);
                }
            }
            Err(place) => self.bins.insert(place, Bin { index, count: 1 }),
        }
    }

    /// Adds up all bins below this index in a bin at this index.
    fn collapse_below(&mut self, lowest: i32) {
        let place = self.bins.partition_point(|bin| bin.index < lowest);
        let count = self.bins.drain(..place).map(|bin| bin.count).fold(0, u32::saturating_add);
        match self.bins.first_mut() {
            Some(bin) if bin.index == lowest => bin.count = bin.count.saturating_add(count),
            _ => self.bins.insert(0, Bin { index: lowest, count }),
        }
    }

    /// Encodes the sketch as protobuf.
    ///
    /// ```text
    /// DDSketch      1: mapping   2: positive values   3: negative values   4: zero count
    /// IndexMapping  1: gamma (double)   2: index offset (double)   3: interpolation (0)
    /// Store         1: bins by index    2: counts (packed doubles)   3: first index (sint32)
    /// ```
    /// Fields that are zero or empty are left out, except for the empty store of the negative
    /// values, which decoders look for.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut mapping = Vec::with_capacity(18);
        double(&mut mapping, 1, GAMMA);
        double(&mut mapping, 2, INDEX_OFFSET);
        let store = self.encode_store();
        let mut sketch = Vec::with_capacity(mapping.len() + store.len() + 10);
        bytes(&mut sketch, 1, &mapping);
        bytes(&mut sketch, 2, &store);
        bytes(&mut sketch, 3, &[]);
        sketch
    }

    fn encode_store(&self) -> Vec<u8> {
        let (Some(first), Some(last)) = (self.bins.first(), self.bins.last()) else {
            return Vec::new();
        };
        let range = usize::try_from(last.index - first.index + 1).unwrap_or_default();
        let mut counts = Vec::with_capacity(range * size_of::<f64>());
        let mut bins = self.bins.iter().peekable();
        for index in first.index..=last.index {
            let bin = bins.next_if(|bin| bin.index == index);
            let count = bin.map_or(0.0, |bin| f64::from(bin.count));
            counts.extend_from_slice(&count.to_le_bytes());
        }
        let mut store = Vec::with_capacity(counts.len() + 8);
        bytes(&mut store, 2, &counts);
        key(&mut store, 3, 0);
        varint(&mut store, zigzag(first.index));
        store
    }

    /// About how many bytes [`encode`](Sketch::encode) gives.
    pub(super) fn encoded_len(&self) -> usize {
        let range = match (self.bins.first(), self.bins.last()) {
            (Some(first), Some(last)) => last.index - first.index + 1,
            _ => 0,
        };
        32 + usize::try_from(range).unwrap_or_default() * size_of::<f64>()
    }
}

/// The bin of a duration; for all of them it is from 1338 to 4155.
fn index(nanos: u64) -> i32 {
    let ln_gamma = const { 0.015_504_186_535_965_254 };
    ((nanos.max(1) as f64).ln() / ln_gamma + INDEX_OFFSET).floor() as i32
}

fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    key(out, field, 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn double(out: &mut Vec<u8>, field: u8, value: f64) {
    key(out, field, 1);
    out.extend_from_slice(&value.to_le_bytes());
}

/// The number of a field, and the type of its value on the wire.
fn key(out: &mut Vec<u8>, field: u8, wire_type: u8) {
    out.push(field << 3 | wire_type);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A `sint32`: small numbers are short, also negative ones.
fn zigzag(value: i32) -> u64 {
    u64::from(((value << 1) ^ (value >> 31)).cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins(sketch: &Sketch) -> Vec<(i32, u32)> {
        sketch.bins.iter().map(|bin| (bin.index, bin.count)).collect()
    }

    #[test]
    fn durations_are_in_the_bins_of_the_agent() {
        #[rustfmt::skip]
        let table = [
            // nanoseconds           bin
            (1,                      1338),
            (10,                     1487),
            (1_000,                  1784),
            (12_345,                 1946),
            (1_000_000,              2229),
            (1_000_000_000,          2675),
            (3_600_000_000_000,      3203),
            (u64::MAX,               4199),
        ];
        for (nanos, expected) in table {
            assert_eq!(index(nanos), expected, "{nanos}");
        }
        assert!((GAMMA.ln() - 0.015_504_186_535_965_254).abs() < f64::EPSILON);
    }

    #[test]
    fn bins_are_counted_in_order() {
        let mut sketch = Sketch::default();
        for nanos in [1_000, 10, 1_000_000, 1_000, 1_001] {
            sketch.add(nanos);
        }
        assert_eq!(bins(&sketch), [(1487, 1), (1784, 3), (2229, 1)]);
    }

    #[test]
    fn durations_too_far_below_the_highest_bin_go_into_the_lowest() {
        let mut sketch = Sketch::default();
        for nanos in [1, 10, 1_000, 1_000] {
            sketch.add(nanos);
        }
        let high = 1_000_000_000_000_000; // Bin 3566: the lowest is then 1519.
        sketch.add(high);
        assert_eq!(bins(&sketch), [(1519, 2), (1784, 2), (3566, 1)]);
        sketch.add(1);
        assert_eq!(bins(&sketch), [(1519, 3), (1784, 2), (3566, 1)]);
        let mut exact = Sketch { bins: vec![Bin { index: 1519, count: 1 }] };
        exact.add(high);
        assert_eq!(bins(&exact), [(1519, 1), (3566, 1)], "2048 bins are not too many");
    }

    #[test]
    fn any_order_of_durations_gives_the_same_bins() {
        let durations: Vec<u64> = (0..64).map(|bit| 1 << bit).collect();
        let mut up = Sketch::default();
        durations.iter().for_each(|nanos| up.add(*nanos));
        let mut down = Sketch::default();
        durations.iter().rev().for_each(|nanos| down.add(*nanos));
        assert_eq!(bins(&up), bins(&down));
        assert_eq!(up.bins.iter().map(|bin| bin.count).sum::<u32>(), 64);
    }

    #[test]
    fn the_encoding_is_the_protobuf_of_the_three_messages() {
        let mut sketch = Sketch::default();
        sketch.add(1_000_000); // Bin 2229.
        sketch.add(1_000_000);
        sketch.add(1_050_000); // Bin 2232.
        let doubles =
            |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>();
        let expected = [
            &[0x0a, 18, 0x09][..],
            &doubles(&[1.015_625]),
            &[0x11],
            &doubles(&[1338.5]),
            &[0x12, 37, 0x12, 32],
            &doubles(&[2.0, 0.0, 0.0, 1.0]),
            &[0x18, 0xea, 0x22], // 2229 as a zigzag varint: 4458.
            &[0x1a, 0],
        ]
        .concat();
        assert_eq!(sketch.encode(), expected);
        assert!(sketch.encoded_len() >= expected.len() - 8);

        let empty = Sketch::default().encode();
        assert_eq!(empty, [&expected[..20], &[0x12, 0, 0x1a, 0]].concat());
    }

    #[test]
    fn negative_indices_stay_short() {
        assert_eq!([0, -1, 1, -2].map(zigzag), [0, 1, 2, 3]);
        assert_eq!(zigzag(i32::MIN), u64::from(u32::MAX));
    }
}
