use super::*;

#[test]
fn integers_with_few_values_are_classes_in_numeric_order() {
    let data = table("a,y\n1,10\n2,9\n3,10.0\n4,1e1\n").unwrap();
    assert_eq!(labels(&data), (&[1, 0, 1, 1][..], vec!["9", "10"]));
    assert!(
        data.notes[0].contains("`task = regress`"),
        "{:?}",
        data.notes
    );
    let options = aiming(&[], Some(Task::Regress));
    let data = read("a,y\n1,10\n2,9\n", &options).unwrap();
    assert_eq!(values(&data), [10.0, 9.0]);
}

#[test]
fn many_integers_and_fractions_are_values() {
    let rows = |y: &dyn Fn(usize) -> String| -> String {
        let rows = (0..40).map(|i| format!("{},{}\n", i * i, y(i)));
        ["a,y\n".to_owned()].into_iter().chain(rows).collect()
    };
    let integers = rows(&|i| i.to_string());
    assert_eq!(table(&integers).unwrap().task(), Some(Task::Regress));
    let classify = aiming(&[], Some(Task::Classify));
    let data = read(&integers, &classify).unwrap();
    assert_eq!(data.classes(), 40);
    let fractions = rows(&|i| (i as f64 / 8.0).to_string());
    assert_eq!(table(&fractions).unwrap().task(), Some(Task::Regress));
    let message = error(&fractions, &classify);
    assert!(
        message.contains("40 distinct numbers with fractions"),
        "{message}"
    );
    assert!(message.contains("`task = regress`"), "{message}");
    let halves = rows(&|i| (i % 4).to_string() + ".5");
    let data = read(halves, &classify).unwrap();
    assert_eq!(labels(&data).1, ["0.5", "1.5", "2.5", "3.5"]);
}

#[test]
fn a_word_in_a_target_of_numbers_is_an_error_and_not_a_class() {
    let rows = (0..60).map(|i| format!("{i},{}\n", f64::from(i) / 7.0));
    let text: String = ["a,y\n".to_owned(), "3,n.a.\n".to_owned()]
        .into_iter()
        .chain(rows)
        .collect();
    let message = error(&text, &ReadOptions::default());
    assert!(
        message.starts_with("t.csv:2: target y: found \"n.a.\""),
        "{message}"
    );
    let mixed = table("a,y\n1,1\n2,2\n3,1\n4,other\n").unwrap();
    assert_eq!(labels(&mixed).1, ["1", "2", "other"]);
}

#[test]
fn text_cannot_be_values() {
    let message = error(PLAIN, &aiming(&[], Some(Task::Regress)));
    assert!(
        message.starts_with("t.csv:2: target y: found \"red\", expected a number"),
        "{message}"
    );
    assert!(message.contains("`task = classify`"), "{message}");
}

#[test]
fn a_target_needs_two_classes_and_values() {
    let one = error("a,y\n1,x\n2,x\n", &ReadOptions::default());
    assert!(one.contains("target y has one class, \"x\""), "{one}");
    let none = error("a,y\n1,\n2,NA\n", &skipping());
    assert!(none.contains("target y has no value in any row"), "{none}");
}

#[test]
fn several_targets_are_values_in_the_order_asked_for() {
    let text = "p,a,q\n1,2,3\n4,5,6\n";
    let data = read(text, &aiming(&["q", "p"], None)).unwrap();
    assert_eq!(data.target_names, ["q", "p"]);
    assert_eq!(values(&data), [3.0, 1.0, 6.0, 4.0]);
    let words = error("p,a,q\nx,b,3\ny,c,6\n", &aiming(&["q", "p"], None));
    assert!(
        words.starts_with("t.csv:2: target p: found \"x\""),
        "{words}"
    );
    let message = error(text, &aiming(&["q", "p"], Some(Task::Classify)));
    assert!(message.contains("several targets (q, p)"), "{message}");
}

#[test]
fn more_classes_than_anybody_means_are_refused() {
    let rows = (0..=10_000).map(|i| format!("{i},name{i}\n"));
    let text: String = ["a,y\n".to_owned()].into_iter().chain(rows).collect();
    let message = error(text, &ReadOptions::default());
    assert!(
        message.contains("more than 10000 distinct values"),
        "{message}"
    );
}
