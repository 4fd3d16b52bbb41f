//! Does it work together? Real servers, clients and Agents over real sockets.
