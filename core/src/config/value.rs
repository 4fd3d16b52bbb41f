//! Values of options: how they are read from a text, and shown as one.

use std::{str::FromStr, time::Duration};

use http::HeaderName;

use super::{
    AgentUrl, ApiVersion, LogFormat, LogLevel, ParseError,
    parse::{self, joined, partly},
};
use crate::{
    http::{ClientIp, HeaderTags, StatusRanges},
    propagation::{BaggageTagKeys, ExtractBehavior, Styles},
    sampling::SampleRate,
    sql::PropagationMode,
};

/// The value of an option, with its default in it until a text is read.
pub(super) trait Value {
    /// Takes the value of a text. A text that is unusable changes nothing; of a list, the usable
    /// entries are taken and the others are the error.
    fn read(&mut self, text: &str) -> Result<(), ParseError>;

    /// Returns the value as a text that could be read again; `None` if there is no value.
    fn show(&self) -> Option<String>;
}

/// A value that a text has as a whole.
pub(super) trait Text: Sized {
    fn parse(text: &str) -> Result<Self, ParseError>;
    fn show(&self) -> String;
}

impl<T: Text> Value for T {
    fn read(&mut self, text: &str) -> Result<(), ParseError> {
        *self = T::parse(text)?;
        Ok(())
    }

    fn show(&self) -> Option<String> {
        Some(Text::show(self))
    }
}

impl<T: Text> Value for Option<T> {
    fn read(&mut self, text: &str) -> Result<(), ParseError> {
        *self = Some(T::parse(text)?);
        Ok(())
    }

    fn show(&self) -> Option<String> {
        self.as_ref().map(Text::show)
    }
}

/// Implements [`Text`] by a function that reads and `Display`.
macro_rules! texts {
    ($($Type:ty: $parse:expr;)*) => {
        $(
            impl Text for $Type {
                fn parse(text: &str) -> Result<Self, ParseError> {
                    $parse(text)
                }

                fn show(&self) -> String {
                    self.to_string()
                }
            }
        )*
    };
}

texts! {
    bool: parse::boolean;
    u16: parse::port;
    i64: parse::integer;
    usize: parse::limit;
    String: |text: &str| Ok(text.to_owned());
    ApiVersion: str::parse;
    LogLevel: str::parse;
    LogFormat: str::parse;
    AgentUrl: |text: &str| Ok(text.parse()?);
    PropagationMode: str::parse;
    SampleRate: parse::sample_rate;
    ExtractBehavior: |text: &str| ExtractBehavior::parse(text).ok_or(ParseError::ExtractBehavior);
    BaggageTagKeys: |text: &str| Ok(BaggageTagKeys::parse(text));
}

impl FromStr for PropagationMode {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.to_ascii_lowercase().as_str() {
            "disabled" => Ok(Self::Disabled),
            "service" => Ok(Self::Service),
            "full" => Ok(Self::Full),
            _ => Err(ParseError::PropagationMode),
        }
    }
}

impl Text for Duration {
    fn parse(text: &str) -> Result<Self, ParseError> {
        parse::positive_seconds(text)
    }

    fn show(&self) -> String {
        self.as_secs_f64().to_string()
    }
}

impl Text for ClientIp {
    fn parse(text: &str) -> Result<Self, ParseError> {
        text.parse::<HeaderName>().map(Self::Header).map_err(|_| ParseError::HeaderName)
    }

    fn show(&self) -> String {
        match self {
            Self::Usual => String::new(),
            Self::Header(name) => name.to_string(),
        }
    }
}

impl Text for Vec<String> {
    fn parse(text: &str) -> Result<Self, ParseError> {
        Ok(parse::list(text))
    }

    fn show(&self) -> String {
        self.join(",")
    }
}

impl Value for Vec<(String, String)> {
    fn read(&mut self, text: &str) -> Result<(), ParseError> {
        let (pairs, unknown) = parse::mapping(text);
        *self = pairs;
        partly(unknown)
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| joined(self.iter().map(|(from, to)| format!("{from}:{to}"))))
    }
}

impl Value for Option<Styles> {
    fn read(&mut self, text: &str) -> Result<(), ParseError> {
        let (styles, unknown) = Styles::parse(text);
        *self = styles;
        partly(unknown)
    }

    fn show(&self) -> Option<String> {
        self.as_ref().map(ToString::to_string)
    }
}

impl Value for StatusRanges {
    fn read(&mut self, text: &str) -> Result<(), ParseError> {
        let (ranges, unknown) = Self::parse(text);
        if let Some(ranges) = ranges {
            *self = ranges;
        }
        partly(unknown)
    }

    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Value for HeaderTags {
    fn read(&mut self, text: &str) -> Result<(), ParseError> {
        let (tags, unknown) = Self::parse(text);
        *self = tags;
        partly(unknown)
    }

    fn show(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.to_string())
    }
}
