//! Where the names in the content of a PDF page are looked up: at hand first, then in what stands around it.

use std::cell::OnceCell;

use hayro_syntax::object::Dict;
use hayro_syntax::page::{Page, Resources};

/// Nodes above a page in the tree of pages.
const MAX_LEVELS: usize = 16;

/// The resources of a page, and those of the nodes above it. The standard knows the nearest only; producers
/// spread them all the same, and forms use the names of their page.
pub(super) struct Around<'a, 'b> {
    page: &'b Page<'a>,
    /// Read when a name is missing.
    found: OnceCell<Vec<Resources<'a>>>,
}

impl<'a, 'b> Around<'a, 'b> {
    pub(super) fn new(page: &'b Page<'a>) -> Self {
        Self { page, found: OnceCell::new() }
    }

    /// The first that there is: of the resources at hand, of the page, of the nodes above it.
    pub(super) fn find<T>(
        &self,
        at_hand: &Resources<'a>,
        mut get: impl FnMut(&Resources<'a>) -> Option<T>,
    ) -> Option<T> {
        get(at_hand).or_else(|| self.found.get_or_init(|| self.read()).iter().find_map(get))
    }

    fn read(&self) -> Vec<Resources<'a>> {
        let mut found = vec![self.page.resources().clone()];
        let mut node = self.page.raw().clone();
        for _ in 0..MAX_LEVELS {
            let Some(parent) = node.get::<Dict<'a>>("Parent") else { break };
            found.extend(parent.get::<Dict<'a>>("Resources").map(Resources::new));
            node = parent;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::pdf::Pdf;
    use crate::extract::pdf::sample::Sample;
    use crate::open::collect::collect;

    const TEXT: &str = "BT /F 10 Tf 9 9 Td (Mario Rossi) Tj ET";

    #[track_caller]
    fn check(sample: Sample, expected: &str) {
        assert_eq!(collect(&Pdf, "a.pdf", &sample.bytes()).content(), expected);
    }

    #[test]
    fn a_form_uses_the_fonts_of_its_page() {
        let mut sample = Sample::new();
        let form = sample.stream("/Subtype/Form/Resources<</Font<</G 3 0 R>>>>", TEXT);
        let resources = format!("/Resources<</XObject<</X {form} 0 R>>/Font<</F 3 0 R>>>>");
        check(sample.page("/X Do", &resources), "Mario Rossi\n");
        let mut sample = Sample::new();
        let inner = sample.stream("/Subtype/Form", TEXT);
        let form = sample.stream("/Subtype/Form/Resources<</ProcSet[/PDF]>>", "/Y Do");
        let resources = format!("/Resources<</XObject<</X {form} 0 R/Y {inner} 0 R>>/Font<</F 3 0 R>>>>");
        check(sample.page("/X Do", &resources), "Mario Rossi\n");
    }

    #[test]
    fn a_form_that_draws_itself_ends() {
        let mut sample = Sample::new();
        let form = sample.stream("/Subtype/Form/Resources<</ProcSet[/PDF]>>", &format!("{TEXT} /X Do"));
        let resources = format!("/Resources<</XObject<</X {form} 0 R>>/Font<</F 3 0 R>>>>");
        let collected = collect(&Pdf, "a.pdf", &sample.page("/X Do", &resources).bytes());
        assert_eq!((collected.content(), collected.gaps.len()), ("Mario Rossi\n".into(), 0));
    }

    #[test]
    fn a_page_uses_the_fonts_of_the_nodes_above_it() {
        let mut sample = Sample::new();
        let upper = sample.add("<</Type/Pages/Resources<</Font<</F 3 0 R>>>>>>");
        let lower = sample.add(&format!("<</Type/Pages/Parent {upper} 0 R>>"));
        let entries = format!("/Parent {lower} 0 R/Resources<</XObject<<>>>>");
        check(sample.page(&TEXT.replace("Mario", "\\350"), &entries), "è Rossi\n");
    }

    #[test]
    fn text_in_a_font_that_is_missing_is_read_as_ascii() {
        check(Sample::new().page(TEXT, "/Resources<<>>"), "Mario Rossi\n");
        check(Sample::new().page(&TEXT.replace("Mario", "\\350\\001"), "/Resources<<>>"), "Rossi\n");
    }

    #[test]
    fn a_pattern_says_its_text_once() {
        let mut sample = Sample::new();
        let number = sample.next_number();
        let own = format!("/Resources<</Font<</F 3 0 R>>/Pattern<</P {number} 0 R>>>>");
        let entries = format!("/PatternType 1/PaintType 2/TilingType 1/BBox[0 0 99 20]/XStep 99/YStep 20{own}");
        sample.stream(&entries, &format!("/Pattern cs /P scn {TEXT}"));
        let resources = format!("/Resources<</Pattern<</P {number} 0 R>>>>");
        let page = "/Pattern cs /P scn 0 0 500 500 re f 1 0 0 /P SCN 0 0 50 50 re f";
        check(sample.page(page, &resources), "Mario Rossi\n");
    }
}
