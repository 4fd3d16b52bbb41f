//! Baggage: data of the application that travels with a trace to every service downstream.

mod items;
mod typed;

pub use self::{
    items::{Baggage, MAX_BAGGAGE_ITEM_BYTES, MAX_BAGGAGE_ITEMS},
    typed::BaggageItem,
};
