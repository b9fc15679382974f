//! Rust files as the laws see them: what ships, without comments and unit tests.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of the tree; `path` is relative to the repository, with `/`.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// Every Rust file of `parlor-core` and `parlor` that ends up in the binary.
pub fn shipped() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let mut files = Vec::new();
    for sources in ["crates/parlor-core/src", "crates/parlor/src"] {
        let found_before = files.len();
        collect(&root.join(sources), &mut files);
        assert!(files.len() > found_before, "{sources} holds no Rust file: the laws would check nothing");
    }
    files.sort();
    files
        .into_iter()
        .map(|file| Source {
            path: file.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"),
            text: fs::read_to_string(&file).unwrap(),
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
}

/// The text with comments blanked and the closing `mod tests { … }` cut off; line numbers stay.
pub fn code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let end = lines
        .windows(2)
        .position(|pair| pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{'))
        .unwrap_or(lines.len());
    lines[..end].iter().map(|line| format!("{}\n", without_comment(line))).collect()
}

/// `//` right after a colon is an address in a string, not a comment.
fn without_comment(line: &str) -> &str {
    let start = line.match_indices("//").map(|(at, _)| at).find(|&at| !line[..at].ends_with(':'));
    &line[..start.unwrap_or(line.len())]
}

/// Where `needle` stands as a whole word: `(line, rest of the text after it)`.
pub fn words<'a>(code: &'a str, needle: &'a str) -> impl Iterator<Item = (usize, &'a str)> {
    code.match_indices(needle).filter_map(move |(at, _)| {
        let (before, after) = (&code[..at], &code[at + needle.len()..]);
        let starts = !before.ends_with(in_word) || !needle.starts_with(in_word);
        let ends = !after.starts_with(in_word) || !needle.ends_with(in_word);
        (starts && ends).then(|| (line_of(code, at), after))
    })
}

/// What is named right below `root`, grouped imports included: for `crate`, the text `use crate::{hub::Hub, store};` names
/// `hub` and `store`.
pub fn named_below<'a>(code: &'a str, root: &str) -> Vec<(usize, &'a str)> {
    let prefix = format!("{root}::");
    let mut names = Vec::new();
    for (at, _) in code.match_indices(&prefix) {
        if code[..at].ends_with(|c| in_word(c) || c == ':' || c == '$') {
            continue;
        }
        let start = at + prefix.len();
        match code[start..].strip_prefix('{') {
            None => names.push((line_of(code, at), first_word(&code[start..]))),
            Some(group) => names.extend(
                heads_of_group(group).map(|(offset, name)| (line_of(code, start + 1 + offset), name)),
            ),
        }
    }
    names.retain(|(_, name)| !name.is_empty());
    names
}

/// The first words of the members of `{a::b, c::{d, e}}`, given what follows its opening brace.
fn heads_of_group(group: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut depth = 0;
    let mut expects_head = true;
    let mut heads = Vec::new();
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects_head = true,
            c if expects_head && in_word(c) => {
                heads.push((at, first_word(&group[at..])));
                expects_head = false;
            }
            _ => {}
        }
    }
    heads.into_iter()
}

fn first_word(text: &str) -> &str {
    &text[..text.find(|c| !in_word(c)).unwrap_or(text.len())]
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}
