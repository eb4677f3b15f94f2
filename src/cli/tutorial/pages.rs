//! The text pages of the tutorial: the walk part by part, the figures, or only the end.

use console::{Key, Term};
use std::io::{IsTerminal, Write};
use wgrad::Error;
use wgrad::tutorial::render::{self, Style};
use wgrad::tutorial::text::Lang;
use wgrad::tutorial::walk::Section;

/// Which pages to show, and how.
pub(super) struct Pages {
    pub(super) style: Style,
    /// The line about the device.
    pub(super) device: String,
    /// Whether to wait for a key after each part.
    step: bool,
    /// Whether to show only the end.
    pub(super) quiet: bool,
    /// Whether to show the article's figures for the walk.
    pub(super) figures: bool,
}

impl Pages {
    pub(super) fn new(lang: Lang, device: String, [step, quiet, figures]: [bool; 3]) -> Pages {
        let out = std::io::stdout();
        let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Pages {
            style: Style { lang, colour },
            device,
            step,
            quiet,
            figures,
        }
    }

    /// Prints a text.
    pub(super) fn print(&self, text: &str) -> anyhow::Result<()> {
        Ok(std::io::stdout().write_all(text.trim_start().as_bytes())?)
    }

    /// Prints the parts below a title, and waits for a key between them.
    pub(super) fn print_parts(&self, title: &str, parts: &[Section]) -> anyhow::Result<()> {
        let mut out = std::io::stdout();
        out.write_all(title.as_bytes())?;
        for (n, part) in parts.iter().enumerate() {
            let text = render::section(part, self.style);
            // Without a title, the first part begins the page.
            let text = match n == 0 && title.is_empty() {
                true => text.trim_start(),
                false => &text,
            };
            out.write_all(text.as_bytes())?;
            out.flush()?;
            let is_last = n + 1 == parts.len();
            if self.step && !is_last && !self.goes_on()? {
                break;
            }
        }
        Ok(())
    }

    /// Waits for a key, and returns whether to go on.
    fn goes_on(&self) -> anyhow::Result<bool> {
        let terminal = Term::stdout();
        terminal.write_str(&format!("\n{}", self.style.lang.walk().step))?;
        let key = terminal.read_key();
        terminal.clear_line()?;
        match key {
            Ok(Key::Char('q' | 'Q') | Key::Escape) => Ok(false),
            Ok(_) => Ok(true),
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => {
                Err(Error::Interrupted.into())
            }
            Err(why) => Err(why.into()),
        }
    }
}
