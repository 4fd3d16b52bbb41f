//! The pattern that Datadog's tracers redact by default, matched by hand-written code in one pass.
//!
//! ```text
//! secret  = [ quote ] keyword ( *ws "=" 1*not-ampersand / quote *ws ":" *ws quoted )
//!         / "bearer" 1*ws 1*name          / "token:" 13 alnum     / "gh" ( o p s u ) "_" 36 alnum
//!         / "ey" ( i-l ) 1*word ".ey" ( i-l ) 1*word [ "." 1*word ]               JSON Web Tokens
//!         / "-----BEGIN" … "PRIVATE KEY-----" … "-----END" … "PRIVATE KEY" [ "-----" ]        PEM
//!         / ( "ssh-rsa" / "ssh-dss" / "ecdsa-" … ) 1*ws 100*base64 [ 1*ws 1*name ]       SSH keys
//! ```
//! Letters match in any case, and most signs also percent-encoded. As a regular expression the
//! pattern costs time that grows with the square of some inputs, such as `eyIeyIeyI…`; here each
//! byte is read a bounded number of times. The tests compare it with the expression.

use std::{borrow::Cow, ops::Range};

use super::REDACTED;

/// The fewest characters of an SSH key.
const MIN_SSH_KEY: usize = 100;

/// Replaces each secret in a query.
pub(super) fn redact(query: &str) -> Cow<'_, str> {
    redact_with(&mut Scanner::new(query), query)
}

fn redact_with<'q>(scanner: &mut Scanner<'_>, query: &'q str) -> Cow<'q, str> {
    let mut redacted = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(start) = next_start(query, at) {
        match scanner.secret(start) {
            Some(end) => {
                // A secret begins and ends with ASCII, so no character is cut.
                redacted.push_str(query.get(kept..start).unwrap_or_default());
                redacted.push_str(REDACTED);
                (kept, at) = (end, end);
            }
            None => at = start + 1,
        }
    }
    if kept == 0 {
        return Cow::Borrowed(query);
    }
    redacted.push_str(query.get(kept..).unwrap_or_default());
    Cow::Owned(redacted)
}

/// Returns the next position from `at` on at which a secret may begin.
///
/// A fast path over harmless queries: two lookups for most bytes, which cost a quarter of the
/// scanner.
fn next_start(query: &str, at: usize) -> Option<usize> {
    let [firsts, seconds, thirds] = &STARTS_BY_BYTE;
    let look = |table: &[u16; 256], byte: u8| table.get(usize::from(byte)).copied().unwrap_or(0);
    let mut triples = query.as_bytes().get(at..)?.windows(3);
    let start = triples.position(|triple| match *triple {
        [a, b, c] => match look(firsts, a) & look(seconds, b) {
            0 => false,
            both => both & look(thirds, c) != 0,
        },
        _ => false,
    });
    start.map(|start| at + start)
}

/// The first three bytes of secrets in lower case: alternatives for each; none of them means any.
const STARTS: [[&[u8]; 3]; 13] = [
    [b"\"", b"", b""],
    [b"%", b"2", b"2"],
    [b"a", b"cpu", b"cipt"],
    [b"c", b"o", b"n"],
    [b"n", b"e", b"w"],
    [b"o", b"l", b"d"],
    [b"p", b"aruw", b"bdios"],
    [b"s", b"eis", b"cgh"],
    [b"t", b"o", b"k"],
    [b"b", b"e", b"a"],
    [b"g", b"h", b"opsu"],
    [b"e", b"cy", b"dijkl"],
    [b"-", b"-", b"-"],
];

/// For each of three places, the entries of [`STARTS`] that a byte fits there: a bit for each.
static STARTS_BY_BYTE: [[u16; 256]; 3] = starts_by_byte();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
const fn starts_by_byte() -> [[u16; 256]; 3] {
    let mut places = [[0; 256]; 3];
    let mut byte = 0;
    while byte < 256 {
        let mut at = 0;
        while at < STARTS.len() * 3 {
            let (entry, place) = (at / 3, at % 3);
            if fits(STARTS[entry][place], byte as u8) {
                places[place][byte] |= 1 << entry;
            }
            at += 1;
        }
        byte += 1;
    }
    places
}

const fn fits(mut alternatives: &[u8], byte: u8) -> bool {
    let mut fits = alternatives.is_empty();
    while let [first, rest @ ..] = alternatives {
        fits |= byte.to_ascii_lowercase() == *first;
        alternatives = rest;
    }
    fits
}

/// A scanner of a query. Each method takes a position and returns the end of its match there.
struct Scanner<'t> {
    text: &'t [u8],
    /// The last run of characters of a JSON Web Token: a token that begins inside it ends with it.
    jwt_run: Range<usize>,
    /// The number of compared bytes and words.
    #[cfg(test)]
    looks: std::cell::Cell<usize>,
}

impl<'t> Scanner<'t> {
    fn new(query: &'t str) -> Self {
        Self {
            text: query.as_bytes(),
            jwt_run: 0..0,
            #[cfg(test)]
            looks: Default::default(),
        }
    }

    /// Returns the end of a secret that begins here.
    ///
    /// The first two bytes tell the kinds of secrets, as in [`STARTS`].
    fn secret(&mut self, at: usize) -> Option<usize> {
        match (self.byte(at)?, self.byte(at + 1)?) {
            (b'"', _) => self.assignment(at + 1),
            (b'%', b'2') => self.assignment(self.word(at, "%22")?),
            (b'a', b'c' | b'p' | b'u')
            | (b'c', b'o')
            | (b'n', b'e')
            | (b'o', b'l')
            | (b'p', b'a' | b'r' | b'u' | b'w')
            | (b's', b'e' | b'i') => self.assignment(at),
            (b's', b's') => self.ssh_key(at),
            (b't', b'o') => self.assignment(at).or_else(|| self.token(at)),
            (b'b', b'e') => self.bearer(at),
            (b'g', b'h') => self.github_token(at),
            (b'e', b'c') => self.ssh_key(at),
            (b'e', b'y') => self.json_web_token(at),
            (b'-', b'-') => self.private_key(at),
            _ => None,
        }
    }

    fn assignment(&self, at: usize) -> Option<usize> {
        let keywords =
            [Self::password, Self::passphrase, Self::key, Self::consumer, Self::plain_keyword];
        keywords.into_iter().find_map(|keyword| self.value(keyword(self, at)?))
    }

    /// `[old|new] p[ass]w[or]d[1|2]`
    fn password(&self, at: usize) -> Option<usize> {
        let at = match self.word(at, "old").or_else(|| self.word(at, "new")) {
            Some(at) => self.optional(at, Self::joint),
            None => at,
        };
        let at = self.optional_word(self.word(at, "p")?, "ass");
        let at = self.optional_word(self.word(at, "w")?, "or");
        let at = self.word(at, "d")?;
        Some(self.optional(at, |this, at| this.one(at, |byte| matches!(byte, b'1' | b'2'))))
    }

    fn passphrase(&self, at: usize) -> Option<usize> {
        let at = self.word(at, "pass")?;
        Some(self.word(self.optional(at, Self::joint), "phrase").unwrap_or(at))
    }

    /// `(api|private|public|access|secret|app[lication]) key [id]`
    fn key(&self, at: usize) -> Option<usize> {
        let owners = ["api", "private", "public", "access", "secret", "application", "app"];
        let at = owners.into_iter().find_map(|owner| self.word(at, owner))?;
        let at = self.word(self.optional(at, Self::joint), "key")?;
        Some(self.word(self.optional(at, Self::joint), "id").unwrap_or(at))
    }

    fn consumer(&self, at: usize) -> Option<usize> {
        let at = self.optional(self.word(at, "consumer")?, Self::joint);
        ["id", "key", "secret"].into_iter().find_map(|what| self.word(at, what))
    }

    fn plain_keyword(&self, at: usize) -> Option<usize> {
        [
            "secret",
            "token",
            "signed",
            "signature",
            "sign",
            "authentication",
            "authorization",
            "auth",
        ]
        .into_iter()
        .find_map(|keyword| self.word(at, keyword))
    }

    /// Matches the value after a keyword: up to the next parameter, or a quoted one in JSON.
    fn value(&self, at: usize) -> Option<usize> {
        let behind_spaces = self.many(at, Self::space);
        if let Some(start) = self.one_of(behind_spaces, &["=", "%3d"]) {
            let end = self.many(start, |this, at| this.one(at, |byte| byte != b'&'));
            return (end > start).then_some(end);
        }
        let at = self.many(self.quote(at)?, Self::space);
        let at = self.many(self.one_of(at, &[":", "%3a"])?, Self::space);
        let start = self.quote(at)?;
        let end = self.many(start, Self::quoted);
        self.quote(end).filter(|_| end > start)
    }

    /// Matches a character inside quotes: a percent-encoded one counts as one, and `%22` is the
    /// quote.
    fn quoted(&self, at: usize) -> Option<usize> {
        match (self.byte(at)?, self.byte(at + 1), self.byte(at + 2)) {
            (b'"', ..) => None,
            (b'%', Some(b'2'), third) => third.filter(|&third| third != b'2').map(|_| at + 3),
            (b'%', second, _) => second.map(|_| at + 2),
            _ => Some(at + 1),
        }
    }

    fn bearer(&self, at: usize) -> Option<usize> {
        let at = self.some(self.word(at, "bearer")?, Self::space)?;
        self.some(at, Self::name)
    }

    fn token(&self, at: usize) -> Option<usize> {
        self.exactly(13, self.one_of(self.word(at, "token")?, &[":", "%3a"])?)
    }

    fn github_token(&self, at: usize) -> Option<usize> {
        let at = self.one(self.word(at, "gh")?, |byte| b"opsu".contains(&byte))?;
        self.exactly(36, self.word(at, "_")?)
    }

    fn json_web_token(&mut self, at: usize) -> Option<usize> {
        let start = self.jwt_part(at)?;
        if !self.jwt_run.contains(&start) {
            self.jwt_run = start..self.many(start, Self::jwt_character);
        }
        let end = self.jwt_run.end;
        if end <= start {
            return None;
        }
        let end = self.some(self.jwt_part(self.word(end, ".")?)?, Self::jwt_character)?;
        let signature = self.word(end, ".");
        let signature = signature.and_then(|at| self.some(at, Self::jwt_signature));
        Some(signature.unwrap_or(end))
    }

    /// Matches `ey` and a letter, the encoding of the first bytes of a JSON object.
    fn jwt_part(&self, at: usize) -> Option<usize> {
        self.one(self.word(at, "ey")?, |byte| (b'i'..=b'l').contains(&byte))
    }

    fn jwt_character(&self, at: usize) -> Option<usize> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_=-".contains(&byte);
        self.one(at, is_plain).or_else(|| self.word(at, "%3d"))
    }

    fn jwt_signature(&self, at: usize) -> Option<usize> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+/=-".contains(&byte);
        self.one(at, is_plain).or_else(|| self.one_of(at, &["%3d", "%2f", "%2b"]))
    }

    fn private_key(&self, at: usize) -> Option<usize> {
        let at = self.word(at, "-----begin")?;
        let end = self.last_private_key(at, self.many(at, Self::pem_label))?;
        let start = self.word(end, "-----")?;
        let at = self.some(start, |this, at| this.one(at, |byte| byte != b'-'))?;
        let at = self.word(at, "-----end")?;
        let end = self.last_private_key(at, self.many(at, Self::pem_label))?;
        let end = self.optional_word(end, "-----");
        Some(self.one_of(end, &["\n", "%0a"]).unwrap_or(end))
    }

    fn pem_label(&self, at: usize) -> Option<usize> {
        let is_plain = |byte: u8| byte.is_ascii_alphabetic() || is_space(byte);
        self.one(at, is_plain).or_else(|| self.word(at, "%20"))
    }

    /// Returns the end of the last `PRIVATE KEY` in a label that has text before it.
    fn last_private_key(&self, label: usize, end: usize) -> Option<usize> {
        (label + 1..end).rev().find_map(|at| {
            let at = self.word(at, "private")?;
            self.word(self.space(at)?, "key").filter(|&key| key <= end)
        })
    }

    fn ssh_key(&self, at: usize) -> Option<usize> {
        let at = self.one_of(at, &["ssh-rsa", "ssh-dss"]).or_else(|| {
            let at = self.some(self.word(at, "ecdsa-")?, Self::alphanumeric)?;
            self.some(self.word(at, "-")?, Self::alphanumeric)
        })?;
        let mut end = self.some(at, Self::space_or_tab)?;
        let mut count = 0;
        while let Some(next) = self.base64(end) {
            (end, count) = (next, count + 1);
        }
        if count < MIN_SSH_KEY {
            return None;
        }
        let end = self.many(end, |this, at| this.one_of(at, &["=", "%3d"]));
        let comment = self.some(end, Self::space_or_tab);
        let comment = comment.and_then(|at| self.some(at, Self::name));
        Some(comment.unwrap_or(end))
    }

    fn base64(&self, at: usize) -> Option<usize> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+".contains(&byte);
        self.one(at, is_plain).or_else(|| self.one_of(at, &["%2f", "%5c", "%2b"]))
    }

    fn name(&self, at: usize) -> Option<usize> {
        self.one(at, |byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    }

    fn alphanumeric(&self, at: usize) -> Option<usize> {
        self.one(at, |byte| byte.is_ascii_alphanumeric())
    }

    fn joint(&self, at: usize) -> Option<usize> {
        self.one(at, |byte| matches!(byte, b'-' | b'_'))
    }

    fn quote(&self, at: usize) -> Option<usize> {
        self.one_of(at, &["\"", "%22"])
    }

    fn space(&self, at: usize) -> Option<usize> {
        self.one(at, is_space).or_else(|| self.word(at, "%20"))
    }

    fn space_or_tab(&self, at: usize) -> Option<usize> {
        self.space(at).or_else(|| self.word(at, "%09"))
    }

    fn exactly(&self, count: usize, at: usize) -> Option<usize> {
        (0..count).try_fold(at, |at, _| self.alphanumeric(at))
    }

    fn many(&self, mut at: usize, next: impl Fn(&Self, usize) -> Option<usize>) -> usize {
        while let Some(end) = next(self, at) {
            at = end;
        }
        at
    }

    /// Like `many`, but at least one.
    fn some(&self, at: usize, next: impl Fn(&Self, usize) -> Option<usize>) -> Option<usize> {
        let end = self.many(at, next);
        (end > at).then_some(end)
    }

    fn optional(&self, at: usize, next: impl Fn(&Self, usize) -> Option<usize>) -> usize {
        next(self, at).unwrap_or(at)
    }

    fn optional_word(&self, at: usize, word: &str) -> usize {
        self.word(at, word).unwrap_or(at)
    }

    fn one_of(&self, at: usize, words: &[&str]) -> Option<usize> {
        words.iter().find_map(|word| self.word(at, word))
    }

    /// A word in lower case matches in any case.
    fn word(&self, at: usize, word: &str) -> Option<usize> {
        #[cfg(test)]
        self.looks.update(|looks| looks + 1);
        let end = at + word.len();
        self.text.get(at..end)?.eq_ignore_ascii_case(word.as_bytes()).then_some(end)
    }

    fn one(&self, at: usize, is_one: impl Fn(u8) -> bool) -> Option<usize> {
        self.byte(at).filter(|&byte| is_one(byte)).map(|_| at + 1)
    }

    /// Returns the byte in lower case.
    fn byte(&self, at: usize) -> Option<u8> {
        #[cfg(test)]
        self.looks.update(|looks| looks + 1);
        self.text.get(at).map(u8::to_ascii_lowercase)
    }
}

/// `\s` of regular expressions over bytes.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use regex::bytes::{NoExpand, Regex, RegexBuilder};

    use super::*;

    /// The pattern of Datadog's tracers in parts.
    const BUILT_IN: &str = concat!(
        // A key word in front of `=`, or as a quoted JSON key; words need no left boundary.
        r#"(?:"|%22)?"#,
        r"(?:(?:old[-_]?|new[-_]?)?p(?:ass)?w(?:or)?d[12]?|pass(?:[-_]?phrase)?|secret",
        r"|(?:api|private|public|access|secret|app(?:lication)?)[-_]?key(?:[-_]?id)?|token",
        r"|consumer[-_]?(?:id|key|secret)|sign(?:ed|ature)?|auth(?:entication|orization)?)",
        r"(?:(?:\s|%20)*(?:=|%3D)[^&]+",
        r#"|(?:"|%22)(?:\s|%20)*(?::|%3A)(?:\s|%20)*(?:"|%22)(?:%2[^2]|%[^2]|[^"%])+(?:"|%22))"#,
        // Tokens that are recognized by their form.
        r"|bearer(?:\s|%20)+[a-z0-9._\-]+",
        r"|token(?::|%3A)[a-z0-9]{13}",
        r"|gh[opsu]_[0-9a-z]{36}",
        // JSON Web Tokens.
        r"|ey[I-L](?:[\w=-]|%3D)+\.ey[I-L](?:[\w=-]|%3D)+(?:\.(?:[\w.+/=-]|%3D|%2F|%2B)+)?",
        // Private keys in PEM.
        r"|-{5}BEGIN(?:[a-z\s]|%20)+PRIVATE(?:\s|%20)KEY-{5}[^-]+",
        r"-{5}END(?:[a-z\s]|%20)+PRIVATE(?:\s|%20)KEY(?:-{5})?(?:\n|%0A)?",
        // SSH keys.
        r"|(?:ssh-(?:rsa|dss)|ecdsa-[a-z0-9]+-[a-z0-9]+)(?:\s|%20|%09)+",
        r"(?:[a-z0-9/.+]|%2F|%5C|%2B){100,}(?:=|%3D)*(?:(?:\s|%20|%09)+[a-z0-9._-]+)?",
    );

    fn expression() -> Regex {
        RegexBuilder::new(BUILT_IN).unicode(false).case_insensitive(true).build().unwrap()
    }

    fn by_expression(expression: &Regex, query: &str) -> String {
        let redacted = expression.replace_all(query.as_bytes(), NoExpand(REDACTED.as_bytes()));
        String::from_utf8(redacted.into_owned()).unwrap()
    }

    /// Fragments, each of which is relevant to a part of the pattern.
    const PIECES: &[&str] = &[
        "a",
        "b1",
        "&",
        "=",
        "%3D",
        "%3d",
        "%22",
        "\"",
        ":",
        "%3A",
        " ",
        "%20",
        "\t",
        "%09",
        "-",
        "-----",
        "_",
        ".",
        "+",
        "/",
        "%",
        "%2",
        "%2F",
        "%2B",
        "%5C",
        "%0A",
        "\n",
        "é",
        "password",
        "old",
        "new_",
        "pwd",
        "passwd1",
        "PassWord2",
        "pass",
        "phrase",
        "secret",
        "api",
        "private",
        "public",
        "access",
        "app",
        "application",
        "key",
        "id",
        "token",
        "consumer",
        "sign",
        "ed",
        "ature",
        "auth",
        "entication",
        "orization",
        "bearer",
        "Bearer%20",
        "token:",
        "gho_",
        "ghx_",
        "ey",
        "eyI",
        "eyJ",
        "EYL",
        ".eyJ",
        "-----BEGIN",
        "-----END",
        "PRIVATE",
        "PRIVATE%20KEY",
        "PRIVATE KEY-----",
        "KEY",
        "ssh-rsa",
        "ssh-dss ",
        "ecdsa-sha2-nistp256",
        "ecdsa-",
        "x9",
        "abcdefghijklm",
        "0123456789abcdefghijklmnopqrstuvwxyz",
        "AAAAB3NzaC1yc2EAAAADAQABAAABgQC7AAAAB3NzaC1yc2EAAAADAQABAAABgQC7AAAAB3NzaC1yc2EAAAADAQABAAABgQC7wxyz",
    ];

    /// Returns the next number of a pseudo-random sequence (Knuth's constants).
    fn next(state: &mut u64) -> usize {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap()
    }

    #[test]
    fn redacts_like_the_expression() {
        let expression = expression();
        let mut state = 7;
        for _ in 0..2_000 {
            let length = 1 + next(&mut state) % 12;
            let query =
                (0..length).map(|_| PIECES[next(&mut state) % PIECES.len()]).collect::<String>();
            assert_eq!(redact(&query), by_expression(&expression, &query), "{query:?}");
        }
    }

    #[test]
    fn whole_secrets_are_redacted_as_the_expression_redacts_them() {
        let key = "ab+/".repeat(25);
        let pem = "-----BEGIN RSA PRIVATE KEY-----abc-----END RSA PRIVATE KEY-----";
        let expression = expression();
        let table = [
            format!("a=ssh-rsa {key}== me@home"),
            format!("a=ecdsa-sha2-nistp256%20{key}%3D%20me"),
            format!("a={pem}%0Ab"),
            format!("{pem}{pem}"),
            format!("a={}", pem.replace(' ', "%20")),
            "-----BEGIN PRIVATE KEY-----a-----END x PRIVATE KEY y PRIVATE KEYz-----".to_owned(),
            "{\"password\":\"a%2b%3c\",\"b\":1}".to_owned(),
            "%7B%22token%22%3A%20%22x%22%7D".to_owned(),
            "x=eyJhbGci.eyJzdWIi.c2ln/+=&y=eyJ%3D.eyJa".to_owned(),
        ];
        for query in table {
            let expected = by_expression(&expression, &query);
            assert!(expected.contains(REDACTED), "{query:?}");
            assert_eq!(redact(&query), expected, "{query:?}");
        }
    }

    #[test]
    fn the_cost_of_a_hostile_query_grows_with_its_length() {
        const MOST_LOOKS_PER_BYTE: usize = 40;
        let long_key = format!("ssh-rsa {}", "a".repeat(MIN_SSH_KEY - 1));
        let pieces = PIECES.iter().copied().chain([
            "eyIa",
            "eyI.",
            "eyIa.eyI",
            "eyIa.eyIa.",
            "\"token\":\"",
            "%22auth%22:%22",
            "secret ",
            "-----BEGIN PRIVATE KEY-----a",
            "-----BEGIN PRIVATE KEY-----a-----END ",
            "ecdsa-a-",
            "-----BEGIN a PRIVATE KEY",
            &long_key,
        ]);
        for piece in pieces {
            let query = piece.repeat(64 * 1024 / piece.len());
            let mut scanner = Scanner::new(&query);
            redact_with(&mut scanner, &query);
            let looks = scanner.looks.get();
            assert!(looks <= MOST_LOOKS_PER_BYTE * query.len(), "{piece:?}: {looks}");
        }
    }
}
