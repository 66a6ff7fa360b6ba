//! The windows of a book's asks: which asks are for all of a window, without a look at the others.

use chain::time::{Time, Window};

use super::book::Ask;

/// The asks of a book by their windows.
#[derive(Clone, Debug)]
pub(super) struct AskWindows {
    /// By rising start; with each, the positions of its asks in rising order.
    windows: Vec<(Window, Vec<usize>)>,
    /// The latest end among the windows below each node of a binary tree, whose root is node 1, whose
    /// leaves are the windows, and in which the children of `n` are `2n` and `2n + 1`.
    latest: Vec<Time>,
    leaves: usize,
}

impl AskWindows {
    /// Sorts `asks`, which stand in the order of the book.
    pub(super) fn of(asks: &[Ask<'_>]) -> Self {
        let mut sorted: Vec<(Window, usize)> =
            asks.iter().enumerate().map(|(position, ask)| (ask.order.window, position)).collect();
        sorted.sort_unstable();
        let windows = sorted.chunk_by(|(one, _), (next, _)| one == next).map(|alike| {
            let window = alike.first().expect("a chunk is not empty").0;
            (window, alike.iter().map(|(_, position)| *position).collect())
        });
        let windows: Vec<(Window, Vec<usize>)> = windows.collect();
        let leaves = windows.len().next_power_of_two();
        let mut latest = vec![Time(0); leaves.saturating_mul(2)];
        let ends = windows.iter().map(|(window, _)| window.end);
        latest.iter_mut().skip(leaves).zip(ends).for_each(|(node, end)| *node = end);
        for node in (1..leaves).rev() {
            let below = children(node).into_iter().filter_map(|child| latest.get(child).copied());
            let end = below.max().expect("a node has children");
            *latest.get_mut(node).expect("a node of the tree") = end;
        }
        Self { windows, latest, leaves }
    }

    /// True when all asks are for one window.
    pub(super) fn are_one(&self) -> bool {
        self.windows.len() == 1
    }

    /// The positions of the asks whose windows contain `window`, those of each window in rising order.
    pub(super) fn containing(&self, window: Window) -> impl Iterator<Item = &[usize]> {
        let begun = self.windows.partition_point(|(it, _)| it.start <= window.start);
        let mut open = vec![1_usize];
        std::iter::from_fn(move || {
            while let Some(node) = open.pop() {
                if self.first_leaf(node) >= begun || *self.latest.get(node)? < window.end {
                    continue;
                }
                if let Some(leaf) = node.checked_sub(self.leaves) {
                    return self.windows.get(leaf).map(|(_, positions)| &**positions);
                }
                let [left, right] = children(node);
                open.extend([right, left]);
            }
            None
        })
    }

    /// The number of the first leaf below a node.
    fn first_leaf(&self, node: usize) -> usize {
        let mut first = node;
        while first < self.leaves {
            first = first.saturating_mul(2);
        }
        first.saturating_sub(self.leaves)
    }
}

const fn children(node: usize) -> [usize; 2] {
    let left = node.saturating_mul(2);
    [left, left.saturating_add(1)]
}

#[cfg(test)]
mod tests;
