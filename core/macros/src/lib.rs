//! The #[trace] attribute of packdog; use it through packdog or packdog-api.
