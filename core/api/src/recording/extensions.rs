//! Values of a tracer that packages above this one look up by type.

use std::{
    any::{Any, TypeId},
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

type Value = dyn Any + Send + Sync + UnwindSafe + RefUnwindSafe;

/// At most one value of each type. There are a handful, so a scan beats a map.
#[derive(Default)]
pub(crate) struct Extensions(Vec<Box<Value>>);

impl Extensions {
    /// Adds a value; it replaces an earlier one of the same type.
    pub(crate) fn insert<T>(&mut self, value: T)
    where
        T: Any + Send + Sync + UnwindSafe + RefUnwindSafe,
    {
        self.0.retain(|other| (&**other as &dyn Any).type_id() != TypeId::of::<T>());
        self.0.push(Box::new(value));
    }

    pub(crate) fn get<T: Any>(&self) -> Option<&T> {
        self.0.iter().find_map(|value| (&**value as &dyn Any).downcast_ref())
    }
}

impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} extensions", self.0.len())
    }
}
