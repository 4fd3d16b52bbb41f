//! Numbers in headers, which consist only of ASCII digits.
//!
//! The parsers of the standard library would also accept `+`, and hex in the wrong case.

use super::value_text::ValueText;

/// Parses decimal digits, with leading zeros allowed; `None` if there are none or they exceed 64
/// bits.
pub(super) fn decimal_u64(text: impl AsRef<[u8]>) -> Option<u64> {
    let text = text.as_ref();
    match text {
        [] => return None,
        // Sampling priorities and mechanisms.
        [digit @ b'0'..=b'9'] => return Some(u64::from(digit - b'0')),
        _ => {}
    }
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let (head, tail) = text.split_at_checked(SAFE_DIGITS).unwrap_or((text, &[]));
    let (mut number, mut is_decimal, mut rest) = (0_u64, true, head);
    while let Some((digits, behind)) = rest.split_first_chunk() {
        number = number * 100_000_000 + eight_decimals(*digits)?;
        rest = behind;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        is_decimal &= digit < 10;
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    let head = is_decimal.then_some(number)?;
    tail.iter().try_fold(head, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

/// So many digits never exceed 64 bits.
const SAFE_DIGITS: usize = 19;

/// A one in each of eight bytes.
const ONES: u64 = 0x0101_0101_0101_0101;

/// A fast path: the number of eight decimal digits, read at once. One after the other, they cost
/// four times as much: an id has 19 or 20.
fn eight_decimals(digits: [u8; 8]) -> Option<u64> {
    let text = u64::from_le_bytes(digits);
    let zeros = u64::from(b'0') * ONES;
    // `0` to `9` and six characters after them have the same high half.
    let is_decimal = |text: u64| text & (0xf0 * ONES) == zeros;
    if !is_decimal(text) || !is_decimal(text.wrapping_add(6 * ONES)) {
        return None;
    }
    // The first digit is in the lowest byte: neighbours make pairs, pairs fours, fours the number.
    let ones = text & (0x0f * ONES);
    let pairs = ones.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// Parses decimal digits with an optional `-` before them.
pub(super) fn decimal_i32(text: impl AsRef<[u8]>) -> Option<i32> {
    let text = text.as_ref();
    let (digits, sign) = match text.strip_prefix(b"-") {
        Some(digits) => (digits, -1),
        None => (text, 1),
    };
    let magnitude = i64::try_from(decimal_u64(digits)?).ok()?;
    i32::try_from(sign * magnitude).ok()
}

/// Parses one to `max` hex digits in either case; `max` is at most 32.
pub(super) fn hex(text: impl AsRef<[u8]>, max: usize) -> Option<u128> {
    let text = text.as_ref();
    if text.is_empty() || text.len() > max {
        return None;
    }
    text.iter().try_fold(0, |number, byte| Some(number << 4 | u128::from(hex_digit(*byte)?)))
}

/// Parses exactly `N` lowercase hex digits at the start of `text`, and returns the rest too; `N` is
/// at most 32.
pub(super) fn lower_hex<const N: usize>(text: &[u8]) -> Option<(u128, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<N>()?;
    let (mut number, mut seen, mut left) = (0_u128, 0, digits.as_slice());
    while let Some((digits, behind)) = left.split_first_chunk() {
        number = number << 32 | u128::from(eight_lower_hex(*digits)?);
        left = behind;
    }
    for byte in left {
        let digit = LOWER_HEX.get(usize::from(*byte)).copied().unwrap_or(NO_DIGIT);
        seen |= digit;
        number = number << 4 | u128::from(digit & 0xf);
    }
    if seen & NO_DIGIT != 0 {
        return None;
    }
    Some((number, rest))
}

/// Parses exactly 16 lowercase hex digits.
pub(super) fn lower_hex_u64(text: &[u8]) -> Option<u64> {
    let (high, low) = text.split_first_chunk()?;
    let low = match low {
        b"00000000" => 0, // The high half of nearly all ids: seconds of Unix time, and zeros.
        _ => eight_lower_hex(low.try_into().ok()?)?,
    };
    Some(eight_lower_hex(*high)? << 32 | low)
}

/// A fast path: the number of eight lowercase hex digits, read at once, for half of what they cost
/// one after the other. `None` unless these are its digits.
fn eight_lower_hex(digits: [u8; 8]) -> Option<u64> {
    let text = u64::from_be_bytes(digits);
    let letters = text >> 6 & ONES; // Of the digits, only letters have this bit.
    let values = ((text & (0x0f * ONES)) + 9 * letters) & (0x0f * ONES);
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    let number = (fours | fours >> 16) & 0xffff_ffff;
    (eight_digits(number) == digits).then_some(number)
}

/// Marks a byte that is no digit.
const NO_DIGIT: u8 = 0x80;

/// The values of lowercase hex digits.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
static LOWER_HEX: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        let digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        values[digit as usize] = value;
        value += 1;
    }
    values
};

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Appends the decimal digits of `number`.
pub(super) fn push_decimal(text: &mut ValueText, number: u64) {
    // Sampling priorities.
    if number < 10 {
        return text.push(b'0' + number as u8); // One digit fits.
    }
    let mut digits = [0; 24];
    let (head, rest) = (number / EIGHT_DIGITS, number % EIGHT_DIGITS);
    let parts = [head / EIGHT_DIGITS, head % EIGHT_DIGITS, rest];
    for (digits, part) in digits.chunks_exact_mut(8).zip(parts) {
        digits.copy_from_slice(&eight_decimal_digits(part));
    }
    let count = number.ilog10() as usize + 1; // At most 20.
    text.push_digits(digits.get(digits.len() - count..).unwrap_or_default());
}

/// The first number that has more than eight digits.
const EIGHT_DIGITS: u64 = 100_000_000;

/// A fast path: the digits of a number below [`EIGHT_DIGITS`], all at once. One division after the
/// other costs three times as much.
fn eight_decimal_digits(number: u64) -> [u8; 8] {
    // The first digits are in the lowest bytes: fours, pairs, and then single digits. A product and
    // a shift divide exactly in these ranges.
    let fours = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let pairs = hundreds | (fours - 100 * hundreds) << 16;
    let tens = (pairs * 103) >> 10 & 0x000f_000f_000f_000f;
    let digits = tens | (pairs - 10 * tens) << 8;
    (digits + u64::from(b'0') * ONES).to_le_bytes()
}

/// Appends `number` with its sign.
pub(super) fn push_signed(text: &mut ValueText, number: i32) {
    if number < 0 {
        text.push(b'-');
    }
    push_decimal(text, u64::from(number.unsigned_abs()));
}

/// Appends 16 lowercase hex digits.
pub(super) fn push_hex(text: &mut ValueText, number: u64) {
    text.push_digits(Hex::of(number).as_bytes());
}

/// 16 lowercase hex digits, without an allocation.
pub(crate) struct Hex([u8; 16]);

impl Hex {
    pub(crate) fn of(number: u64) -> Self {
        let mut digits = [0; 16];
        let (high, low) = digits.split_at_mut(8);
        high.copy_from_slice(&eight_digits(number >> 32));
        low.copy_from_slice(&eight_digits(number & 0xffff_ffff));
        Self(digits)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default() // Digits are always UTF-8.
    }
}

/// Returns the eight hex digits of 32 bits, all computed at once: a quarter of the cost of a loop.
fn eight_digits(number: u64) -> [u8; 8] {
    let spread = (number | number << 16) & 0x0000_ffff_0000_ffff;
    let spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff;
    let values = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f; // One digit in each byte.
    let letters = (values + 6 * ONES) >> 4 & ONES; // One in each byte of 10 or more.
    (values + u64::from(b'0') * ONES + u64::from(b'a' - b'0' - 10) * letters).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_is_digits_within_the_width() {
        #[rustfmt::skip]
        let table = [
            // text                     u64                          i32
            ("0",                       Some(0),                     Some(0)),
            ("007",                     Some(7),                     Some(7)),
            ("2147483647",              Some(2_147_483_647),         Some(i32::MAX)),
            ("2147483648",              Some(2_147_483_648),         None),
            ("-2147483648",             None,                        Some(i32::MIN)),
            ("-2147483649",             None,                        None),
            ("18446744073709551615",    Some(u64::MAX),              None),
            ("18446744073709551616",    None,                        None),
            ("",                        None,                        None),
            ("-",                       None,                        None),
            ("--1",                     None,                        None),
            ("+1",                      None,                        None),
            ("1_0",                     None,                        None),
            ("0x1",                     None,                        None),
            ("1.0",                     None,                        None),
            ("1e3",                     None,                        None),
            ("1 2",                     None,                        None),
            ("\u{0661}\u{0662}",        None,                        None), // Arabic-Indic digits
        ];
        for (text, unsigned, signed) in table {
            assert_eq!(decimal_u64(text), unsigned, "{text:?}");
            assert_eq!(decimal_i32(text), signed, "{text:?}");
        }
        assert_eq!(decimal_u64("9".repeat(400)), None);
        assert_eq!(decimal_u64(format!("{}1", "0".repeat(400))), Some(1));
    }

    #[test]
    fn each_of_many_digits_is_checked() {
        let (decimal, hex) = ("1234567890123456789", "0123456789abcdef");
        assert_eq!(decimal_u64(decimal), Some(1_234_567_890_123_456_789));
        assert_eq!(lower_hex::<16>(hex.as_bytes()), Some((0x0123_4567_89ab_cdef, &b""[..])));
        assert_eq!(lower_hex_u64(b"0123456700000000"), Some(0x0123_4567_0000_0000));
        assert_eq!(lower_hex_u64(&hex.as_bytes()[1..]), None);
        assert_eq!(lower_hex_u64(format!("{hex}0").as_bytes()), None);
        for byte in 0..=u8::MAX {
            for at in 0..decimal.len() {
                let mut text = decimal.as_bytes().to_vec();
                text[at] = byte;
                let expected = byte.is_ascii_digit().then(|| str::from_utf8(&text).unwrap());
                assert_eq!(decimal_u64(&text), expected.map(|text| text.parse().unwrap()));
            }
            for at in 0..hex.len() {
                let mut text = hex.as_bytes().to_vec();
                text[at] = byte;
                let is_digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                let expected = is_digit.then(|| str::from_utf8(&text).unwrap());
                let expected = expected.map(|text| u128::from_str_radix(text, 16).unwrap());
                assert_eq!(lower_hex::<16>(&text).map(|(number, _)| number), expected);
                assert_eq!(lower_hex_u64(&text).map(u128::from), expected);
            }
        }
    }

    #[test]
    fn hex_takes_either_case_or_lowercase_alone() {
        #[rustfmt::skip]
        let table = [
            // text     hex(_, 4)       lower_hex::<4>
            ("00ff",    Some(0xff),     Some(0xff)),
            ("00FF",    Some(0xff),     None),
            ("ff",      Some(0xff),     None),
            ("0ffff",   None,           Some(0x0fff)),
            ("+fff",    None,           None),
            ("",        None,           None),
            ("fffg",    None,           None),
        ];
        for (text, any, lower) in table {
            assert_eq!(hex(text, 4), any, "{text:?}");
            assert_eq!(
                lower_hex::<4>(text.as_bytes()).map(|(number, _)| number),
                lower,
                "{text:?}"
            );
        }
    }

    #[test]
    fn writes_like_the_standard_library() {
        for number in [0, 9, 10, 0xabc_def, 0x0123_4567_89ab_cdef, 0x9a00_0000_0000_00a9, u64::MAX]
        {
            let (mut decimal, mut hex) = (ValueText::new(), ValueText::new());
            push_decimal(&mut decimal, number);
            push_hex(&mut hex, number);
            assert_eq!(decimal.into_string(), number.to_string());
            assert_eq!(hex.into_string(), format!("{number:016x}"));
        }
        for number in [i32::MIN, -1, 0, 1, i32::MAX] {
            let mut text = ValueText::new();
            push_signed(&mut text, number);
            assert_eq!(text.into_string(), number.to_string());
        }
    }
}
