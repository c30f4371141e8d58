//! Stores and people of the demonstration (contract.md, Roles).

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};

use crate::audit::Actor;
use crate::auth::permission::Role;
use crate::stores::{self, StoreId, StoreScope};
use crate::users;

/// Sign-in name, name on screen, role, and the store (0 or 1) or none for group-wide people.
const PEOPLE: [(&str, &str, Role, Option<usize>); 17] = [
    ("admin", "周敏", Role::Admin, None),
    ("manager", "陈思齐", Role::Manager, Some(0)),
    ("specialist1", "林晓芸", Role::Specialist, Some(0)),
    ("specialist2", "张可欣", Role::Specialist, Some(0)),
    ("specialist3", "黄雨桐", Role::Specialist, Some(0)),
    ("specialist4", "郭一鸣", Role::Specialist, Some(0)),
    ("specialist5", "何静怡", Role::Specialist, Some(0)),
    ("specialist6", "罗文博", Role::Specialist, Some(0)),
    ("specialist7", "谢佳怡", Role::Specialist, Some(0)),
    ("specialist8", "唐宇航", Role::Specialist, Some(0)),
    ("receptionist", "许婷婷", Role::Receptionist, Some(0)),
    ("clerk", "韩雅楠", Role::Clerk, Some(0)),
    ("handler", "冯志强", Role::Handler, Some(0)),
    ("group", "曹建国", Role::Group, None),
    ("manager2", "邓海燕", Role::Manager, Some(1)),
    ("specialist21", "彭思远", Role::Specialist, Some(1)),
    ("handler2", "陆建平", Role::Handler, Some(0)),
];

/// For which department a handler answers.
const DEPARTMENTS: [(&str, &str); 2] = [("handler", "售后服务部"), ("handler2", "钣喷车间")];

/// Everybody who can sign in.
pub fn usernames() -> Vec<String> {
    PEOPLE
        .iter()
        .map(|(username, ..)| (*username).to_owned())
        .collect()
}

/// Opens both stores and adds their people, all with one password.
pub async fn open_stores(
    tx: &mut Transaction<'_, Postgres>,
    phc: &str,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<StoreId>> {
    let first = stores::service::open(tx, "S01", "滨江店", Actor::System, now).await?;
    let second = stores::service::open(tx, "S02", "高新店", Actor::System, now).await?;
    let stores = vec![first, second];
    let departments = stores::queries::list_departments(&mut **tx, StoreScope::for_job(first)).await?;
    for (number, (username, name, role, store)) in PEOPLE.iter().enumerate() {
        let group_role = store.is_none().then_some(*role);
        let staff_number = format!("YQ{:04}", 101 + number);
        let user = users::queries::insert(
            &mut **tx,
            username,
            name,
            Some(&staff_number),
            Some(phc),
            group_role,
            now,
        )
        .await?;
        if let Some(index) = store {
            let named = DEPARTMENTS.iter().find(|(name, _)| name == username);
            let department = departments
                .iter()
                .find(|row| named.is_some_and(|(_, name)| row.name == *name))
                .map(|row| row.id);
            users::queries::insert_membership(&mut **tx, stores[*index], user, *role, department).await?;
        }
    }
    Ok(stores)
}
