//! Makes cargo look at the built console again: it is embedded, and its files change names with their content.

use std::path::Path;

fn main() {
    let dist = "../../web/console/dist";
    // What does not exist counts as changed at every build.
    if !Path::new(dist).exists() {
        let _ = std::fs::create_dir_all(dist);
    }
    println!("cargo::rerun-if-changed={dist}");
}
