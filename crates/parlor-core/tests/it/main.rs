//! The rules seen from outside, in one test binary: tables for single rules, and a state machine for all of them.

#![allow(clippy::unwrap_used, reason = "a helper of a test may fail the test")]

mod check;
mod clocks;
mod delete;
mod desk;
mod due;
mod erase;
mod funnels;
mod import;
mod machine;
mod make;
mod model;
mod notes;
mod people;
mod preview;
mod read;
mod relabel;
mod schedule;
mod send;
mod settings;
mod start;
mod update;
mod visibility;
