//! Two agents label one conversation: neither loses what the other does.

use std::collections::BTreeSet;

use parlor_core::command::{Relabel, UpdateConversation};
use parlor_core::text::Label;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use crate::make::*;
use crate::model::Loading;

/// Each agent's own; they never name one of the other's.
const NAMES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

#[derive(Debug, Clone)]
struct Step {
    by_bea: bool,
    add: BTreeSet<usize>,
    remove: BTreeSet<usize>,
}

fn steps() -> impl Strategy<Value = Step> {
    let some = || btree_set(0..NAMES.len(), 0..4);
    (any::<bool>(), some(), some()).prop_map(|(by_bea, add, remove)| Step { by_bea, add, remove })
}

fn own(by_bea: bool, n: usize) -> Label {
    let whose = if by_bea { "bea" } else { "ada" };
    Label::parse(&format!("{whose} {}", NAMES[n])).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_two_agents_label_each_keeps_their_own(
        steps in vec(steps(), 1..24),
        cuts in vec((1..6usize, any::<bool>()), 1..6),
    ) {
        let (mut model, id) = with_ann();
        let before = UpdateConversation { labels: to(&["theirs"]), ..update(id) };
        model.answer(updating(&agent("cleo"), before));
        let mut alone = BTreeSet::from([Label::parse("theirs").unwrap()]);
        let mut commands = Vec::new();
        for Step { by_bea, add, remove } in &steps {
            let of = |some: &BTreeSet<usize>| some.iter().map(|n| own(*by_bea, *n)).collect::<Vec<_>>();
            let (add, remove) = (of(add), of(remove));
            alone.extend(add.clone());
            alone.retain(|label| !remove.contains(label));
            let change = UpdateConversation { labels: Some(Relabel::By { add, remove }), ..update(id) };
            let by = agent(if *by_bea { "bea" } else { "ada" });
            commands.push(model.number(updating(&by, change)));
        }
        // At one instant is in one batch.
        let mut rest = &commands[..];
        for (size, anew) in cuts.into_iter().cycle() {
            let (batch, tail) = rest.split_at(size.min(rest.len()));
            rest = tail;
            let (results, _) = model.batch(batch, if anew { Loading::Anew } else { Loading::Added });
            prop_assert!(results.iter().all(Result::is_ok), "{:?}", results);
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&model.get(id).labels, &alone.into_iter().collect::<Vec<_>>());
    }
}
