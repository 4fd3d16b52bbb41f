//! Baggage: what the application sends along with a trace, to every service downstream.
//!
//! [`Baggage`] is the value, [`SpanBaggage`] the view of one span. A span starts with the
//! baggage of its parent; what is set on it later is seen by that span and by spans started from
//! it afterwards, never by its parent or its siblings, so that concurrent tasks cannot disturb
//! each other.

mod items;
mod typed;
mod view;

pub use self::{
    items::{Baggage, MAX_BAGGAGE_ITEM_BYTES, MAX_BAGGAGE_ITEMS},
    typed::BaggageItem,
    view::SpanBaggage,
};
