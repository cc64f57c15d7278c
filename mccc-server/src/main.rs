//! mccc
fn main() {}
