//! A list that grows block by block, so that nothing in it is copied when it grows.
//!
//! The queue holds thousands of chunks and grows while its lock is held. A vector copied each chunk
//! once or twice, and made the thread that hit its end wait for all of them.

use std::vec;

/// The items of a block: few enough for a tracer with little to do, and a rare allocation for one
/// with much.
const ITEMS: usize = 64;

/// Items in the order in which they were pushed.
#[derive(Debug)]
pub(crate) struct Blocks<T> {
    blocks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Blocks<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn push(&mut self, item: T) {
        self.len += 1;
        match self.blocks.last_mut() {
            Some(block) if block.len() < ITEMS => block.push(item),
            _ => self.push_block(item),
        }
    }

    fn push_block(&mut self, item: T) {
        let mut block = Vec::with_capacity(ITEMS);
        block.push(item);
        self.blocks.push(block);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.blocks.iter().flatten()
    }
}

impl<T> Default for Blocks<T> {
    fn default() -> Self {
        Self { blocks: Vec::new(), len: 0 }
    }
}

impl<T> IntoIterator for Blocks<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<vec::IntoIter<Vec<T>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.blocks.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_in_order_over_many_blocks() {
        let mut blocks = Blocks::default();
        assert!(blocks.is_empty());
        (0..3 * ITEMS + 1).for_each(|item| blocks.push(item));
        assert_eq!((blocks.len(), blocks.blocks.len()), (3 * ITEMS + 1, 4));
        assert!(blocks.iter().copied().eq(0..3 * ITEMS + 1));
        assert!(blocks.into_iter().eq(0..3 * ITEMS + 1));
    }

    #[test]
    fn no_block_grows() {
        let mut blocks = Blocks::default();
        (0..10 * ITEMS).for_each(|item| blocks.push(item));
        assert!(blocks.blocks.iter().all(|block| block.capacity() == ITEMS));
    }
}
