//! An Agent for development.
