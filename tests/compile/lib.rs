//! Programs that must compile, and programs that must not; the tests beside this file run them.
