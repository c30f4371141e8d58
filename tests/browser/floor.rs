//! The manager's board in a window of its own, while a call is settled in another.

use care_desk::auth::permission::Role;

use crate::harness::with_desk;
use crate::support::build;

#[test]
fn the_board_of_the_manager_changes_by_itself() {
    with_desk(async |app, desk| {
        for (n, due) in [(1, "2026-11-24T03:00:00Z"), (2, "2026-11-24T10:00:00Z")] {
            let person = build::person(
                app,
                &format!("客户{n}"),
                &format!("1390000771{n}"),
                &format!("浙A7K2M{n}"),
            )
            .await;
            let visit = build::visit(app, &person, &format!("RO-{n}"))
                .handed_over("2026-11-21T03:00:00Z")
                .insert()
                .await;
            build::callback(app, &person, visit, due).await;
        }
        let board = desk.browser().await;
        board.sign_in(Role::Manager).await;
        board.visit("/floor").await;
        board.wait_for("[data-live-on]:not([hidden])").await;
        board.wait_for_text("[data-figure=left] .tile__value", "2").await;
        board
            .wait_for_text("[data-figure=at_risk] .tile__value", "1")
            .await;

        let desk_of_specialist = desk.browser().await;
        desk_of_specialist.sign_in(Role::Specialist).await;
        desk_of_specialist.press_to_leave(&['n']).await;
        // Nobody touches the manager's window.
        board.wait_for_text("[data-list=claimed] li", "specialist").await;
        board.wait_for_text("[data-list=claimed] li", "客户1").await;
        desk_of_specialist.press(&['7']).await;
        desk_of_specialist
            .wait_for("input[name=outcome][value=refused]:checked")
            .await;
        desk_of_specialist.click("button[name=after][value=list]").await;
        board.wait_for_text("[data-figure=left] .tile__value", "1").await;
        board
            .wait_for_text("[data-figure=at_risk] .tile__value", "0")
            .await;
        board.wait_until_gone("[data-list=claimed] li").await;
        assert_eq!(app.count("select count(*) from attempts").await, 1);
    });
}
