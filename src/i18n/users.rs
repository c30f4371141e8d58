//! People and roles.

messages! {
    title { "用户与角色", "Users and roles" }
}
