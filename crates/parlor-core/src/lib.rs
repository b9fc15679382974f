//! The rules of Parlor.
