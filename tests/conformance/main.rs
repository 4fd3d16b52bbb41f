//! Do we follow the specifications? Tables of inputs and expected outputs.

#[cfg(test)]
mod config;
#[cfg(test)]
mod propagation;
