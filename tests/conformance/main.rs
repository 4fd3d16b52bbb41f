//! Do we follow the specifications? Tables of inputs and expected outputs.

mod propagation;
