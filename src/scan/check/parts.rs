//! What changed from one version of a text to the next, as ranges of whole lines, and the part of the text around it.

use std::ops::Range;

use imara_diff::{Algorithm, Diff, InternedInput};

use super::read::Item;

/// Changed lines up to so many bytes apart are one change.
const CLOSE: usize = 1 << 10;
/// Beyond this a change is not taken apart.
const LARGEST: usize = 32 << 20;
/// Bytes on either side of a change that are judged with it.
const PART_AROUND: usize = 8 << 10;
/// Of a text, where columns have their names.
const BEGINNING: usize = 2 << 10;

/// Lines of the old text, and what stands in their place in the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The changes in their order; none where the texts are the same. What lies between them is the same in both.
pub(super) fn changes(old: &[u8], new: &[u8]) -> Vec<Change> {
    let whole = change(old, new);
    if whole.old.is_empty() && whole.new.is_empty() {
        return Vec::new();
    }
    let length = whole.old.len().max(whole.new.len());
    if whole.old.is_empty() || whole.new.is_empty() || !(CLOSE..LARGEST).contains(&length) {
        return vec![whole];
    }
    let mut changes: Vec<Change> = Vec::new();
    let mut push = |change: Change| match changes.last_mut() {
        Some(last) if change.new.start - last.new.end < CLOSE && change.old.start - last.old.end < CLOSE => {
            (last.old.end, last.new.end) = (change.old.end, change.new.end);
        }
        _ => changes.push(change),
    };
    // Nearly all go on alike soon after a change. Where one does not, the rest is compared line with line.
    let mut rest = whole;
    loop {
        let (before, after) = (part(old, &rest.old), part(new, &rest.new));
        let Some((gone, come)) = alike_again(before, after) else {
            compare(old, new, &rest, &mut push);
            break;
        };
        let (old_end, new_end) = (rest.old.start + gone, rest.new.start + come);
        push(Change { old: rest.old.start..old_end, new: rest.new.start..new_end });
        let (before, after) = (part(before, &(gone..before.len())), part(after, &(come..after.len())));
        let same = after.get(..same_at_the_beginning(before, after)).unwrap_or_default();
        // Whole lines, but for a last one without an end.
        let is_all = same.len() == before.len() && same.len() == after.len();
        let same = if is_all { same.len() } else { memchr::memrchr(b'\n', same).map_or(0, |at| at + 1) };
        rest = Change { old: old_end + same..rest.old.end, new: new_end + same..rest.new.end };
        if rest.old.is_empty() || rest.new.is_empty() {
            if !(rest.old.is_empty() && rest.new.is_empty()) {
                push(rest);
            }
            break;
        }
    }
    changes
}

/// Lines of a change within which both texts are looked at for a place from which they go on alike.
const SOON: usize = 64;
/// Lines that show that they do.
const ALIKE: usize = 3;

/// Bytes of each text, which begin differently, before a place from which both go on alike; none if there is none soon.
fn alike_again(old: &[u8], new: &[u8]) -> Option<(usize, usize)> {
    let cut = |bytes: &[u8]| -> Vec<Range<usize>> {
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).take(SOON + ALIKE);
        ends.map(|end| std::mem::replace(&mut start, end)..end).collect()
    };
    let (before, after) = (cut(old), cut(new));
    let is_alike = |gone: usize, come: usize| {
        let (before, after) = (before.get(gone..gone + ALIKE), after.get(come..come + ALIKE));
        let mut pairs = before.into_iter().flatten().zip(after.into_iter().flatten());
        before.is_some() && after.is_some() && pairs.all(|(a, b)| part(old, a) == part(new, b))
    };
    // The fewest lines first.
    (1..=2 * SOON).find_map(|all| {
        let gone = (all.saturating_sub(SOON)..=all.min(SOON)).find(|gone| is_alike(*gone, all - gone))?;
        Some((before.get(gone)?.start, after.get(all - gone)?.start))
    })
}

/// Tells the changes within two ranges, line by line.
fn compare(old: &[u8], new: &[u8], within: &Change, push: &mut dyn FnMut(Change)) {
    let (before, after) = (part(old, &within.old), part(new, &within.new));
    let input = InternedInput::new(before, after);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    let (old_lines, new_lines) = (starts(before, within.old.start), starts(after, within.new.start));
    let at = |starts: &[usize], line: u32| {
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        starts.get(line).or(starts.last()).copied().unwrap_or(0)
    };
    for hunk in diff.hunks() {
        let old = at(&old_lines, hunk.before.start)..at(&old_lines, hunk.before.end);
        let new = at(&new_lines, hunk.after.start)..at(&new_lines, hunk.after.end);
        push(Change { old, new });
    }
}

/// Where the lines begin, and the end.
fn starts(bytes: &[u8], from: usize) -> Vec<usize> {
    let mut starts = vec![from];
    starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| from + at + 1));
    let end = from + bytes.len();
    if starts.last() != Some(&end) {
        starts.push(end);
    }
    starts
}

pub(super) fn part<'a>(bytes: &'a [u8], range: &Range<usize>) -> &'a [u8] {
    bytes.get(range.clone()).unwrap_or_default()
}

/// Bytes that are compared at once.
const BLOCK: usize = 256;

fn same_at_the_beginning(old: &[u8], new: &[u8]) -> usize {
    let blocks = old.chunks_exact(BLOCK).zip(new.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    let (old, new) = (old.get(blocks..).unwrap_or_default(), new.get(blocks..).unwrap_or_default());
    blocks + old.iter().zip(new).take_while(|(a, b)| a == b).count()
}

fn same_at_the_end(old: &[u8], new: &[u8]) -> usize {
    let blocks = old.rchunks_exact(BLOCK).zip(new.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    let rest = |bytes: &[u8]| bytes.len() - blocks;
    let (old, new) = (old.get(..rest(old)).unwrap_or_default(), new.get(..rest(new)).unwrap_or_default());
    blocks + old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// The lines that are not the same at the beginning and at the end of both.
fn change(old: &[u8], new: &[u8]) -> Change {
    let same = same_at_the_beginning(old, new);
    let is_line = |bytes: &[u8], at: usize| at == 0 || bytes.get(at - 1) == Some(&b'\n');
    let start = new.get(..same).and_then(|head| memchr::memrchr(b'\n', head)).map_or(0, |at| at + 1);
    let tail = |bytes: &[u8]| bytes.len() - start;
    let room = tail(old).min(tail(new));
    let mut end = same_at_the_end(old, new).min(room);
    // Both must begin a line there.
    while end > 0 && !(is_line(old, old.len() - end) && is_line(new, new.len() - end)) {
        end = new.get(new.len() - end..).and_then(|rest| memchr::memchr(b'\n', rest)).map_or(0, |at| end - at - 1);
    }
    Change { old: start..old.len() - end, new: start..new.len() - end }
}

/// Each range with whole lines around it, as many and as long as allowed; what touches is one.
pub(super) fn around<'a>(
    bytes: &[u8],
    ranges: impl Iterator<Item = &'a Range<usize>>,
    lines: usize,
    most: usize,
) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for range in ranges.map(|range| lines_around(bytes, range, lines, most)) {
        match all.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => all.push(range),
        }
    }
    all
}

fn lines_around(bytes: &[u8], range: &Range<usize>, lines: usize, most: usize) -> Range<usize> {
    let head = part(bytes, &(range.start.saturating_sub(most)..range.start));
    let is_all = head.len() == range.start;
    let first = |at: usize| at + 1;
    let start = memchr::memrchr_iter(b'\n', head).nth(lines).map(first);
    // A line of which only the end is in reach is left out.
    let whole = || if is_all { 0 } else { memchr::memchr(b'\n', head).map_or(head.len(), first) };
    let start = range.start - head.len() + start.unwrap_or_else(whole);
    let tail = part(bytes, &(range.end..range.end.saturating_add(most).min(bytes.len())));
    let end = memchr::memchr_iter(b'\n', tail).nth(lines).map_or(tail.len(), first);
    start..range.end + end
}

/// The beginning of a text and the lines around the changes in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    ranges: Vec<Range<usize>>,
}

impl Part {
    pub(super) fn around<'a>(text: &[u8], changes: impl Iterator<Item = &'a Range<usize>>) -> Self {
        let head = text.get(..BEGINNING.min(text.len())).unwrap_or_default();
        let beginning = memchr::memrchr(b'\n', head).map_or(0, |at| at + 1);
        let mut ranges = vec![Range { start: 0, end: beginning }];
        for range in around(text, changes, usize::MAX, PART_AROUND) {
            match ranges.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => ranges.push(range),
            }
        }
        Self { ranges }
    }

    /// Bytes of it.
    pub(super) fn len(&self) -> usize {
        self.ranges.iter().map(ExactSizeIterator::len).sum()
    }

    /// What is said of the part, with the lines of the whole and its size.
    pub(super) fn judge(&self, text: &[u8], judge: impl FnOnce(&[u8]) -> Vec<Item>) -> Vec<Item> {
        let lines = |range: Range<usize>| memchr::memchr_iter(b'\n', part(text, &range)).count() as u64;
        // Where each range ends among the lines that are shown, and what is left out before it.
        let (mut shown, mut left_out, mut end) = (0, 0, 0);
        let mut shifts: Vec<(u64, u64)> = Vec::new();
        for range in &self.ranges {
            left_out += lines(end..range.start);
            shown += lines(range.clone());
            shifts.push((shown, left_out));
            end = range.end;
        }
        let mut items = judge(&self.ranges.iter().map(|range| part(text, range)).collect::<Vec<_>>().concat());
        let shift = |line: &mut Option<u64>| {
            *line = line.map(|line| {
                let of_range = shifts.iter().find(|(shown, _)| line <= *shown).or(shifts.last());
                line + of_range.map_or(0, |(_, left_out)| *left_out)
            });
        };
        for item in &mut items {
            item.record.findings.iter_mut().for_each(|finding| shift(&mut finding.place.line));
            item.details.iter_mut().for_each(|detail| shift(&mut detail.line));
            item.record.size = text.len() as u64;
        }
        items
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::Detail;
    use super::*;
    use crate::model::ItemRecord;

    #[test]
    fn a_change_is_whole_lines() {
        let check = |old: &str, new: &str, expected: (&str, &str)| {
            let Change { old: a, new: b } = change(old.as_bytes(), new.as_bytes());
            assert_eq!((&old[a], &new[b]), expected, "{old:?} {new:?}");
        };
        check("a\nb\nc\n", "a\nB\nc\n", ("b\n", "B\n"));
        check("a\nb\nc\n", "a\nc\n", ("b\n", ""));
        check("a\nc\n", "a\nb\nc\n", ("", "b\n"));
        check("one x\n", "one y x\n", ("one x\n", "one y x\n"));
        check("a\na\n", "a\na\na\n", ("", "a\n"));
        check("", "a", ("", "a"));
        check("a", "ba", ("a", "ba"));
        check("x\nsame", "y\nsame", ("x\n", "y\n"));
        check("same", "same", ("", ""));
    }

    fn numbered(lines: usize) -> String {
        (0..lines).map(|number| ["line ", &number.to_string(), "\n"].concat()).collect()
    }

    #[test]
    fn changes_far_apart_are_told_apart() {
        let old = numbered(2000);
        let new = old.replace("line 10\n", "line X\n").replace("line 1500\n", "").replace("line 1502\n", "Y\n");
        let found = changes(old.as_bytes(), new.as_bytes());
        let texts: Vec<(&str, &str)> =
            found.iter().map(|change| (&old[change.old.clone()], &new[change.new.clone()])).collect();
        assert_eq!(texts, [("line 10\n", "line X\n"), ("line 1500\nline 1501\nline 1502\n", "line 1501\nY\n")]);
        // Put together they are the new text.
        let mut made = old.clone().into_bytes();
        for Change { old, new: after } in found.iter().rev() {
            made.splice(old.clone(), new.as_bytes()[after.clone()].to_vec());
        }
        assert_eq!(made, new.as_bytes());
        assert_eq!(changes(old.as_bytes(), old.as_bytes()), []);
        let cut = &old[..old.len() - 1];
        assert_eq!(changes(old.as_bytes(), cut.as_bytes()).len(), 1);
    }

    #[test]
    fn changes_put_together_are_the_new_text() {
        let mut state = 3_u64;
        let mut below = |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % limit
        };
        let mut told = 0;
        for _ in 0..400 {
            // Few different lines, so that many places look alike.
            let kinds = [3, 40, 10_000][below(3)];
            let mut lines: Vec<String> = (0..below(1500)).map(|_| below(kinds).to_string()).collect();
            let old = lines.join("\n").into_bytes();
            for _ in 0..below(8) {
                let (at, most) = (below(lines.len() + 1), [3, 100][below(2)]);
                let (end, count) = ((at + below(most)).min(lines.len()), below(most));
                let new: Vec<String> = (0..count).map(|_| below(kinds).to_string()).collect();
                lines.splice(at..end, new);
            }
            let new = [lines.join("\n").as_bytes(), &b"\n"[..below(2)]].concat();
            let found = changes(&old, &new);
            let mut made = old.clone();
            for Change { old, new: after } in found.iter().rev() {
                made.splice(old.clone(), new[after.clone()].to_vec());
            }
            assert_eq!(made, new);
            assert!(found.is_sorted_by(|a, b| a.old.end < b.old.start && a.new.end < b.new.start), "{found:?}");
            let is_line = |text: &[u8], at: usize| at == 0 || at == text.len() || text[at - 1] == b'\n';
            let is_whole = |text: &[u8], range: &Range<usize>| is_line(text, range.start) && is_line(text, range.end);
            assert!(found.iter().all(|it| is_whole(&old, &it.old) && is_whole(&new, &it.new)), "{found:?}");
            told += found.len();
        }
        assert!(told > 300, "{told}");
    }

    #[test]
    fn lines_around_a_change_are_whole_and_few() {
        let text = numbered(60);
        let at = |line: &str| text.find(line).unwrap()..text.find(line).unwrap() + line.len() + 1;
        let got = around(text.as_bytes(), [at("line 20"), at("line 30"), at("line 55")].iter(), 6, 1 << 10);
        let got: Vec<(Option<&str>, Option<&str>)> =
            got.into_iter().map(|range| (text[range.clone()].lines().next(), text[range].lines().last())).collect();
        assert_eq!(got, [(Some("line 14"), Some("line 37")), (Some("line 49"), Some("line 59"))]);
        let check = |bytes: &[u8], range, lines, most, expected| {
            assert_eq!(around(bytes, std::iter::once(&range), lines, most).first(), Some(&expected));
        };
        check(b"a\nb", 0..2, 6, 99, 0..3);
        check(b"abc\nd\ne", 6..7, usize::MAX, 4, 4..7);
    }

    #[test]
    fn a_part_has_the_lines_of_the_whole() {
        let text = "name\n".repeat(20_000);
        let (first, second) = (50_000..50_005, 80_000..80_010);
        let part = Part::around(text.as_bytes(), [first.clone(), second.clone()].iter());
        assert!(part.ranges.len() == 3 && part.len() > 4 * PART_AROUND, "{part:?}");
        let lines_to = |range: usize| part.ranges[..range].iter().map(|range| range.len() as u64 / 5).sum::<u64>();
        let items = part.judge(text.as_bytes(), |shown| {
            assert_eq!(shown.len(), part.len());
            let mut item = Item::plain(ItemRecord::default(), None);
            let line = |line| Detail { line: Some(line), ..Default::default() };
            item.details = vec![line(3), line(lines_to(1)), line(lines_to(1) + 1), line(lines_to(2) + 1)];
            vec![item]
        });
        let lines: Vec<Option<u64>> = items[0].details.iter().map(|detail| detail.line).collect();
        let first_of = |range: usize| Some(part.ranges[range].start as u64 / 5 + 1);
        assert_eq!(lines, [Some(3), Some(lines_to(1)), first_of(1), first_of(2)]);
        assert_eq!(items[0].record.size, 100_000);
        let changed =
            |range: &Range<usize>| part.ranges.iter().any(|kept| kept.start <= range.start && range.end <= kept.end);
        assert!(changed(&first) && changed(&second));
    }
}
