//! Laws of counting, rendering and completing texts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may panic")]

use mccc_core::messages::segments::{count, gsm_septets};
use mccc_core::messages::{Encoding, Limits, Template, Values, Variable, first_text, typography};
use proptest::prelude::*;

/// Texts that mix both alphabets, escape pairs and surrogate pairs.
fn texts() -> impl Strategy<Value = String> {
    let gsm = prop::sample::select("abz 059@£é€{}[]~|^\\\n".chars().collect::<Vec<_>>());
    let wide = prop::sample::select("abжé😊👩—`".chars().collect::<Vec<_>>());
    prop_oneof![
        prop::collection::vec(gsm, 0..700).prop_map(String::from_iter),
        prop::collection::vec(wide, 0..400).prop_map(String::from_iter),
        any::<String>(),
    ]
}

/// Packs a text the slow way: every segment is a list of characters whose units are added up afterwards.
fn packed_by_hand(text: &str) -> usize {
    let ucs2 = text.chars().any(|c| gsm_septets(c).is_none());
    let unit = |c: char| if ucs2 { c.len_utf16() } else { gsm_septets(c).unwrap() };
    let (single, several) = if ucs2 { (70, 67) } else { (160, 153) };
    if text.chars().map(unit).sum::<usize>() <= single {
        return usize::from(!text.is_empty());
    }
    let mut segments: Vec<Vec<char>> = vec![vec![]];
    for c in text.chars() {
        let last: usize = segments.last().unwrap().iter().map(|c| unit(*c)).sum();
        if last + unit(c) > several {
            segments.push(vec![]);
        }
        segments.last_mut().unwrap().push(c);
    }
    segments.len()
}

fn sources() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(Variable::ALL.to_vec()).prop_map(|v| format!("{{{{{}}}}}", v.name())),
        prop::sample::select(vec![" ", ", ", "! ", ". ", "Hi ", "thanks", "\n", "—", "we"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 1..20)
        .prop_map(|pieces| pieces.concat())
        .prop_filter("says something", |s| !s.trim().is_empty())
}

proptest! {
    #[test]
    fn segments_agree_with_packing_by_hand(text in texts()) {
        let counted = count(&text);
        prop_assert_eq!(counted.segments, packed_by_hand(&text));
        prop_assert_eq!(counted.encoding == Encoding::Ucs2, counted.first_non_gsm.is_some());
        let room = if counted.segments <= 1 { counted.encoding.single() } else { counted.encoding.several() };
        prop_assert!(counted.remaining <= room);
    }

    #[test]
    fn a_longer_text_never_costs_less(text in texts(), more in texts()) {
        let longer = format!("{text}{more}");
        prop_assert!(count(&longer).segments >= count(&text).segments);
    }

    #[test]
    fn plain_typography_is_stable_and_never_dearer(text in texts()) {
        let plain = typography::plain(&text);
        prop_assert_eq!(&typography::plain(&plain), &plain);
        if count(&text).encoding == Encoding::Gsm7 && !text.contains('\t') {
            prop_assert_eq!(plain, text);
        }
    }

    #[test]
    fn a_rendered_text_is_within_its_limits_and_has_no_braces(source in sources(), name in "\\PC{0,60}") {
        let template = Template::parse(&source).unwrap();
        let values = Variable::ALL.into_iter().fold(Values::default(), |v, var| v.with(var, &name));
        if let Ok(text) = template.render(&values) {
            prop_assert!(Limits::TEMPLATE.admit(&text));
            prop_assert!(!text.contains("{{") && !text.contains("}}"));
        }
    }

    #[test]
    fn a_missing_name_never_leaves_a_doubled_space(
        before in "[A-Z][a-z]{1,6}[ !,.]? ?", after in "[ ,.!?]{0,2}[a-z]{0,6}",
    ) {
        prop_assume!(!before.contains("  ") && !after.contains("  "));
        prop_assume!(!before.ends_with(" ") || !after.starts_with("  "));
        let source = format!("{before}{{{{caller_name}}}}{after}");
        let text = Template::parse(&source).unwrap().render(&Values::new("Acme")).unwrap();
        prop_assert!(!text.contains("  "), "{:?} -> {:?}", source, text);
        prop_assert!(!text.contains(" ,") || after.contains(" ,") || before.contains(" ,"), "{:?} -> {:?}", source, text);
    }

    #[test]
    fn completing_a_first_text_twice_changes_nothing(text in "\\PC{1,80}", business in "[A-Z][a-z]{1,10}") {
        let once = first_text::complete(&text, &business);
        prop_assert!(once.contains("STOP") || first_text::says_how_to_opt_out(&text));
        prop_assert_eq!(first_text::complete(&once, &business), once);
    }
}
