//! The macro that declares options: each one in a single place.
//!
//! From one block come the field that holds the value, its default, the setter and the getter of
//! [`Config`](crate::Config) with their docs, and a row of the table from which the environment is
//! read and README, warnings and settings are written.
//!
//! ```text
//! options! {
//!     /// The group, for the docs.
//!     pub struct Group at |config| config.group;         // the place of the group in a `Config`
//!
//!     /// The sentence about the option, a noun phrase or one with "whether".
//!     field: Type = default {
//!         variables: ["DD_NAME", "DD_ALIAS"],             // the first one that is set wins
//!         format: "Format: separated by commas.",         // a sentence about the text of a variable
//!         default: "`300`",                               // in words, or as a variable would have it
//!         takes_empty: true,                              // an empty text is a value, and not unset
//!         read: |config, text| Ok(()),                    // unless `Value::read` does it
//!         show: |config| None,                            // unless `Value::show` does it
//!         /// Sets the field.
//!         set: with_field(value: Argument) => value,      // a setter of `Config`
//!         get: field -> Argument = |value| *value,        // a getter of `Config`
//!     }
//! }
//! ```
//! `format`, `takes_empty`, `read`, `show`, `set` and `get` may be left out. The docs of fields and
//! getters leave out the format, because they have a type.

macro_rules! options {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $Group:ident at |$config:ident| $place:expr;
        $(
            $(#[doc = $about:literal])+
            $field_visibility:vis $field:ident: $Type:ty = $default:expr, {
                variables: [$variable:literal $(, $alias:literal)*],
                $(format: $format:literal,)?
                default: $words:literal,
                $(takes_empty: $takes_empty:literal,)?
                $(read: $read:expr,)?
                $(show: $show:expr,)?
                $(
                    $(#[doc = $sets:literal])+
                    set: $setter:ident($argument:ident: $Argument:ty) => $set:expr,
                )?
                $(get: $getter:ident -> $Value:ty = $get:expr,)?
            }
        )*
        $(also {
            $(
                $(#[doc = $also_about:literal])+
                $also_visibility:vis $also:ident: $Also:ty = $also_default:expr,
            )*
        })?
    ) => {
        $(#[$meta])*
        $visibility struct $Group {
            $(
                $(#[doc = $about])+
                #[doc = concat!("\nVariable: `", $variable, "`; default: ", $words, ".")]
                $field_visibility $field: $Type,
            )*
            $($(
                $(#[doc = $also_about])+
                $also_visibility $also: $Also,
            )*)?
        }

        impl Default for $Group {
            fn default() -> Self {
                Self { $($field: $default,)* $($($also: $also_default,)*)? }
            }
        }

        impl $crate::Config {
            $(
                options! { @setter
                    [#[doc = concat!("\nVariable: `", $variable, "`; default: ", $words, ".")]]
                    $variable, |$config| $place.$field;
                    $($(#[doc = $sets])+ $setter($argument: $Argument) => $set)?
                }
                options! { @getter
                    [$(#[doc = $about])+ #[doc = concat!("\nVariable: `", $variable, "`; default: ", $words, ".")]]
                    |$config| $place.$field; $Type;
                    $($getter -> $Value = $get)?
                }
            )*
        }

        impl $Group {
            pub(in crate::config) const OPTIONS: &[$crate::config::ConfigOption] = &[
                $(
                    $crate::config::ConfigOption {
                        variables: &[$variable $(, $alias)*],
                        default: $words,
                        about: concat!($($about),+ $(, " ", $format)?),
                        takes_empty: false $(|| $takes_empty)?,
                        read: options!(@first $({ $read })? {
                            |$config, text| $crate::config::value::Value::read(&mut $place.$field, text)
                        }),
                        show: options!(@first $({ $show })? {
                            |$config| $crate::config::value::Value::show(&$place.$field)
                        }),
                    },
                )*
            ];
        }
    };
    (@setter
        [$($docs:tt)+] $variable:literal, |$config:ident| $place:expr;
        $(#[doc = $sets:literal])+ $setter:ident($argument:ident: $Argument:ty) => $set:expr
    ) => {
        $(#[doc = $sets])+
        $($docs)+
        pub fn $setter(self, $argument: $Argument) -> Self {
            let mut $config = self;
            $place = $set;
            $config.set_by_code($variable);
            $config
        }
    };
    (@getter
        [$($docs:tt)+] |$config:ident| $place:expr; $Type:ty;
        $getter:ident -> $Value:ty = $get:expr
    ) => {
        $($docs)+
        pub fn $getter(&self) -> $Value {
            let $config = self;
            let get: fn(&$Type) -> $Value = $get;
            get(&$place)
        }
    };
    (@setter [$($docs:tt)+] $variable:literal, |$config:ident| $place:expr;) => {};
    (@getter [$($docs:tt)+] |$config:ident| $place:expr; $Type:ty;) => {};
    (@first { $first:expr } $({ $_otherwise:expr })?) => { $first };
}

pub(super) use options;
