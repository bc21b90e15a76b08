//! How the model learns: contexts grow by symbols, symbols by contexts that follow them.

use super::{DEEPEST, MOST, Model, STATE};

impl Model {
    /// Learns the symbol that was found, in the contexts from the longest to the one in use.
    pub(super) fn update(&mut self) {
        if self.learn().is_none() {
            self.restart();
        }
    }

    /// None if the memory is used up.
    fn learn(&mut self) -> Option<()> {
        let (symbol, found_count) = (self.symbol(self.found), self.count(self.found));
        let above = self.suffix(self.context);
        if found_count < MOST / 4 && above != 0 {
            self.learn_above(above, symbol);
        }
        if self.fall == 0 {
            let context = self.grow()?;
            (self.context, self.longest) = (context, context);
            self.set_successor(self.found, context);
            return Some(());
        }
        if !self.memory.push_text(symbol) {
            return None;
        }
        let mut follows = self.memory.text;
        let mut next = self.successor(self.found);
        if next == 0 {
            self.set_successor(self.found, follows);
            next = self.context;
        } else {
            if !self.memory.is_context(next) {
                next = self.grow()?;
            }
            self.fall -= 1;
            if self.fall == 0 {
                follows = next;
                // The text is not needed by a context of the highest order.
                self.memory.text -= u32::from(self.longest != self.context);
            }
        }
        let shortest = self.context;
        let mut context = self.longest;
        (self.context, self.longest) = (next, next);
        if context == shortest {
            return Some(());
        }
        let known = self.symbols(shortest);
        let found_count = self.count(self.found);
        let others = self.sum(shortest).wrapping_sub(known).wrapping_sub(found_count.wrapping_sub(1));
        while context != shortest && context != 0 {
            let sum = self.make_room(context, known)?;
            let own = self.symbols(context);
            let state = self.list(context) + own * STATE;
            let share = 2 * (sum + 6) * found_count;
            let all = others.wrapping_add(sum);
            let (count, sum) = if share < 6 * all {
                (1 + u32::from(share > all) + u32::from(share >= 4 * all), sum + 3)
            } else {
                let count =
                    4 + u32::from(share >= 9 * all) + u32::from(share >= 12 * all) + u32::from(share >= 15 * all);
                (count, sum + count)
            };
            self.memory.set_state(state, [symbol, 0, 0, 0, 0, 0]);
            self.set_count(state, count);
            self.set_successor(state, follows);
            self.memory.set_short(context, own + 1);
            self.memory.set_short(context + 2, sum);
            context = self.suffix(context);
        }
        Some(())
    }

    /// The symbol counts in the next shorter context, too.
    fn learn_above(&mut self, above: u32, symbol: u8) {
        if self.symbols(above) == 1 {
            let count = self.count(above + 2);
            self.set_count(above + 2, count + u32::from(count < 32));
            return;
        }
        let mut state = self.list(above);
        if self.symbol(state) != symbol {
            state = self.find(above, symbol);
            if state != self.list(above) && self.count(state) >= self.count(state - STATE) {
                self.swap(state, state - STATE);
                state -= STATE;
            }
        }
        let count = self.count(state);
        if count < MOST - 9 {
            self.set_count(state, count + 2);
            self.add_to_sum(above, 2);
        }
    }

    /// Makes room for one more symbol in a context; the sum of its counts without it.
    fn make_room(&mut self, context: u32, known: u32) -> Option<u32> {
        let own = self.symbols(context);
        if own == 1 {
            let list = self.memory.take(0)?;
            let mut state = self.memory.state(context + 2);
            let count = self.count(context + 2);
            let count = if count < MOST / 4 - 1 { count * 2 } else { MOST - 4 };
            state[1] = count.to_le_bytes()[0];
            self.memory.set_state(list, state);
            self.memory.set_long(context + 4, list);
            return Some(count + self.first_escape + u32::from(known > 3));
        }
        if own.is_multiple_of(2) {
            let units = own / 2;
            let index = self.memory.index(units);
            if index != self.memory.index(units + 1) {
                let list = self.list(context);
                let larger = self.memory.take(index + 1)?;
                self.memory.copy(list, larger, own * STATE);
                self.memory.release(list, index);
                self.memory.set_long(context + 4, larger);
            }
        }
        let sum = self.sum(context);
        let is_small = u32::from(4 * own <= known && sum <= 8 * own);
        Some(sum + u32::from(2 * own < known) + 2 * is_small)
    }

    /// Makes contexts of what follows the found symbol in the text, for the context in use and
    /// the shorter ones that do not have it yet. The longest of them; none without memory.
    fn grow(&mut self) -> Option<u32> {
        let symbol = self.symbol(self.found);
        let in_text = self.successor(self.found);
        let mut context = self.context;
        let mut states = [0; DEEPEST];
        let mut count = 0;
        if self.fall != 0 {
            states[0] = self.found;
            count = 1;
        }
        while self.suffix(context) != 0 {
            context = self.suffix(context);
            let state = if self.symbols(context) == 1 { context + 2 } else { self.find(context, symbol) };
            let successor = self.successor(state);
            if successor != in_text {
                context = successor;
                if count == 0 {
                    return Some(context);
                }
                break;
            }
            *states.get_mut(count)? = state;
            count += 1;
        }
        let next = self.memory.byte(in_text);
        let next_count = if self.symbols(context) == 1 {
            self.count(context + 2)
        } else {
            let own = self.count(self.find(context, next)).saturating_sub(1);
            let others = self.sum(context).saturating_sub(self.symbols(context)).saturating_sub(own);
            1 + if 2 * own <= others {
                u32::from(5 * own > others)
            } else {
                (2 * own + others - 1) / (2 * others).max(1) + 1
            }
        };
        for state in states.iter().take(count).rev() {
            let made = self.memory.context()?;
            self.memory.set_short(made, 1);
            self.memory.set_byte(made + 2, next);
            self.set_count(made + 2, next_count);
            self.set_successor(made + 2, in_text + 1);
            self.memory.set_long(made + 8, context);
            self.set_successor(*state, made);
            context = made;
        }
        Some(context)
    }

    /// Halves the counts of the context in use; symbols that are left without one go.
    pub(super) fn halve(&mut self) {
        let context = self.context;
        let (list, all) = (self.list(context), self.symbols(context));
        // The found one comes first.
        let found = self.memory.state(self.found);
        self.memory.copy(list, list + STATE, self.found - list);
        self.memory.set_state(list, found);
        let spare = u32::from(self.fall != 0);
        let first = self.count(list);
        let mut escape = self.sum(context).wrapping_sub(first);
        let mut sum = (first + 4 + spare) >> 1;
        self.set_count(list, sum);
        for index in 1..all {
            let state = list + index * STATE;
            let count = self.count(state);
            escape = escape.wrapping_sub(count);
            let count = (count + spare) >> 1;
            sum += count;
            self.set_count(state, count);
            let mut place = state;
            while place != list && count > self.count(place - STATE) {
                place -= STATE;
            }
            if place != state {
                let moved = self.memory.state(state);
                self.memory.copy(place, place + STATE, state - place);
                self.memory.set_state(place, moved);
            }
        }
        let gone = (0..all).rev().take_while(|index| self.count(list + index * STATE) == 0).count();
        let left = all - u32::try_from(gone).unwrap_or(0).min(all - 1);
        if left != all {
            escape = escape.wrapping_add(all - left);
            self.memory.set_short(context, left);
            let (units, fewer) = (all.div_ceil(2), left.div_ceil(2));
            let index = self.memory.index(units);
            if left == 1 {
                let mut state = self.memory.state(list);
                let mut count = u32::from(state[1]);
                loop {
                    escape >>= 1;
                    count = (count + 1) >> 1;
                    if escape <= 1 {
                        break;
                    }
                }
                state[1] = count.to_le_bytes()[0];
                self.memory.set_state(context + 2, state);
                self.found = context + 2;
                self.memory.release(list, index);
                return;
            }
            let smaller = self.memory.index(fewer);
            if index != smaller {
                if let Some(other) = self.memory.reuse(smaller) {
                    self.memory.copy(list, other, left * STATE);
                    self.memory.set_long(context + 4, other);
                    self.memory.release(list, index);
                } else {
                    self.memory.shrink(list, index, smaller);
                }
            }
        }
        self.memory.set_short(context + 2, sum.wrapping_add(escape).wrapping_sub(escape >> 1));
        self.found = self.list(context);
    }
}
