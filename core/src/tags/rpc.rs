//! Tags of remote procedure calls.

/// The kind of calls: `grpc`.
pub const SYSTEM: &str = "rpc.system";
/// The service that is called, with its package.
pub const SERVICE: &str = "rpc.service";
/// The method that is called.
pub const METHOD: &str = "rpc.method";
/// The status of a gRPC call, as decimal text.
pub const GRPC_STATUS_CODE: &str = "rpc.grpc.status_code";
/// The same, under the name that older products of Datadog read.
pub const GRPC_STATUS_CODE_LEGACY: &str = "grpc.status.code";
