//! The attributes on which the operation name and the type of a span may depend.

use std::ops::BitOr;

use crate::notes::Kind;

/// Groups of such attributes, as bits. They rule out most rules before any attribute is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Telling(u8);

impl Telling {
    pub(super) const NONE: Self = Self(0);
    pub(super) const HTTP: Self = Self(1);
    pub(super) const DB: Self = Self(1 << 1);
    pub(super) const MESSAGING: Self = Self(1 << 2);
    pub(super) const RPC: Self = Self(1 << 3);
    pub(super) const FAAS: Self = Self(1 << 4);
    pub(super) const GRAPHQL: Self = Self(1 << 5);
    pub(super) const NETWORK: Self = Self(1 << 6);
    /// All of these.
    pub(super) const ALL: Self = Self(!Self::KIND.0);
    /// The kind, on which neither depends: it replaces that of the builder as a tag.
    pub(super) const KIND: Self = Self(1 << 7);

    /// Whether one of these groups is among the others.
    pub(super) fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Whether a span of this kind has rules about one of these groups.
    pub(super) fn matters_for(self, kind: Kind) -> bool {
        self.has(match kind {
            Kind::Server | Kind::Client => Self::ALL,
            Kind::Producer | Kind::Consumer => Self::MESSAGING | Self::GRAPHQL,
            Kind::Internal => Self::GRAPHQL,
        })
    }
}

impl BitOr for Telling {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
