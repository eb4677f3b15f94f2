//! Pages in HTML that stand alone: one file, without scripts, that loads nothing.

use crate::cli::chart::{Chart, rules};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use wgrad::text::{clipped, shown};

/// How pages look: light and dark, narrow and wide, on paper.
const STYLE: &str = include_str!("html/style.css");
/// What a browser may load for a page: nothing, but the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A page.
pub(crate) struct Page {
    /// The title of the window.
    pub(crate) title: String,
    /// What stands above the sections.
    pub(crate) head: Markup,
    /// The parts, with links to them.
    pub(crate) sections: Vec<Section>,
}

/// A part of a page.
pub(crate) struct Section {
    /// The name of its link.
    pub(crate) id: &'static str,
    /// Its heading.
    pub(crate) title: &'static str,
    pub(crate) body: Markup,
}

impl Page {
    /// Returns the page as text.
    pub(crate) fn text(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="generator" content={"wgrad " (env!("CARGO_PKG_VERSION"))};
                    title { (name(&self.title, 120)) }
                    style { (PreEscaped(STYLE)) (PreEscaped(rules())) }
                }
                body {
                    header {
                        (self.head)
                        nav aria-label="Sections" {
                            @for section in &self.sections {
                                a href={"#" (section.id)} { (section.title) }
                            }
                        }
                    }
                    main {
                        @for section in &self.sections {
                            section id=(section.id) {
                                h2 { (section.title) }
                                (section.body)
                            }
                        }
                    }
                    footer {
                        "Written by wgrad " (env!("CARGO_PKG_VERSION"))
                        ". The page is one file: it loads nothing, and works without a network."
                    }
                }
            }
        };
        page.into_string() + "\n"
    }
}

/// Returns a name that somebody else chose, for a page: without hidden characters, and cut to so many.
pub(crate) fn name(text: &str, most: usize) -> String {
    clipped(&shown(text), most).into_owned()
}

/// A drawing with its caption.
pub(crate) fn figure(svg: &str, title: &str, more: &str) -> Markup {
    html! {
        figure {
            figcaption { (name(title, 120)) @if !more.is_empty() { " " span { (more) } } }
            (PreEscaped(svg))
        }
    }
}

/// The panels of a chart side by side, with one legend.
pub(crate) fn chart(chart: &Chart) -> Markup {
    let figures = chart.figures();
    let samples = chart.samples();
    html! {
        @if samples.len() > 1 || samples.iter().any(|(_, name)| !name.is_empty()) {
            ul.legend {
                @for (sample, label) in &samples {
                    li { (PreEscaped(sample)) (name(label, 80)) }
                }
            }
        }
        div.figures {
            @for (panel, svg) in chart.panels.iter().zip(&figures) {
                (figure(svg, &panel.title, ""))
            }
        }
    }
}

/// Facts, each with its name, and more in small print.
pub(crate) fn facts(facts: &[(&str, String, String)]) -> Markup {
    html! {
        dl.facts {
            @for (what, value, more) in facts {
                div {
                    dt { (what) }
                    dd { (name(value, 80)) @if !more.is_empty() { small { (name(more, 160)) } } }
                }
            }
        }
    }
}

/// The heading of a column of a table.
#[derive(Clone, Copy)]
pub(crate) struct Heading<'a> {
    pub(crate) name: &'a str,
    /// Whether the column holds numbers.
    pub(crate) is_number: bool,
}

/// Returns headings. Those of numbers begin with `#`.
pub(crate) fn headings<'a>(names: &[&'a str]) -> Vec<Heading<'a>> {
    let heading = |name: &&'a str| Heading {
        name: name.strip_prefix('#').unwrap_or(name),
        is_number: name.starts_with('#'),
    };
    names.iter().map(heading).collect()
}

/// A table with these [`headings`].
pub(crate) fn table(about: &str, names: &[&str], rows: &[Vec<String>]) -> Markup {
    table_of(about, &headings(names), rows)
}

/// A table. The first cell of a row is its heading.
pub(crate) fn table_of(about: &str, columns: &[Heading], rows: &[Vec<String>]) -> Markup {
    let is_number = |c: usize| columns.get(c).is_some_and(|column| column.is_number);
    html! {
        (scrolled(about, html! {
            table {
                // The text stays in the window while the table scrolls.
                caption { span { (about) } }
                thead { tr {
                    @for column in columns {
                        th.number[column.is_number] scope="col" { (name(column.name, 60)) }
                    }
                } }
                tbody {
                    @for row in rows {
                        tr {
                            @for (c, cell) in row.iter().enumerate() {
                                @if c == 0 { th.number[is_number(c)] scope="row" { (name(cell, 200)) } }
                                @else { td.number[is_number(c)] { (name(cell, 200)) } }
                            }
                        }
                    }
                }
            }
        }))
    }
}

/// What may be wider than the window: it scrolls, by keys too.
pub(crate) fn scrolled(about: &str, content: Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(about) { (content) } }
}

/// What is folded until somebody asks for it.
pub(crate) fn folded(summary: &str, content: Markup) -> Markup {
    html! { details { summary { (summary) } (content) } }
}

/// A sentence that says why something is not on the page.
pub(crate) fn absent(why: &str) -> Markup {
    html! { p.soft { (name(why, 600)) } }
}

/// A warning.
pub(crate) fn warning(text: &str) -> Markup {
    html! { p.warning { (name(text, 600)) } }
}
