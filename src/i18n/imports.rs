//! Imports.

messages! {
    title { "导入", "Imports" }
}
