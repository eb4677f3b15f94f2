//! The page: a network with its rounds as one HTML file that loads nothing else. It holds the data, the shaders, and the
//! program in `page/*.js` that draws them and runs the shaders on the reader's GPU.

mod html;
mod shaders;
mod tables;
mod words;

use super::data::{Kind, PageData, data};
use super::network::Network;
use super::render::note;
use super::run::Run;
use super::text::Lang;
use super::{Report, Row};
use crate::Error;
use html::{both, escape};
use serde::Serialize;
use shaders::Shaders;
use words::WORDS;

/// What a page shows.
pub struct Page<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its exact run.
    pub run: &'a Run,
    /// The figures, if it is the article's network.
    pub report: Option<&'a Report>,
    /// The device that the program used.
    pub machine: Machine,
}

/// A device.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Its name.
    pub adapter: String,
    /// Its backend.
    pub backend: String,
}

/// The object in the page.
#[derive(Serialize)]
struct Content<'a> {
    #[serde(flatten)]
    data: &'a PageData<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    figures: Option<Vec<FigureData>>,
    machine: &'a Machine,
    shaders: Shaders,
}

/// A figure of the article.
#[derive(Serialize)]
struct FigureData {
    r#where: &'static str,
    symbol: &'static str,
    label: Text,
    printed: &'static str,
    reference: f64,
    computed: f64,
    verdict: String,
    note: Option<Text>,
}

/// A text in each language.
#[derive(Serialize)]
struct Text {
    en: String,
    zh: String,
}

/// The modules of the page's program, each behind those that it imports.
const MODULES: [&str; 13] = [
    include_str!("page/lists.js"),
    include_str!("page/format.js"),
    include_str!("page/words.js"),
    include_str!("page/rules.js"),
    include_str!("page/steps.js"),
    include_str!("page/cards.js"),
    include_str!("page/compare.js"),
    include_str!("page/layout.js"),
    include_str!("page/network.js"),
    include_str!("page/chart.js"),
    include_str!("page/tables.js"),
    include_str!("page/gpu.js"),
    include_str!("page/main.js"),
];

impl Page<'_> {
    /// Returns the HTML, in the language that it begins with.
    ///
    /// # Errors
    /// If the data cannot be written as JSON.
    pub fn html(&self, lang: Lang) -> Result<String, Error> {
        let data = data(self.network, self.run, self.kind());
        let title = match lang {
            Lang::En => &data.title.en,
            Lang::Zh => &data.title.zh,
        };
        let [subtitle, rest] = match data.kind {
            Kind::Article => [
                both(&Lang::ALL.map(|lang| lang.words().subtitle)),
                tables::figures(self.report),
            ],
            Kind::Homework => [both(&WORDS.homework), String::new()],
        };
        let one = |text: &[&str; 2]| escape(text[lang as usize]);
        let machine = &self.machine;
        let made = |text: &str| {
            text.replace("{version}", data.wgrad)
                .replace("{adapter}", &machine.adapter)
                .replace("{backend}", &machine.backend)
        };
        Ok(html::fill(
            include_str!("page/page.html"),
            &[
                ("lang", ["en", "zh"][lang as usize].to_owned()),
                ("version", escape(data.wgrad)),
                ("title", escape(title)),
                ("style", include_str!("page/page.css").to_owned()),
                ("heading", both(&[&data.title.en, &data.title.zh])),
                ("heading_plain", escape(title)),
                ("subtitle", subtitle),
                ("lead", tables::lead(&data)),
                ("noscript", both(&WORDS.noscript)),
                ("round_label", both(&WORDS.round)),
                ("back", one(&WORDS.back)),
                ("on", one(&WORDS.on)),
                ("steps_label", one(&WORDS.steps)),
                ("numbers_heading", both(&WORDS.numbers)),
                (
                    "numbers",
                    tables::first_round(self.network, self.run, &data),
                ),
                ("figures", rest),
                ("footer", both(&WORDS.footer.map(made))),
                ("data", html::in_script(&self.json(&data)?)),
                ("script", script()),
            ],
        ))
    }

    fn kind(&self) -> Kind {
        match self.report {
            Some(_) => Kind::Article,
            None => Kind::Homework,
        }
    }

    /// Returns the object in the page as JSON.
    fn json(&self, data: &PageData) -> Result<String, Error> {
        let rows = self.report.map(|report| &report.rows);
        let content = Content {
            data,
            figures: rows.map(|rows| rows.iter().map(FigureData::of).collect()),
            machine: &self.machine,
            shaders: Shaders::of(self.network, self.report),
        };
        serde_json::to_string(&content).map_err(|why| Error::Config(format!("the page: {why}")))
    }
}

impl FigureData {
    fn of(row: &Row) -> FigureData {
        let figure = row.figure;
        let [en, zh] = Lang::ALL.map(|lang| lang.words().label(figure.symbol).to_owned());
        let notes = Lang::ALL.map(|lang| note(row, lang));
        FigureData {
            r#where: figure.heading.key(),
            symbol: figure.symbol,
            label: Text { en, zh },
            printed: figure.printed,
            reference: row.reference,
            computed: row.computed,
            verdict: row.verdict.to_string(),
            note: match notes {
                [Some(en), Some(zh)] => Some(Text { en, zh }),
                _ => None,
            },
        }
    }
}

/// Returns the page's program as one module: its files without their imports and exports.
fn script() -> String {
    let lines = MODULES.iter().flat_map(|module| module.lines());
    lines
        .filter(|line| !line.starts_with("import ") && !line.starts_with("/** @import "))
        .map(|line| format!("{}\n", line.strip_prefix("export ").unwrap_or(line)))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::model::Activation;

    /// Activations with kernels of their own are in no learner's network.
    #[test]
    fn the_page_has_the_formulas_and_words_of_each_activation_that_products_apply() {
        let [rules, words] = [include_str!("page/rules.js"), include_str!("page/words.js")];
        let slopes: Vec<&str> = words.split("slopes: {").skip(1).collect();
        assert_eq!(slopes.len(), 2, "English and Chinese");
        for activation in Activation::IN_PRODUCTS {
            let is_default = activation == Activation::Identity;
            let name = serde_json::to_value(activation).unwrap();
            let activation = name.as_str().unwrap();
            let entry = format!("\n    {activation}: {{");
            assert!(rules.contains(&entry), "{activation} in ACTIVATIONS");
            let number = format!("case \"{activation}\":");
            assert!(
                is_default || rules.contains(&number),
                "{activation} in slopeAt"
            );
            for slopes in &slopes {
                let slopes = slopes.split_once('}').map_or("", |(slopes, _)| slopes);
                assert!(
                    slopes.contains(&format!("\n        {activation}:")),
                    "{activation}"
                );
            }
        }
    }
}
