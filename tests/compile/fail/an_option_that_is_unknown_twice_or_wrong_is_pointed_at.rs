use packdog::trace;

#[trace(nmae = "sandwich")]
fn unknown() {}

#[trace(name = "sandwich", service = "kitchen", name = "toast")]
fn twice() {}

#[trace("sandwich")]
fn name_alone() {}

#[trace(= "sandwich")]
fn no_option() {}

#[trace(name("sandwich"))]
fn no_equals_sign() {}

#[trace(resource = 7)]
fn wrong_text() {}

#[trace(kind = waiter)]
fn unknown_kind() {}

#[trace(kind = "server")]
fn quoted_kind() {}

#[trace(tags = "bread")]
fn tags_without_parentheses() {}

#[trace(tags("bread"))]
fn tag_without_a_value() {}

#[trace(tags(7 = bread))]
fn tag_without_a_key() {}

#[trace(tags("bread" = 1, bread = 2))]
fn tag_twice() {}

#[trace(crate = "packdog")]
fn quoted_crate() {}

#[trace(name = "sandwich" service = "kitchen")]
fn no_comma() {}

fn main() {
    // They are still there: no error says that they are not found.
    (unknown(), twice(), name_alone(), no_option(), no_equals_sign());
}
