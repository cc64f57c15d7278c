//! Who may be texted, when, and the proof of it.
