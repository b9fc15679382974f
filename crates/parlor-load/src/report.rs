//! How figures are told: a table for people, JSON for programs, rows for docs/benchmarks.md.

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::outcome::Outcome;

/// One run's value and the CPU time stolen meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Sample<T> {
    /// What was measured.
    pub value: T,
    /// Percent of the machine's CPU time.
    pub steal: f64,
}

impl<T> Sample<T> {
    /// Another value from the same run.
    pub fn map<U>(&self, value: impl FnOnce(&T) -> U) -> Sample<U> {
        Sample { value: value(&self.value), steal: self.steal }
    }
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// Things a second.
    PerSecond,
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// 1,024 bytes.
    KiB,
    /// 1,048,576 bytes.
    MiB,
    /// One value over another.
    Times,
    /// A number of things.
    Count,
    /// Seconds.
    Seconds,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Unit::PerSecond => format!("{} /s", thousands(value)),
            Unit::Micros if value < 20.0 => format!("{value:.1} µs"),
            Unit::Micros => format!("{value:.0} µs"),
            Unit::Millis => format!("{value:.2} ms"),
            Unit::KiB => format!("{value:.1} KiB"),
            Unit::MiB => format!("{value:.1} MiB"),
            Unit::Times => format!("{value:.2} ×"),
            Unit::Count => thousands(value),
            Unit::Seconds => format!("{value:.2} s"),
        }
    }
}

fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Goal {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
}

/// One measured figure: the median of its runs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    name: String,
    value: f64,
    unit: Unit,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<Goal>,
    /// The most of its runs.
    steal_percent: f64,
    runs: Vec<f64>,
    command: String,
}

impl Figure {
    /// The median of `samples`, of which there is at least one.
    pub fn of(name: impl Into<String>, unit: Unit, samples: &[Sample<f64>]) -> Self {
        let runs: Vec<f64> = samples.iter().map(|s| s.value).collect();
        let steal_percent = samples.iter().map(|s| s.steal).fold(0.0, f64::max);
        Figure {
            name: name.into(),
            value: median(&runs),
            unit,
            goal: None,
            steal_percent,
            runs,
            command: String::new(),
        }
    }

    /// With the steal of a time that holds all its runs.
    pub fn beside(self, steal_percent: f64) -> Self {
        Figure { steal_percent: self.steal_percent.max(steal_percent), ..self }
    }

    /// With what it should be.
    pub fn with_goal(self, goal: Goal) -> Self {
        Figure { goal: Some(goal), ..self }
    }

    fn goal(&self) -> String {
        match self.goal {
            None => String::new(),
            Some(Goal::AtMost(most)) => format!("≤ {}", self.unit.write(most)),
            Some(Goal::AtLeast(least)) => format!("≥ {}", self.unit.write(least)),
        }
    }

    fn verdict(&self) -> &'static str {
        match self.goal {
            None => "",
            Some(Goal::AtMost(most)) if self.value <= most => "met",
            Some(Goal::AtLeast(least)) if self.value >= least => "met",
            Some(_) => "missed",
        }
    }

    fn cells(&self) -> [String; 6] {
        [
            self.name.clone(),
            self.unit.write(self.value),
            self.goal(),
            self.verdict().to_owned(),
            format!("{:.1} %", self.steal_percent),
            format!("`{}`", self.command),
        ]
    }

    fn row(&self) -> String {
        format!("| {} |", self.cells().join(" | "))
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (low, high) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    match (sorted.get(low), sorted.get(high)) {
        (Some(low), Some(high)) => (low + high) / 2.0,
        _ => f64::NAN,
    }
}

/// Every figure of a run.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// In the order they were measured.
    pub figures: Vec<Figure>,
}

impl Report {
    /// Adds figures that `command` measured.
    pub fn add(&mut self, command: &str, figures: Vec<Figure>) {
        self.figures.extend(figures.into_iter().map(|f| Figure { command: command.to_owned(), ..f }));
    }

    /// An error that names the goals that were missed.
    pub fn judge(&self) -> anyhow::Result<()> {
        let missed = self.figures.iter().filter(|figure| figure.verdict() == "missed");
        let missed: Vec<String> = missed.map(|f| format!("{} {}", f.name, f.unit.write(f.value))).collect();
        if missed.is_empty() { Ok(()) } else { Err(Outcome::Breach(missed.join("; ")).into()) }
    }

    /// Writes the figures as JSON.
    pub fn write_json(&self, path: &Path) -> anyhow::Result<()> {
        let json = serde_json::to_string_pretty(self)?;
        fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))
    }

    /// Puts the figures into the Markdown table in `path`: rows of the same name are replaced, the others stay.
    pub fn write_markdown(&self, path: &Path) -> anyhow::Result<()> {
        let page = match fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            page => page.with_context(|| format!("cannot read {}", path.display()))?,
        };
        fs::write(path, self.merge(&page)).with_context(|| format!("cannot write {}", path.display()))
    }

    fn merge(&self, page: &str) -> String {
        let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
        if !lines.iter().any(|line| line == RULE) {
            lines.extend([HEADING.to_owned(), RULE.to_owned()]);
        }
        for figure in &self.figures {
            let start = format!("| {} |", figure.name);
            if let Some(line) = lines.iter_mut().find(|line| line.starts_with(&start)) {
                *line = figure.row();
                continue;
            }
            let rule = lines.iter().position(|line| line == RULE).unwrap_or_default();
            let rows = lines.iter().skip(rule).take_while(|line| line.starts_with('|')).count();
            lines.insert(rule + rows, figure.row());
        }
        lines.join("\n") + "\n"
    }
}

const HEADING: &str = "| figure | median | goal | | steal | command |";
const RULE: &str = "|---|---|---|---|---|---|";

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 6]> = self.figures.iter().map(Figure::cells).collect();
        let width =
            |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let [name, value, goal, verdict] = [0, 1, 2, 3].map(width);
        for [a, b, c, d, steal, _] in &rows {
            writeln!(out, "{a:name$}  {b:>value$}  {c:goal$}  {d:verdict$}  steal {steal}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(name: &str, values: &[f64]) -> Figure {
        let samples: Vec<_> = values.iter().map(|v| Sample { value: *v, steal: *v }).collect();
        Figure::of(name, Unit::PerSecond, &samples)
    }

    #[test]
    fn a_figure_is_the_median_with_the_worst_steal() {
        let figure = figure("posts", &[1.0, 9.0, 2.0]);
        assert_eq!((figure.value, figure.steal_percent), (2.0, 9.0));
        assert_eq!(median(&[4.0, 1.0]), 2.5);
    }

    #[test]
    fn a_goal_is_met_or_missed() {
        let figure = figure("posts", &[5.0]);
        assert_eq!(figure.clone().with_goal(Goal::AtLeast(5.0)).verdict(), "met");
        assert_eq!(figure.clone().with_goal(Goal::AtLeast(6.0)).verdict(), "missed");
        assert_eq!(figure.with_goal(Goal::AtMost(4.0)).verdict(), "missed");
    }

    #[test]
    fn a_page_keeps_what_was_not_measured_again() {
        let mut report = Report::default();
        report.add("make bench", vec![figure("a", &[12345.0])]);
        let page = report.merge("# Title\n");
        assert_eq!(
            page,
            format!("# Title\n{HEADING}\n{RULE}\n| a | 12,345 /s |  |  | 12345.0 % | `make bench` |\n")
        );
        report.figures = vec![figure("a", &[1.0]), figure("b", &[2.0])];
        let page = report.merge(&(page + "\nend\n"));
        assert!(
            page.contains("| a | 1 /s |") && page.ends_with("| b | 2 /s |  |  | 2.0 % | `` |\n\nend\n"),
            "{page}"
        );
    }
}
