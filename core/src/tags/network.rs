//! Tags of the other end of a connection.

/// The host that a client calls, without a port.
pub const OUT_HOST: &str = "out.host";
/// The port that a client calls, as a number.
pub const DESTINATION_PORT: &str = "network.destination.port";
/// The address of the peer of a server's connection, without a port.
pub const CLIENT_IP: &str = "network.client.ip";
/// The database that a client calls.
pub const DB_NAME: &str = "db.name";
/// The service that is called, as its users know it.
pub const PEER_SERVICE: &str = "peer.service";
