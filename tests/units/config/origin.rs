//! Where a setting comes from.

use wgrad::Error;
use wgrad::config::{ConfigFile, Defaults, Origin, Recipe};

#[test]
fn a_setting_comes_from_the_file_unless_it_was_typed() {
    let text = "[run]\nepochs = 3\nbatch_size = 0x10\n[network]\nhidden = [8, 4]\n";
    let file = ConfigFile::parse(text, "run.toml", Defaults::Usual(Recipe::Tabular)).unwrap();
    let mut config = file.config.clone();
    config.run.epochs = Some(5);
    config.optimizer.momentum = 0.5;
    let origin = Origin::new(&file, &config);
    assert_eq!(origin.place(("run", "epochs")), None);
    assert_eq!(origin.place(("run", "seed")), None, "a default");
    assert_eq!(origin.given(("run", "epochs")), "`epochs = 5`");
    let batch = origin.given(("run", "batch_size"));
    assert_eq!(batch, "run.toml:3: batch_size = 16 in [run]");
    let hidden = ("network", "hidden");
    assert_eq!(origin.place(hidden), Some("run.toml:5"));
    config.network.hidden = vec![9, 2];
    let typed = Origin::new(&file, &config);
    assert_eq!(typed.given(hidden), "`hidden = 9,2`");
}

#[test]
fn an_error_about_a_setting_of_a_file_names_the_line_and_keeps_its_exit_code() {
    let text = "[run]\ndevice = \"voodoo\"\n";
    let file = ConfigFile::parse(text, "run.toml", Defaults::Usual(Recipe::Tabular)).unwrap();
    let origin = Origin::new(&file, &file.config);
    let keys = [("run", "backend"), ("run", "device")];
    let error = origin.blame(Error::Adapter("no adapter".to_owned()), &keys);
    assert_eq!(error.to_string(), "run.toml:2: no adapter");
    assert_eq!(error.exit_code(), 4);
    let error = origin.blame(Error::Config("no backend".to_owned()), &keys[..1]);
    assert_eq!(error.to_string(), "no backend");
}
