//! Types of msgpack that are decoded as themselves and as nothing else.
//!
//! serde's own implementations are generous: a `String` may come as bytes, an `f64` as an integer, a struct as an array
//! or with numbered keys, and a repeated key of a map replaces the first. An encoder could be wrong in each of these
//! ways without a test noticing.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess,
        SeqAccess, Visitor, value::MapAccessDeserializer,
    },
};

use super::Refusal;

/// Arrays and maps within each other must be fewer. Spans need 10; `meta_struct` documents are free.
pub(super) const MAX_DEPTH: usize = 64;

/// Decodes a whole payload: nothing may follow it.
pub(super) fn decode<T: DeserializeOwned>(mut body: &[u8]) -> Result<T, Refusal> {
    let mut msgpack = rmp_serde::Deserializer::new(&mut body);
    msgpack.set_max_depth(MAX_DEPTH);
    let decoded = serde_path_to_error::deserialize(&mut msgpack).map_err(|error| {
        Refusal::Malformed { at: error.path().to_string(), reason: error.inner().to_string() }
    })?;
    match body.len() {
        0 => Ok(decoded),
        count => Err(Refusal::TrailingBytes { count }),
    }
}

/// For `Option` fields: the key may be absent, but its value may not be `nil`.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    value: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// A `str` in UTF-8.
#[derive(Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OnlyText;
        impl Visitor<'_> for OnlyText {
            type Value = Text;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text(text.to_owned()))
            }
        }
        value.deserialize_any(OnlyText)
    }
}

/// A `float 64`.
#[derive(Debug)]
pub(super) struct Float64(pub(super) f64);

impl<'de> Deserialize<'de> for Float64 {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OnlyFloat64;
        impl Visitor<'_> for OnlyFloat64 {
            type Value = Float64;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a 64-bit float")
            }
            fn visit_f32<E: Error>(self, _: f32) -> Result<Float64, E> {
                Err(E::custom("invalid type: 32-bit float, expected a 64-bit float"))
            }
            fn visit_f64<E: Error>(self, number: f64) -> Result<Float64, E> {
                Ok(Float64(number))
            }
        }
        value.deserialize_any(OnlyFloat64)
    }
}

/// A `bin`.
#[derive(Debug)]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OnlyBytes;
        impl Visitor<'_> for OnlyBytes {
            type Value = Bytes;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("binary data")
            }
            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_owned()))
            }
        }
        value.deserialize_any(OnlyBytes)
    }
}

/// A `bin` that holds one msgpack document.
#[derive(Debug)]
pub(super) struct Document(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let Bytes(bytes) = Bytes::deserialize(value)?;
        match decode::<IgnoredAny>(&bytes) {
            Ok(_) => Ok(Self(bytes)),
            Err(refusal) => {
                Err(D::Error::custom(format_args!("not one msgpack document: {refusal}")))
            }
        }
    }
}

/// An array; `bin` and `str` are none.
#[derive(Debug)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OnlyArray<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyArray<T> {
            type Value = List<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<List<T>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = array.next_element()? {
                    items.push(item);
                }
                Ok(List(items))
            }
        }
        value.deserialize_any(OnlyArray(PhantomData))
    }
}

/// A map without repeated keys.
#[derive(Debug)]
pub(super) struct Map<K, V>(pub(super) BTreeMap<K, V>);

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OnlyMap<K, V>(PhantomData<(K, V)>);
        impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for OnlyMap<K, V> {
            type Value = Map<K, V>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map<K, V>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry()? {
                    if entries.insert(key, value).is_some() {
                        return Err(A::Error::custom("repeated key"));
                    }
                }
                Ok(Map(entries))
            }
        }
        value.deserialize_any(OnlyMap(PhantomData))
    }
}

/// A struct as a map whose keys are the fields' names as text.
#[derive(Debug)]
pub(super) struct Record<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Record<T> {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        struct OnlyMap<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyMap<T> {
            type Value = Record<T>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Record<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(TextKeys(map))).map(Record)
            }
        }
        value.deserialize_any(OnlyMap(PhantomData))
    }
}

/// A map whose keys must be text: derived structs would take a field's number as well.
struct TextKeys<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for TextKeys<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        field: K,
    ) -> Result<Option<K::Value>, A::Error> {
        match self.0.next_key::<Text>()? {
            Some(Text(name)) => field.deserialize(name.into_deserializer()).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, value: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(value)
    }
}
