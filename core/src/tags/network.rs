//! Tags of the other end of a connection.

/// The host that a client calls, without a port.
pub const OUT_HOST: &str = "out.host";
/// The port that a client calls, as a number.
pub const DESTINATION_PORT: &str = "network.destination.port";
