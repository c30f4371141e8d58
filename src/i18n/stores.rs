//! Stores, departments, hours.

messages! {
    title { "门店与部门", "Stores and departments" }
}
