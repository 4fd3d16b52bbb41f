//! Correct use compiles, and misuse fails with a helpful error.
//!
//! `pass`: compiles without a warning and runs. `fail`: fails with exactly the messages beside it,
//! which are our own. `message`: fails with a message of the compiler, whose words differ from
//! version to version; only what we contribute to it is compared.

#[cfg(test)] // Shows Clippy too that this is a test.
mod message;

/// Clippy does not see the packages that the cases become: here it does.
#[expect(dead_code, unreachable_pub, reason = "only to be looked at")]
#[path = "pass/every_shape_of_function_can_be_traced_without_a_warning.rs"]
mod every_shape;

#[test]
fn correct_use_compiles_and_misuse_is_explained() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
}
