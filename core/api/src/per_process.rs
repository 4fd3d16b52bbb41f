//! A value that each process has one of.
//!
//! A forked child has a copy of the parent's memory, but one thread only. A lock that another
//! thread held at that moment is never released in the child, and nothing runs there in the
//! background. So the child does not touch the parent's value or its locks, and makes its own when
//! it first needs one.

use std::sync::OnceLock;

use crate::process::process_id;

/// The value of this process, and those of the processes that it was forked from. Implementations
/// hold their shared state in it, so that a forked child never waits for a lock of its parent.
#[derive(Debug)]
pub struct PerProcess<T>(Node<T>);

#[derive(Debug)]
struct Node<T> {
    process: u32,
    value: T,
    /// The value of a child, in the memory of that child.
    child: OnceLock<Box<Node<T>>>,
}

impl<T> PerProcess<T> {
    /// Holds a value for the running process.
    pub fn new(value: T) -> Self {
        Self(Node::new(value, process_id()))
    }

    /// Returns the value of the running process; makes it if there is none.
    pub fn get(&self, make: impl Fn() -> T) -> &T {
        self.of(process_id(), make)
    }

    /// Returns the value of the running process; `None` if it has none yet.
    pub fn existing(&self) -> Option<&T> {
        let process = process_id();
        let mut node = &self.0;
        while node.process != process {
            node = node.child.get()?;
        }
        Some(&node.value)
    }

    /// Returns the newest value, and the process that it was made for: the running one, or one from
    /// which that was forked without asking for a value since. The operating system is not asked, so
    /// locks in the value are for [`lock_of`](crate::internal::lock_of).
    pub fn newest(&self) -> (&T, u32) {
        let mut node = &self.0;
        while let Some(child) = node.child.get() {
            node = child;
        }
        (&node.value, node.process)
    }

    /// Returns the value of this process, which is the one that is running, without asking the
    /// operating system for it; it is made if there is none.
    pub fn of(&self, process: u32, make: impl Fn() -> T) -> &T {
        self.inherited(process, |_| make())
    }

    /// Like [`of`](PerProcess::of), with a value that is made of the parent's.
    pub fn inherited(&self, process: u32, make: impl Fn(&T) -> T) -> &T {
        let mut node = &self.0;
        while node.process != process {
            let parent = &node.value;
            node = node.child.get_or_init(|| Box::new(Node::new(make(parent), process)));
        }
        &node.value
    }
}

impl<T: Default> Default for PerProcess<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Node<T> {
    fn new(value: T, process: u32) -> Self {
        Self { process, value, child: OnceLock::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_a_value_of_its_own_and_keeps_it() {
        let parent = process_id();
        let [child, grandchild] = [parent ^ 1, parent ^ 2];
        let values = PerProcess::new("parent");
        assert_eq!(*values.get(|| "another"), "parent");
        assert_eq!(*values.of(child, || "child"), "child");
        assert_eq!(*values.of(grandchild, || "grandchild"), "grandchild");
        for (process, expected) in
            [(parent, "parent"), (child, "child"), (grandchild, "grandchild")]
        {
            assert_eq!(*values.of(process, || "another"), expected);
        }
        assert_eq!(values.existing(), Some(&"parent"));
    }

    #[test]
    fn a_child_can_begin_with_the_value_of_its_parent() {
        let values = PerProcess::new(1);
        let child = process_id() ^ 1;
        assert_eq!(*values.inherited(child, |parent| parent + 1), 2);
        assert_eq!(*values.inherited(child, |_| 0), 2);
    }

    #[test]
    fn the_newest_value_is_that_of_the_process_that_asked_last_for_its_own() {
        let values = PerProcess::new("parent");
        let parent = process_id();
        let child = parent ^ 1;
        assert_eq!(values.newest(), (&"parent", parent));
        values.of(child, || "child");
        assert_eq!(values.newest(), (&"child", child));
    }
}
