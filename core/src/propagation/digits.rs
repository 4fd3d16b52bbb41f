//! Numbers in headers: ASCII digits and nothing else.
//!
//! The parsers of the standard library would also take `+`, and hex in the wrong case.

/// Decimal digits, leading zeros allowed; `None` if there are none or they exceed 64 bits.
pub(super) fn decimal_u64(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Decimal digits with an optional `-` before them.
pub(super) fn decimal_i32(text: &str) -> Option<i32> {
    let (digits, sign) = match text.strip_prefix('-') {
        Some(digits) => (digits, -1),
        None => (text, 1),
    };
    let magnitude = i64::try_from(decimal_u64(digits)?).ok()?;
    i32::try_from(sign * magnitude).ok()
}

/// One to `max` hex digits in either case; `max` is at most 32.
pub(super) fn hex(text: &str, max: usize) -> Option<u128> {
    if text.is_empty() || text.len() > max {
        return None;
    }
    text.bytes().try_fold(0, |number, byte| Some(number << 4 | u128::from(hex_digit(byte)?)))
}

/// Exactly `N` lowercase hex digits at the start of `text`, and what follows them; `N` is at
/// most 32.
pub(super) fn lower_hex<const N: usize>(text: &[u8]) -> Option<(u128, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<N>()?;
    let number = digits.iter().try_fold(0, |number, byte| {
        let digit = hex_digit(*byte).filter(|_| !byte.is_ascii_uppercase())?;
        Some(number << 4 | u128::from(digit))
    })?;
    Some((number, rest))
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// Appends the decimal digits of `number`.
pub(super) fn push_decimal(text: &mut String, number: u64) {
    let (rest, digit) = (number / 10, number % 10);
    if rest > 0 {
        push_decimal(text, rest);
    }
    text.push(char::from(b'0' + digit as u8)); // A digit fits.
}

/// Appends `number` with its sign.
pub(super) fn push_signed(text: &mut String, number: i32) {
    if number < 0 {
        text.push('-');
    }
    push_decimal(text, u64::from(number.unsigned_abs()));
}

/// Appends 16 lowercase hex digits.
pub(super) fn push_hex(text: &mut String, number: u64) {
    text.push_str(Hex::of(number).as_str());
}

/// 16 lowercase hex digits, without an allocation.
pub(super) struct Hex([u8; 16]);

impl Hex {
    pub(super) fn of(number: u64) -> Self {
        let mut shift = 64;
        Self([(); 16].map(|()| {
            shift -= 4;
            let digit = (number >> shift & 0xf) as u8; // Four bits fit.
            if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
        }))
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default() // Digits are always UTF-8.
    }
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
        assert_eq!(decimal_u64(&"9".repeat(400)), None);
        assert_eq!(decimal_u64(&format!("{}1", "0".repeat(400))), Some(1));
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
    fn writes_what_the_standard_library_writes() {
        for number in [0, 9, 10, 0xabc_def, u64::MAX] {
            let (mut decimal, mut hex) = (String::new(), String::new());
            push_decimal(&mut decimal, number);
            push_hex(&mut hex, number);
            assert_eq!((decimal, hex), (number.to_string(), format!("{number:016x}")));
        }
        for number in [i32::MIN, -1, 0, 1, i32::MAX] {
            let mut text = String::new();
            push_signed(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }
}
