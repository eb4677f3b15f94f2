use super::*;

fn chart(panels: Vec<Panel>) -> String {
    let axis = |label: &str| Axis {
        label: label.to_owned(),
        scale: Scale::Log,
    };
    let chart = Chart {
        title: "a <b> & \"c\"".to_owned(),
        x: axis("batch (rows)"),
        y: axis("speed (rows/s)"),
        panels,
    };
    chart.svg()
}

fn panel(title: &str, points: &[(f64, f64)]) -> Panel {
    let line = |name: &str| Line {
        name: name.to_owned(),
        points: points.to_vec(),
    };
    Panel {
        title: title.to_owned(),
        lines: vec![line("cpu"), line("gpu, device family")],
    }
}

/// Asserts that all elements are closed, in order.
fn assert_balanced(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for tag in svg.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text:?}");
        let name = tag.split([' ', '/']).find(|n| !n.is_empty()).unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (false, false) => open.push(name),
            (false, true) => {}
        }
    }
    assert!(open.is_empty(), "{open:?}");
    for noise in ["NaN", "inf", "&&", "& "] {
        assert!(!svg.contains(noise), "{noise}");
    }
}

#[test]
fn a_chart_is_balanced_and_names_everything_once_in_its_legend() {
    let points = [(1.0, 2e3), (32.0, 5e4), (16_384.0, 8e6)];
    let panels = (0..5).map(|i| panel(&format!("net-{i}"), &points));
    let svg = chart(panels.collect());
    assert_balanced(&svg);
    for i in 0..5 {
        assert!(svg.contains(&format!(">net-{i}</text>")));
    }
    assert!(svg.contains("a &lt;b&gt; &amp; &quot;c&quot;"));
    assert_eq!(svg.matches(">gpu, device family</text>").count(), 1);
    assert_eq!(svg.matches(">batch (rows)</text>").count(), 5);
    assert!(svg.contains("prefers-color-scheme: dark"));
}

#[test]
fn points_that_no_scale_can_show_are_left_out() {
    let points = [
        (0.0, 1.0),
        (1.0, f64::NAN),
        (2.0, f64::INFINITY),
        (3.0, -1.0),
        (4.0, 5.0),
    ];
    let svg = chart(vec![panel("x", &points), panel("empty", &[])]);
    assert_balanced(&svg);
    assert_eq!(
        svg.matches("<circle").count(),
        2 + 1,
        "legend and one point"
    );
}

#[test]
fn a_chart_of_nothing_is_still_a_chart() {
    assert_balanced(&chart(Vec::new()));
}
