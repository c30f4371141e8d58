//! The life of a case: who may do what when, what each act leaves behind, and the desk of the department.

use care_desk::auth::permission::Role;
use care_desk::complaints::case::flow::Refusal;
use care_desk::complaints::case::{Action, Relation};
use care_desk::complaints::{ComplaintId, ComplaintState};
use care_desk::users::UserId;

use crate::support::app::{TestApp, with_app};
use crate::support::build;
use crate::support::client::{Answer, Client};

const WORDS: &str = "右后门补漆跟前门不是一个颜色，我要的是原厂色。";

/// A case with everybody around it.
struct Desk {
    app: TestApp,
    person: build::Person,
    case: ComplaintId,
    handler: UserId,
    /// Another handler, in another department.
    other: UserId,
}

async fn place(app: &TestApp, username: &str, position: i64) -> UserId {
    let user = app.user(username).await;
    sqlx::query(
        "update user_stores set department_id = (select id from departments where store_id = $1 order by id offset $3 limit 1)
         where store_id = $1 and user_id = $2",
    )
    .bind(app.store)
    .bind(user)
    .bind(position)
    .execute(&app.db)
    .await
    .unwrap();
    user
}

async fn open(app: &TestApp, person: &build::Person, number: &str) -> ComplaintId {
    sqlx::query_scalar(
        "insert into complaints (store_id, number, customer_id, vehicle_id, channel, class_major, severity, words, department_id, owner_id,
                                 created_by, accepted_at, created_at, updated_at)
         select $1, $2, $3, $4, 'call', 'facility', 'C', $5, (select min(id) from departments where store_id = $1), $6, $6, $7, $7, $7
         returning id",
    )
    .bind(app.store)
    .bind(number)
    .bind(person.customer)
    .bind(person.vehicle)
    .bind(WORDS)
    .bind(app.user("specialist").await)
    .bind(app.now())
    .fetch_one(&app.db)
    .await
    .unwrap()
}

impl Desk {
    async fn of(app: TestApp) -> Desk {
        let handler = place(&app, "handler", 0).await;
        app.add_user("handler2", Role::Handler, Some(app.store)).await;
        let other = place(&app, "handler2", 1).await;
        let person = build::person(&app, "刘梦洁", "13810256688", "浙AD0668").await;
        let case = open(&app, &person, "CP-261124-01").await;
        Desk {
            app,
            person,
            case,
            handler,
            other,
        }
    }

    fn path(&self, act: &str) -> String {
        format!("/complaints/{}/{act}", self.case)
    }

    fn page(&self) -> String {
        format!("/complaints/{}", self.case)
    }

    async fn version(&self) -> String {
        self.text("select version::text from complaints where id = $1")
            .await
    }

    async fn text(&self, sql: &'static str) -> String {
        sqlx::query_scalar(sql)
            .bind(self.case)
            .fetch_one(&self.app.db)
            .await
            .unwrap()
    }

    async fn state(&self) -> String {
        self.text("select state from complaints where id = $1").await
    }

    /// Kinds of the history, oldest first.
    async fn kinds(&self) -> String {
        self.text("select coalesce(string_agg(kind, ' ' order by at, id), '') from complaint_events where complaint_id = $1")
            .await
    }

    /// Posts the form of an act as its page gives it, with some fields typed.
    async fn act(&self, client: &mut Client, act: &str, typed: &[(&str, &str)]) -> Answer {
        let page = client.get(&self.path(act)).await;
        let hidden = |name: &str| {
            page.attr(&format!("main input[name={name}]"), "value")
                .unwrap_or_default()
        };
        let (key, version) = (hidden("idem_key"), hidden("version"));
        let mut fields = vec![("idem_key", key.as_str()), ("version", version.as_str())];
        fields.extend_from_slice(typed);
        client.post(&self.path(act), &fields).await
    }

    /// Puts the case into a state, as if it had come there.
    async fn put(&self, state: ComplaintState, into: ComplaintId) {
        sqlx::query(
            "update complaints
             set state = $2, version = 1, severity = 'C', class_major = 'facility', handler_id = case when $2 <> 'accepted' then $3 end,
                 dispatched_at = case when $2 <> 'accepted' then accepted_at end, acknowledged_at = null, promised_at = null,
                 cause = '库存漆', measure = '返喷', result = '返喷完成', responsibility = 'responsible', agreed_at = accepted_at,
                 resolved_at = case when $2 in ('resolved', 'closed') then accepted_at end,
                 verdict = case when $2 = 'closed' then 'satisfied' end, waiting_since = case when $2 = 'waiting' then accepted_at end,
                 ended_at = case when $2 in ('closed', 'withdrawn', 'invalid', 'merged') then accepted_at end,
                 ended_reason = case when $2 in ('withdrawn', 'invalid', 'merged') then '' end,
                 merged_into_id = case when $2 = 'merged' then $4 end
             where id = $1",
        )
        .bind(self.case)
        .bind(state)
        .bind(self.handler)
        .bind(into)
        .execute(&self.app.db)
        .await
        .unwrap();
    }
}

/// What is posted for an act so that only the right or the state can be wrong.
fn form(action: Action, other: UserId, manager: UserId, target: ComplaintId) -> Vec<(&'static str, String)> {
    let mut fields = vec![("version", "1".to_owned()), ("body", "已沟通".to_owned())];
    let more: Vec<(&'static str, String)> = match action {
        Action::Dispatch | Action::Redispatch => vec![("handler_id", other.to_string())],
        Action::FollowUp | Action::Contact => vec![("way", "phone".to_owned())],
        Action::Plan => vec![("promised_at", "2026-11-25T17:00".to_owned())],
        Action::Severity | Action::Escalate => vec![("severity", "B".to_owned())],
        Action::Resolve => vec![
            ("cause", "库存漆".to_owned()),
            ("measure", "返喷".to_owned()),
            ("responsibility", "responsible".to_owned()),
            ("result", "返喷完成".to_owned()),
            ("agreed_at", "2026-11-24T10:00".to_owned()),
        ],
        Action::Merge => vec![("target_id", target.to_string())],
        Action::Edit => vec![("class", "facility".to_owned()), ("words", WORDS.to_owned())],
        Action::Check => vec![("check", "site_checked".to_owned())],
        Action::People => vec![("user_id", manager.to_string()), ("part", "watcher".to_owned())],
        Action::Investigate => vec![("cause", "库存漆".to_owned()), ("measure", "返喷".to_owned())],
        Action::Acknowledge
        | Action::Note
        | Action::Report
        | Action::Wait
        | Action::Resume
        | Action::Withdraw
        | Action::Invalidate
        | Action::Verdict
        | Action::Close
        | Action::Reopen => Vec::new(),
    };
    fields.extend(more);
    fields
}

#[test]
fn every_act_by_every_role_in_every_state_answers_as_the_table_says() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let app = &desk.app;
        let target = open(app, &desk.person, "CP-261124-02").await;
        let manager = app.user("manager").await;
        sqlx::query("insert into complaint_checks (store_id, complaint_id, code, at) values ($1, $2, 'site_checked', $3)")
            .bind(app.store)
            .bind(desk.case)
            .bind(app.now())
            .execute(&app.db)
            .await
            .unwrap();
        let mut walkers = Vec::new();
        for (username, role, relation) in [
            ("specialist", Role::Specialist, Relation::Owner),
            ("receptionist", Role::Receptionist, Relation::Stranger),
            ("clerk", Role::Clerk, Relation::Stranger),
            ("handler", Role::Handler, Relation::Handler),
            ("handler2", Role::Handler, Relation::Stranger),
            ("manager", Role::Manager, Relation::Watcher),
            ("admin", Role::Admin, Relation::Stranger),
            ("group", Role::Group, Relation::Stranger),
        ] {
            walkers.push((username, role, relation, app.sign_in_as(username).await));
        }
        let mut done = 0;
        for state in ComplaintState::ALL {
            for (username, role, relation, client) in &mut walkers {
                // Somebody who is not dispatched to is a stranger yet.
                let is_unnamed = *state == ComplaintState::Accepted && *relation == Relation::Handler;
                let relation = if is_unnamed { Relation::Stranger } else { *relation };
                for action in Action::ALL {
                    // The verdict and what follows from it have tests of their own.
                    if matches!(action, Action::Verdict | Action::Close | Action::Reopen) {
                        continue;
                    }
                    desk.put(*state, target).await;
                    let expected = match action.check(*role, relation, *state) {
                        Ok(()) => 303,
                        Err(Refusal::Role(_)) => 403,
                        Err(Refusal::NotOwn) => 404,
                        Err(Refusal::State) => 409,
                    };
                    let fields = form(*action, desk.other, manager, target);
                    let fields: Vec<(&str, &str)> = fields
                        .iter()
                        .map(|(name, value)| (*name, value.as_str()))
                        .collect();
                    let answer = client.post(&desk.path(action.as_str()), &fields).await;
                    assert_eq!(
                        answer.status,
                        expected,
                        "{action} as {username} in {state}: {}",
                        answer.text("main")
                    );
                    if expected == 303 {
                        let leads_to = action.target().unwrap_or(*state);
                        assert_eq!(desk.state().await, leads_to.as_str(), "{action} in {state}");
                        done += 1;
                    } else {
                        assert_eq!(desk.state().await, state.as_str(), "{action} in {state}");
                    }
                }
            }
        }
        assert!(done > 150, "{done}");
    });
}

#[test]
fn a_case_goes_from_the_desk_to_the_department_and_back() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut specialist = desk.app.sign_in(Role::Specialist).await;
        let mut handler = desk.app.sign_in(Role::Handler).await;
        let handler_id = desk.handler.to_string();

        let page = specialist.get(&desk.path("dispatch")).await;
        assert_eq!(
            page.attr("input[name=handler_id][checked]", "value"),
            Some(handler_id.clone())
        );
        assert_eq!(handler.get(&desk.page()).await.status, 404);
        let answer = desk
            .act(
                &mut specialist,
                "dispatch",
                &[("handler_id", &handler_id), ("body", "请今天答复")],
            )
            .await;
        assert_eq!(answer.status, 303);
        assert_eq!(desk.state().await, "dispatched");
        assert!(
            specialist
                .follow(&answer)
                .await
                .text(".flash")
                .contains("已上报给 售后服务部 handler")
        );

        // The department: one click in the list, findings, a promise, the report.
        let list = handler.get("/complaints").await;
        assert!(
            list.text("tbody tr").contains("右后门补漆跟前门不是一个颜色"),
            "{}",
            list.text("main")
        );
        assert_eq!(list.text("h1 .badge"), "1 件待你确认");
        let answer = handler.post(&desk.path("acknowledge"), &[("back", "desk")]).await;
        assert_eq!(answer.location(), "/complaints");
        assert_eq!(desk.state().await, "in_progress");
        assert_eq!(handler.get("/complaints").await.count("h1 .badge"), 0);
        let early = desk.act(&mut handler, "handling", &[("body", "返喷")]).await;
        assert_eq!(early.status, 422);
        assert_eq!(early.texts(".field .error").len(), 2, "{}", early.text("main"));
        let version = desk.version().await;
        let answer = handler
            .post(
                &desk.path("investigation"),
                &[
                    ("version", &version),
                    ("course", "补漆用了同色号库存漆"),
                    ("cause", "未做比色板"),
                    ("measure", "返喷并过渡前门"),
                    ("cost", "680"),
                    ("promised_at", "2026-11-25T17:00"),
                ],
            )
            .await;
        assert_eq!(answer.status, 303, "{}", answer.text("main"));
        assert_eq!(
            desk.act(&mut handler, "handling", &[("body", "返喷右后门，约 1.5 天")])
                .await
                .status,
            303
        );
        assert!(
            handler
                .get("/complaints")
                .await
                .text("tbody tr")
                .contains("已提交意见")
        );

        // Back at the desk.
        let page = specialist.get(&desk.page()).await;
        assert!(page.text("#findings").contains("680.00 元") && page.text("#findings").contains("待复核"));
        assert_eq!(page.text(".page-head__actions .btn--primary"), "处理完毕");
        let bare = specialist
            .post(&desk.path("resolve"), &[("version", &desk.version().await)])
            .await;
        assert_eq!(bare.status, 422);
        for field in ["cause", "responsibility", "measure", "result", "agreed_at"] {
            assert!(!bare.field_error(field).is_empty(), "{field}");
        }
        assert!(bare.text("main").contains("处理清单未完成：现场查看"));
        assert_eq!(
            handler
                .post(&desk.path("checks"), &[("check", "site_checked")])
                .await
                .status,
            303
        );
        let evidence = [
            ("cause", "未做比色板"),
            ("responsibility", "responsible"),
            ("measure", "返喷并过渡前门"),
            ("result", "返喷完成，客户验车认可"),
            ("agreed_at", "2026-11-24T10:00"),
        ];
        assert_eq!(desk.act(&mut specialist, "resolve", &evidence).await.status, 303);
        assert_eq!(desk.state().await, "resolved");
        assert_eq!(
            desk.kinds().await,
            "dispatched acknowledged edited plan note checklist resolved"
        );
        assert_eq!(
            desk.app
                .count("select count(*) from audit where subject_kind = 'complaints' and action like 'complaints.%'")
                .await,
            6
        );
        let page = specialist.get(&desk.page()).await;
        assert_eq!(page.count(".clock.is-now"), 1);
        assert!(
            page.text(".clock.is-now").contains("二次回访"),
            "{}",
            page.text(".clocks")
        );
    });
}

#[test]
fn talks_and_notes_leave_their_line_and_an_empty_one_is_refused() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut client = desk.app.sign_in(Role::Specialist).await;
        let empty = desk
            .act(&mut client, "follow_up", &[("way", "wechat"), ("body", "  ")])
            .await;
        assert_eq!(empty.status, 422);
        assert_eq!(
            empty.attr("#way option[selected]", "value").as_deref(),
            Some("wechat")
        );
        assert!(!empty.field_error("body").is_empty());
        assert_eq!(desk.kinds().await, "");
        assert_eq!(
            desk.act(
                &mut client,
                "follow_up",
                &[("way", "phone"), ("body", "车间说明天返喷")]
            )
            .await
            .status,
            303
        );
        assert_eq!(
            desk.act(
                &mut client,
                "contact",
                &[("way", "phone"), ("body", "客户接受返工")]
            )
            .await
            .status,
            303
        );
        let note = client
            .post(&desk.path("note"), &[("body", ""), ("idem_key", "x")])
            .await;
        assert_eq!((note.status, note.field_error("body").is_empty()), (422, false));
        let key = "0b3f3f0e-5f0a-4f5e-9c57-0d3a4f6d2a11";
        for _ in 0..2 {
            let answer = client
                .post(
                    &desk.path("note"),
                    &[
                        ("body", "明天 17:00 前返喷完成"),
                        ("is_public", "1"),
                        ("idem_key", key),
                    ],
                )
                .await;
            assert_eq!(answer.status, 303);
        }
        assert_eq!(desk.kinds().await, "note contact note", "sent twice, noted once");
        let told = desk
            .text(
                "select string_agg(concat_ws('/', kind, data ->> 'follow_up', is_public), ' ' order by id)
                 from complaint_events where complaint_id = $1",
            )
            .await;
        assert_eq!(told, "note/true/f contact/f note/t");
        assert_eq!(
            desk.text("select (followed_up_at is not null)::text from complaints where id = $1")
                .await,
            "true"
        );
        let page = client.get(&desk.page()).await;
        assert_eq!(page.count(".timeline > li"), 3);
        assert_eq!(page.text(".timeline .badge--brand"), "客户可见");
        for (show, lines) in [("calls", 1), ("department", 1), ("all", 3)] {
            let page = client.get(&format!("{}?show={show}", desk.page())).await;
            assert_eq!(page.count(".timeline > li"), lines, "{show}");
        }
    });
}

#[test]
fn waiting_is_added_up_and_ends_with_whatever_comes_next() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut client = desk.app.sign_in(Role::Specialist).await;
        desk.put(ComplaintState::InProgress, desk.case).await;
        let waited = "select extract(epoch from waited)::int::text || (waiting_since is null)::text from complaints where id = $1";
        assert_eq!(
            desk.act(&mut client, "wait", &[("body", "等客户送车")])
                .await
                .status,
            303
        );
        desk.app.advance(std::time::Duration::from_secs(3000));
        assert_eq!(client.post(&desk.path("resume"), &[]).await.status, 303);
        assert_eq!(desk.text(waited).await, "3000true");
        assert_eq!(
            desk.act(&mut client, "wait", &[("body", "等客户送车")])
                .await
                .status,
            303
        );
        desk.app.advance(std::time::Duration::from_secs(600));
        assert_eq!(
            desk.act(&mut client, "withdraw", &[("body", "客户不再追究")])
                .await
                .status,
            303
        );
        assert_eq!(desk.text(waited).await, "3600true");
        assert_eq!(desk.kinds().await, "waiting resumed waiting withdrawn");
        let page = client.get(&desk.page()).await;
        assert!(
            page.text(".flash--page").contains("客户不再追究") || page.text("main").contains("客户不再追究")
        );
        assert_eq!(page.count(".page-head__actions a"), 0);
    });
}

#[test]
fn severity_is_raised_by_the_desk_and_lowered_by_the_manager_alone() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut specialist = desk.app.sign_in(Role::Specialist).await;
        let mut manager = desk.app.sign_in(Role::Manager).await;
        let severity = "select severity from complaints where id = $1";
        for (to, status) in [("D", 422), ("C", 422), ("", 422), ("B", 303)] {
            let answer = desk
                .act(
                    &mut specialist,
                    "severity",
                    &[("severity", to), ("body", "涉及安全")],
                )
                .await;
            assert_eq!(answer.status, status, "{to}");
        }
        assert_eq!(desk.text(severity).await, "B");
        assert_eq!(
            desk.act(&mut manager, "severity", &[("severity", "C"), ("body", "")])
                .await
                .status,
            422
        );
        assert_eq!(
            desk.act(
                &mut manager,
                "severity",
                &[("severity", "C"), ("body", "核实无安全问题")]
            )
            .await
            .status,
            303
        );
        assert_eq!(desk.text(severity).await, "C");
        // Escalation: graver, or the manager told, and never nothing.
        assert_eq!(
            desk.act(&mut specialist, "escalate", &[("body", "客户要投诉到 12315")])
                .await
                .status,
            422
        );
        let boss = desk.app.user("manager").await.to_string();
        let answer = desk
            .act(
                &mut specialist,
                "escalate",
                &[
                    ("severity", "A"),
                    ("watcher_id", &boss),
                    ("body", "客户要投诉到 12315"),
                ],
            )
            .await;
        assert_eq!(answer.status, 303);
        assert_eq!(desk.text(severity).await, "A");
        assert_eq!(desk.kinds().await, "severity severity severity people");
        let page = specialist.get(&desk.page()).await;
        assert!(
            page.text("#people").contains("manager"),
            "{}",
            page.text("#people")
        );
    });
}

#[test]
fn a_merged_case_is_read_where_it_went() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut manager = desk.app.sign_in(Role::Manager).await;
        let target = open(&desk.app, &desk.person, "CP-261124-02").await;
        let stranger = build::person(&desk.app, "何静怡", "13810256689", "浙AD0669").await;
        let elsewhere = open(&desk.app, &stranger, "CP-261124-03").await;
        desk.act(
            &mut manager,
            "contact",
            &[("way", "phone"), ("body", "客户说是同一件事")],
        )
        .await;
        let wrong = desk
            .act(
                &mut manager,
                "merge",
                &[("target_id", &elsewhere.to_string()), ("body", "重复")],
            )
            .await;
        assert_eq!(wrong.status, 422, "another customer's case");
        let answer = desk
            .act(
                &mut manager,
                "merge",
                &[("target_id", &target.to_string()), ("body", "重复登记")],
            )
            .await;
        assert_eq!(answer.status, 303);
        assert_eq!(desk.state().await, "merged");
        let page = manager.get(&format!("/complaints/{target}")).await;
        assert!(
            page.text(".timeline").contains("客户说是同一件事"),
            "{}",
            page.text(".timeline")
        );
        assert!(page.text(".timeline").contains("来自 CP-261124-01"));
        let page = manager.get(&desk.page()).await;
        assert_eq!(
            page.attr(".flash--page a", "href"),
            Some(format!("/complaints/{target}"))
        );
        assert_eq!(page.count(".composer"), 0);
    });
}

#[test]
fn two_who_write_findings_lose_nothing() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        desk.put(ComplaintState::InProgress, desk.case).await;
        let mut specialist = desk.app.sign_in(Role::Specialist).await;
        let other = desk.other.to_string();
        let added = specialist
            .post(
                &desk.path("people"),
                &[("user_id", &other), ("part", "co_handler")],
            )
            .await;
        assert_eq!(added.status, 303);
        let mut first = desk.app.sign_in(Role::Handler).await;
        let mut second = desk.app.sign_in_as("handler2").await;
        let loaded = first.get(&desk.path("investigation")).await;
        let (version, base) = (
            loaded.attr("input[name=version]", "value").unwrap(),
            loaded.attr("input[name=base]", "value").unwrap(),
        );
        let mine = [
            ("version", version.as_str()),
            ("base", base.as_str()),
            ("course", "我写的经过"),
            ("cause", "我写的原因"),
            ("measure", "返喷"),
            ("responsibility", "responsible"),
            ("draft", "complaint_findings:1"),
            ("draft_page", "/complaints/1/investigation"),
        ];
        let kept = first
            .post(
                "/drafts",
                &[
                    ("draft", &format!("complaint_findings:{}", desk.case)),
                    ("draft_page", &desk.path("investigation")),
                    ("version", &version),
                    ("course", "我写的经过"),
                ],
            )
            .await;
        assert_eq!(kept.status, 204);
        let theirs = [
            ("version", version.as_str()),
            ("base", base.as_str()),
            ("cause", "他写的原因"),
            ("measure", "返喷"),
            ("responsibility", "responsible"),
        ];
        assert_eq!(
            second.post(&desk.path("investigation"), &theirs).await.status,
            303
        );
        let conflict = first.post(&desk.path("investigation"), &mine).await;
        assert_eq!(conflict.status, 409);
        let text = conflict.text(".versus");
        for words in ["我写的经过", "我写的原因", "他写的原因"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert_eq!(
            desk.text("select cause from complaints where id = $1").await,
            "他写的原因",
            "what was saved stays until somebody chooses"
        );
        assert!(
            first
                .get(&desk.path("investigation"))
                .await
                .text("#course")
                .contains("我写的经过"),
            "the draft is kept"
        );
        // Chosen field by field, it is an ordinary edit of the version that was shown.
        let again = conflict.attr("main input[name=version]", "value").unwrap();
        let answer = first
            .post(
                &desk.path("investigation"),
                &[
                    ("version", &again),
                    ("course", "我写的经过"),
                    ("cause", "他写的原因"),
                    ("measure", "返喷"),
                    ("responsibility", "responsible"),
                ],
            )
            .await;
        assert_eq!(answer.status, 303);
        assert_eq!(
            desk.text("select course || '/' || cause from complaints where id = $1")
                .await,
            "我写的经过/他写的原因"
        );
    });
}

#[test]
fn an_act_on_a_case_that_has_changed_is_shown_again_with_what_was_typed() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        desk.put(ComplaintState::InProgress, desk.case).await;
        let mut client = desk.app.sign_in(Role::Specialist).await;
        let before = desk.version().await;
        assert_eq!(
            desk.act(&mut client, "plan", &[("promised_at", "2026-11-25T17:00")])
                .await
                .status,
            303
        );
        let stale = client
            .post(
                &desk.path("withdraw"),
                &[("version", &before), ("body", "客户不再追究")],
            )
            .await;
        assert_eq!(stale.status, 409);
        assert_eq!(stale.text("#body"), "客户不再追究");
        assert_eq!(desk.state().await, "in_progress");
        let again = stale.attr("main input[name=version]", "value").unwrap();
        assert_eq!(
            client
                .post(
                    &desk.path("withdraw"),
                    &[("version", &again), ("body", "客户不再追究")]
                )
                .await
                .status,
            303
        );
        // A promise in the past is none.
        let late = open(&desk.app, &desk.person, "CP-261124-09").await;
        let desk = Desk { case: late, ..desk };
        desk.put(ComplaintState::InProgress, late).await;
        assert_eq!(
            desk.act(&mut client, "plan", &[("promised_at", "2026-11-24T09:00")])
                .await
                .status,
            422
        );
    });
}

#[test]
fn a_case_is_given_only_to_somebody_who_can_answer() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut client = desk.app.sign_in(Role::Specialist).await;
        let receptionist = place(&desk.app, "receptionist", 0).await.to_string();
        let nowhere = desk.app.user("clerk").await.to_string();
        let other = desk.other.to_string();
        for (who, why) in [
            (receptionist, "no right"),
            (nowhere, "no department"),
            (String::new(), "nobody"),
        ] {
            assert_eq!(
                desk.act(&mut client, "dispatch", &[("handler_id", &who)])
                    .await
                    .status,
                422,
                "{why}"
            );
        }
        sqlx::query("update user_stores set is_active = false where user_id = $1")
            .bind(desk.other)
            .execute(&desk.app.db)
            .await
            .unwrap();
        assert_eq!(
            desk.act(&mut client, "dispatch", &[("handler_id", &other)])
                .await
                .status,
            422,
            "left"
        );
        let first = desk.handler.to_string();
        assert_eq!(
            desk.act(&mut client, "dispatch", &[("handler_id", &first)])
                .await
                .status,
            303
        );
        // Given on: with a reason, to somebody else, who acknowledges anew; the first dispatch stands.
        sqlx::query("update user_stores set is_active = true where user_id = $1")
            .bind(desk.other)
            .execute(&desk.app.db)
            .await
            .unwrap();
        let mut handler = desk.app.sign_in(Role::Handler).await;
        assert_eq!(handler.post(&desk.path("acknowledge"), &[]).await.status, 303);
        desk.app.advance(std::time::Duration::from_secs(600));
        assert_eq!(
            desk.act(&mut client, "redispatch", &[("handler_id", &other)])
                .await
                .status,
            422
        );
        assert_eq!(
            desk.act(
                &mut client,
                "redispatch",
                &[("handler_id", &first), ("body", "x")]
            )
            .await
            .status,
            422
        );
        assert_eq!(
            desk.act(
                &mut client,
                "redispatch",
                &[("handler_id", &other), ("body", "属钣喷")]
            )
            .await
            .status,
            303
        );
        assert_eq!(
            desk.text(
                "select state || (dispatched_at = accepted_at)::text || (acknowledged_at is null)::text from complaints where id = $1"
            )
            .await,
            "dispatchedtruetrue"
        );
        assert_eq!(
            handler.get(&desk.page()).await.status,
            404,
            "no longer an own case"
        );
    });
}

#[test]
fn a_handler_sees_the_customer_and_the_car_and_no_way_to_the_archive() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        desk.put(ComplaintState::InProgress, desk.case).await;
        let mut handler = desk.app.sign_in(Role::Handler).await;
        let page = handler.get(&desk.page()).await;
        assert_eq!(page.status, 200);
        let text = page.text("main");
        assert!(text.contains("刘梦洁") && text.contains("浙A·D0668"), "{text}");
        assert!(
            !page.text("body").contains("6688"),
            "not even the tail of the number"
        );
        for way in [
            "/customers/",
            "/vehicles/",
            "/visits/",
            "/callbacks/",
            "/resolve",
            "/dispatch",
            "/merge",
        ] {
            assert!(
                page.links("main a").iter().all(|(href, _)| !href.contains(way)),
                "{way}"
            );
        }
        let mut other = desk.app.sign_in_as("handler2").await;
        for act in ["", "/investigation", "/handling", "/plan"] {
            assert_eq!(
                other.get(&format!("{}{act}", desk.page())).await.status,
                404,
                "{act}"
            );
        }
        // A handler looks on as a co-handler only: a watcher of that role would see what is not their own.
        let mut specialist = desk.app.sign_in(Role::Specialist).await;
        let id = desk.other.to_string();
        let refused = specialist
            .post(&desk.path("people"), &[("user_id", &id), ("part", "watcher")])
            .await;
        assert_eq!(refused.status, 422);
        assert_eq!(
            specialist
                .post(&desk.path("people"), &[("user_id", &id), ("part", "co_handler")])
                .await
                .status,
            303
        );
        assert_eq!(other.get(&desk.page()).await.status, 200);
        assert!(other.get("/complaints").await.text("tbody tr").contains("协办"));
        assert_eq!(other.get("/complaints").await.text(".nav__item .count"), "1");
        let found = other.post("/customers/search", &[("q", "CP-261124-01")]).await;
        assert_eq!(found.location(), desk.page());
        assert_eq!(
            other.post(&desk.path("acknowledge"), &[]).await.status,
            403,
            "by name only"
        );
        assert_eq!(
            specialist
                .post(&desk.path("people/remove"), &[("user_id", &id)])
                .await
                .status,
            303
        );
        assert_eq!(other.get(&desk.page()).await.status, 404);
        assert_eq!(
            specialist
                .post(&desk.path("people/remove"), &[("user_id", &id)])
                .await
                .status,
            404
        );
    });
}

#[test]
fn what_was_taken_down_wrongly_is_corrected_and_the_first_words_stay() {
    with_app(async |app| {
        let desk = Desk::of(app).await;
        let mut client = desk.app.sign_in(Role::Specialist).await;
        let version = desk.version().await;
        let form = [
            ("version", version.as_str()),
            ("class", "repair"),
            ("words", "右后门补漆颜色不对"),
            ("demand_kind", "repair"),
            ("claimed", "1,200.50"),
        ];
        for (field, value) in [
            ("words", ""),
            ("class", "none"),
            ("claimed", "many"),
            ("department_id", "999"),
        ] {
            let mut wrong: Vec<(&str, &str)> =
                form.iter().copied().filter(|(name, _)| *name != field).collect();
            wrong.push((field, value));
            let answer = client.post(&desk.path("edit"), &wrong).await;
            assert_eq!(answer.status, 422, "{field}");
            assert!(!answer.field_error(field).is_empty(), "{field}");
        }
        assert_eq!(client.post(&desk.path("edit"), &form).await.status, 303);
        assert_eq!(
            desk.text("select class_major || claimed_fen || words from complaints where id = $1")
                .await,
            "repair120050右后门补漆颜色不对"
        );
        let page = client.get(&desk.page()).await;
        assert!(
            page.text(".timeline").contains(WORDS),
            "{}",
            page.text(".timeline")
        );
        assert_eq!(
            client.post(&desk.path("edit"), &form).await.status,
            409,
            "of an older version"
        );
    });
}
