//! The type of a span: derived from its kind, and from the database that a client calls.

use crate::notes::Kind;

/// Databases whose type is their own name.
const OWN: [&str; 6] =
    ["cassandra", "redis", "memcached", "mongodb", "elasticsearch", "opensearch"];

/// Relational databases, under their names in OpenTelemetry's semantic conventions, new and old.
#[rustfmt::skip]
const RELATIONAL: [&str; 52] = [
    "actian.ingres", "adabas", "aws.redshift", "cache", "clickhouse", "cloudscape", "cockroachdb",
    "coldfusion", "db2", "derby", "edb", "filemaker", "firebird", "firebirdsql", "firstsql",
    "gcp.spanner", "h2", "h2database", "hanadb", "hsqldb", "ibm.db2", "ibm.informix", "ibm.netezza",
    "informix", "ingres", "instantdb", "interbase", "intersystems_cache", "mariadb", "maxdb",
    "microsoft.sql_server", "mssql", "mssqlcompact", "mysql", "netezza", "oracle", "oracle.db",
    "other_sql", "pervasive", "pointbase", "postgresql", "progress", "redshift", "sap.hana",
    "sap.maxdb", "softwareag.adabas", "spanner", "sqlite", "sybase", "teradata", "trino", "vertica",
];

/// Returns the type of a span of this kind; `None` if it has none. `database` is that of a client.
pub(super) fn span_type(kind: Kind, database: Option<&str>) -> Option<&'static str> {
    match kind {
        Kind::Server => Some("web"),
        Kind::Client => Some(database.map_or("http", database_type)),
        Kind::Internal | Kind::Producer | Kind::Consumer => None,
    }
}

fn database_type(system: &str) -> &'static str {
    let is_relational = RELATIONAL.contains(&system);
    let own = OWN.into_iter().find(|name| *name == system);
    own.unwrap_or(if is_relational { "sql" } else { "db" })
}
