//! stub
/// stub
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentIntent {
    /// x
    OptOut {
        /// x
        keyword: String,
        /// x
        exact: bool,
    },
    /// x
    OptIn,
    /// x
    Help,
    /// x
    None,
}
/// stub
#[must_use]
pub fn understand(_t: &str) -> ConsentIntent {
    ConsentIntent::None
}
