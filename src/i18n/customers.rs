//! Customers and search.

messages! {
    title { "客户档案", "Customers" }
}
