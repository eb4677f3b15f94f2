use super::*;

#[test]
fn integers_with_few_values_are_classes_in_numeric_order() {
    let data = table("a,y\n1,10\n2,9\n3,10.0\n").unwrap();
    assert_eq!(labels(&data), (&[1, 0, 1][..], vec!["9", "10"]));
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
    let text: String = ["a,y\n".to_owned(), "3,tall\n".to_owned()]
        .into_iter()
        .chain(rows)
        .collect();
    let message = error(&text, &ReadOptions::default());
    assert!(
        message.starts_with("t.csv:2: target y: found \"tall\""),
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
    assert!(none.contains("target y: no value in any row"), "{none}");
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

#[test]
fn names_of_classes_are_the_files_own_to_the_letter() {
    let names = |cells: &[&str]| {
        let rows: String = cells
            .iter()
            .map(|cell| format!("1,{cell}\n2,{cell}\n"))
            .collect();
        let data = table(format!("a,y\n{rows}")).unwrap();
        labels(&data)
            .1
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&["007", "042", "0310"]), ["007", "042", "0310"]);
    assert_eq!(names(&["1e3", "1e2"]), ["1e2", "1e3"]);
    assert_eq!(names(&["+", "-"]), ["+", "-"]);
    assert_eq!(names(&["NA", "EU"]), ["EU", "NA"]);
    assert_eq!(names(&["1.0", "2", "1"]), ["1", "2"]);
    assert_eq!(names(&["v1.10", "v1.1"]), ["v1.1", "v1.10"]);
}

#[test]
fn signs_do_not_make_numbers_classes() {
    for (cell, value) in [
        ("18%", 18.0),
        ("$39.99", 39.99),
        ("(7)", -7.0),
        ("1 000 kr", 1000.0),
    ] {
        let rows: String = (0..12).map(|i| format!("{i},{cell}\n")).collect();
        let data = table(format!("a,price\n{rows}")).unwrap();
        assert_eq!(values(&data)[0], value, "{cell}");
    }
}

#[test]
fn a_missing_mark_beside_numbers_is_no_class() {
    let data = table("a,y\n1,0\n2,1\n3,NA\n4,1\n5,-\n").unwrap();
    assert_eq!(labels(&data), (&[0, 1, 1][..], vec!["0", "1"]));
    assert_eq!(
        data.notes[0],
        "2 rows without a target left out (lines 4, 6)"
    );
}

#[test]
fn the_target_is_the_one_with_a_usual_name() {
    let target = |header: &str| {
        let width = header.split(',').count();
        let row = |n: usize| {
            (0..width)
                .map(|c| ((n * (c + 3)) % 7).to_string())
                .collect::<Vec<_>>()
                .join(",")
        };
        let rows: String = (1..7).map(|n| row(n) + "\n").collect();
        table(format!("{header}\n{rows}")).unwrap().target_names[0].clone()
    };
    assert_eq!(target("label,a,b"), "label");
    assert_eq!(target("y,a,b"), "y");
    assert_eq!(target("a,Class,b"), "Class");
    assert_eq!(target("a,b,c"), "c");
    assert_eq!(target("x,y,z"), "z");
    assert_eq!(target("x,y"), "y");
}

#[test]
fn a_refusal_does_not_name_a_cure_whose_refusal_names_it() {
    let tall: String = (0..60)
        .map(|n| match n {
            7 => "1.5,tall\n".to_owned(),
            _ => format!("{n}.5,{}.25\n", n * 7 % 59),
        })
        .collect();
    let tall = format!("a,height\n{tall}");
    let message = error(&tall, &ReadOptions::default());
    assert!(
        message.contains("correct the cell, or empty it"),
        "{message}"
    );
    assert!(!message.contains("`task"), "{message}");
    let message = error(&tall, &aiming(&[], Some(Task::Classify)));
    let told = "for values, correct the cells that are no numbers, such as \"tall\"; or name another `target`";
    assert!(message.contains(told), "{message}");
    assert!(!message.contains("`task"), "{message}");
    let message = error(&tall, &aiming(&[], Some(Task::Regress)));
    assert!(!message.contains("`task"), "{message}");
    let texts: String = (0..10_500).map(|n| format!("{n}.5,user {n}\n")).collect();
    let texts = format!("a,who\n{texts}");
    for task in [None, Some(Task::Classify)] {
        let message = error(&texts, &aiming(&[], task));
        assert!(
            message.ends_with("too many for classes; name another `target`"),
            "{message}"
        );
    }
    let message = error(&texts, &aiming(&[], Some(Task::Regress)));
    assert!(
        message.contains("found \"user 0\"") && !message.contains("`task"),
        "{message}"
    );
}
