use super::*;

fn chart(panels: Vec<Panel>) -> String {
    let axis = |label: &str| Axis::new(label, Scale::Log);
    let chart = Chart {
        title: "a <b> & \"c\"".to_owned(),
        x: axis("batch (rows)"),
        y: axis("speed (rows/s)"),
        panels,
    };
    chart.svg()
}

fn panel(title: &str, points: &[(f64, f64)]) -> Panel {
    let line = |name: &str| Line::new(name, points.to_vec());
    Panel {
        title: title.to_owned(),
        lines: vec![line("cpu"), line("gpu, device family")],
        y: None,
        notes: vec![(32.0, "here & there".to_owned())],
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

#[test]
fn the_figures_of_a_page_are_balanced_named_and_without_a_style_of_their_own() {
    let points = [(1.0, 2e3), (32.0, 5e4)];
    let axis = |label: &str| Axis::new(label, Scale::Log);
    let chart = Chart {
        title: "speed".to_owned(),
        x: axis("batch (rows)"),
        y: axis("speed (rows/s)"),
        panels: vec![panel("a <b>", &points), panel("empty", &[])],
    };
    let figures = chart.figures();
    assert_eq!(figures.len(), 2);
    for figure in &figures {
        assert_balanced(figure);
        assert!(!figure.contains("<style"));
    }
    assert!(figures[0].contains(
        "aria-label=\"a &lt;b&gt;. speed (rows/s) against batch (rows): cpu from 2k to 50k"
    ));
    assert!(figures[0].contains("<title>cpu: batch (rows): 32, speed (rows/s): 50k</title>"));
    let samples = chart.samples();
    assert_eq!(samples.len(), 2);
    samples.iter().for_each(|(svg, _)| assert_balanced(svg));
}

#[test]
fn names_along_an_axis_are_cut_to_their_room_or_left_out() {
    let names = |count: usize| (0..count).map(|k| format!("name {k}")).collect();
    let labels = |count| {
        let axis = Axis::of_names("x", names(count));
        let ticks = axis.ticks(&axis.range([].into_iter()), 42);
        ticks
            .into_iter()
            .map(|(_, label)| label)
            .collect::<Vec<_>>()
    };
    assert_eq!(labels(2), ["name 0", "name 1"]);
    assert_eq!(labels(8), ["name 0", "name 2", "name 4", "name 6"]);
    assert!(labels(100).len() <= 6);
}

#[test]
fn layers_of_any_width_are_drawn() {
    let shape = |name: &str, width| Shape {
        name: name.to_owned(),
        width,
        parameters: 7 * width,
    };
    let layers = Layers {
        title: "a <network>".to_owned(),
        layers: vec![shape("inputs", 3000), shape("tanh", 1), shape("softmax", 2)],
    };
    let svg = layers.svg();
    assert_balanced(&svg);
    assert_eq!(svg.matches("class=\"weights\"").count(), 2);
}

#[test]
fn bars_histograms_and_parallel_coordinates_are_balanced_whatever_their_names() {
    let bar = |name: &str, value| Bar {
        name: name.to_owned(),
        value,
        deviation: 0.1,
    };
    let bars = Bars {
        title: "a & b".to_owned(),
        axis: "loss".to_owned(),
        bars: vec![bar("<i>", 0.5), bar(&"x".repeat(99), -0.01), bar("z", 0.0)],
    };
    assert_balanced(&bars.svg());
    let values = [1.0, f64::NAN, 2.0, f64::INFINITY, 2.5];
    let histogram = Histogram::of("w", "value", "count", values.into_iter(), 10).unwrap();
    assert_eq!(histogram.counts.iter().sum::<usize>(), 3);
    assert_balanced(&histogram.svg());
    assert!(Histogram::of("w", "value", "count", [f64::NAN].into_iter(), 10).is_none());
    let parallel = Parallel {
        title: "<settings>".to_owned(),
        axes: vec![
            Axis::of_names("a", vec!["<x>".to_owned(), "y".to_owned()]),
            Axis::new("b", Scale::Log),
        ],
        routes: (0..9)
            .map(|k| Route {
                name: format!("<{k}>"),
                values: vec![f64::from(k % 2), f64::from(k)],
            })
            .collect(),
    };
    let svg = parallel.svg();
    assert_balanced(&svg);
    assert_eq!(
        svg.matches("<polyline").count(),
        8,
        "0 is on no logarithmic scale"
    );
}
