//! Complaint cases in every state of their life, with what the desk and two departments have written.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};

use crate::demo::queries;
use crate::stores::{StoreId, StoreScope};

/// Fills the cases of a store that has handlers; they get their clocks with all others.
pub async fn fill(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let scope = StoreScope::for_job(store);
    let cases = cases();
    queries::open_cases(&mut **tx, scope, &cases, now).await?;
    queries::tell_cases(&mut **tx, scope, &cases).await?;
    queries::check_cases(&mut **tx, scope, now).await?;
    queries::merge_case(&mut **tx, scope, TWICE, now).await?;
    Ok(())
}

/// The words of a case that was opened twice, and of the one that goes on.
const TWICE: (&str, &str) = (
    "刚才电话里没说全：除了右后门，后保险杠也有色差。",
    "上周六做的右后门补漆，白天一看跟前门明显不是一个颜色。我要的是原厂色，不是差不多。如果返工，要给我安排代步车。",
);

/// A line of a history: minutes after acceptance, kind, who, words, and what the page reads of it.
fn line(after: i64, kind: &str, by: &str, body: &str, data: Value) -> Value {
    json!({ "after": after, "kind": kind, "by": by, "body": body, "data": data })
}

/// What happens to every case that has reached its department.
fn dispatched(after: i64, to: &str) -> [Value; 2] {
    [
        line(0, "accepted", "owner", "", json!({})),
        line(after, "dispatched", "owner", "", json!({ "to": to })),
    ]
}

fn with(first: [Value; 2], more: Vec<Value>) -> Value {
    let mut lines = first.to_vec();
    lines.extend(more);
    Value::Array(lines)
}

fn hours(hours: i64) -> i64 {
    TimeDelta::hours(hours).num_minutes()
}

/// Minutes since acceptance, class, severity and so on; `handler` counts the store's handlers, `pick` its customers.
fn cases() -> Value {
    let mut all = fresh();
    all.extend(worked_on());
    all.extend(dealt_with());
    all.extend(ended());
    Value::Array(all)
}

fn fresh() -> Vec<Value> {
    vec![
        json!({ "ago": 25, "state": "accepted", "channel": "call", "class": "repair", "severity": "C", "pick": 3, "department": "钣喷车间",
            "words": TWICE.1,
            "demand_kind": "repair", "demand": "返喷至原厂色，代步车 2 天",
            "events": [line(0, "accepted", "owner", "", json!({}))] }),
        json!({ "ago": 12, "state": "accepted", "channel": "call", "class": "repair", "severity": "C", "pick": 3, "department": "钣喷车间",
            "words": TWICE.0, "events": [line(0, "accepted", "owner", "", json!({}))] }),
        json!({ "ago": 70, "state": "accepted", "channel": "hotline", "class": "product", "severity": "B", "pick": 9, "department": "售后服务部",
            "words": "刹车踩下去偏软，昨天在高架上差点追尾，这是第二次说了。你们到底能不能查出来？",
            "demand_kind": "repair", "demand": "当天检查，书面说明原因", "external_number": "400-26-11873",
            "events": [line(0, "accepted", "owner", "", json!({}))] }),
        json!({ "ago": 55, "state": "dispatched", "dispatched": 18, "channel": "call", "class": "price", "severity": "C", "pick": 15,
            "department": "售后服务部", "handler": 1,
            "words": "报价八百六，结账一千一百四，多出来的项目没有人跟我说过。", "demand_kind": "compensation", "demand": "退还多收的 280 元", "claimed": 28000,
            "events": with(dispatched(18, "售后服务部 冯志强"), vec![]) }),
        json!({ "ago": 140, "state": "dispatched", "dispatched": 41, "channel": "visit", "class": "repair", "severity": "B", "pick": 21,
            "department": "钣喷车间", "handler": 2,
            "words": "取车发现后保险杠喷漆有颗粒，摸得出来。这已经是第二次喷了。", "demand_kind": "repair", "demand": "重新喷涂并延保一年",
            "events": with(dispatched(41, "钣喷车间 陆建平"), vec![]) }),
    ]
}

fn worked_on() -> Vec<Value> {
    vec![
        json!({ "ago": hours(23), "state": "in_progress", "dispatched": 41, "acknowledged": 55, "followed": hours(20), "channel": "call", "class": "repair",
            "severity": "C", "pick": 27, "department": "售后服务部", "handler": 1, "promise": hours(31),
            "words": "发动机舱异响修了两次还在响，冷车最明显。上次说换了皮带，可是声音一点没变。", "demand_kind": "repair", "demand": "彻底解决异响，解释前两次为什么没修好",
            "course": "11 月两次进站均按皮带异响处理，未做冷车路试。今晨冷车复现，声音来自水泵轴承。",
            "cause": "诊断时未按流程冷车听诊，误判为附件皮带。", "measure": "更换水泵并免收工时；诊断组补训冷车听诊流程。",
            "responsibility": "responsible", "cost": 68000,
            "events": with(dispatched(41, "售后服务部 冯志强"), vec![
                line(55, "acknowledged", "handler", "", json!({})),
                line(72, "contact", "owner", "已告知客户由车间冷车复查，明天上午送车。语气平静但坚决。", json!({ "way": "phone" })),
                line(hours(20), "note", "owner", "车间已冷车复现，配件今天到。", json!({ "follow_up": true, "way": "phone", "department": "售后服务部" })),
                line(hours(21), "edited", "handler", "", json!({ "part": "investigation", "fields": ["course", "cause", "measure"] })),
                line(hours(21) + 1, "plan", "handler", "", json!({ "promised_in": hours(31) })),
                line(hours(22), "note", "handler", "更换水泵，约 3 小时，客户可在店等。", json!({ "opinion": true })),
            ]) }),
        json!({ "ago": hours(44), "state": "in_progress", "dispatched": 96, "acknowledged": 150, "followed": hours(22), "channel": "web", "class": "attitude",
            "severity": "C", "pick": 33, "department": "售后服务部", "handler": 1,
            "words": "接待的小伙子全程看手机，我问两句就说“你自己看单子”。这样的服务态度谁还敢来？", "demand_kind": "apology", "demand": "当事人道歉",
            "events": with(dispatched(96, "售后服务部 冯志强"), vec![
                line(150, "acknowledged", "handler", "", json!({})),
                line(170, "contact", "owner", "先行致歉，客户希望当事人当面说。", json!({ "way": "phone" })),
                line(hours(22), "note", "owner", "部门已调监控，今天与当事人谈话。", json!({ "follow_up": true, "way": "in_person", "department": "售后服务部" })),
            ]) }),
        json!({ "ago": hours(30), "state": "in_progress", "dispatched": 35, "acknowledged": 48, "followed": hours(23), "channel": "call", "class": "repair",
            "severity": "B", "pick": 39, "department": "钣喷车间", "handler": 2, "promise": hours(36), "manager_watches": true,
            "words": "事故修完四轮定位没做好，方向盘跑偏，轮胎已经吃胎了。要求换新轮胎。", "demand_kind": "replace", "demand": "换两条前轮胎，重新定位", "claimed": 240000,
            "course": "事故修复后漏做四轮定位复检。", "cause": "交车检查单未勾选定位项，质检放行。", "measure": "免费定位并更换前轮两条。", "responsibility": "responsible", "cost": 168000,
            "events": with(dispatched(35, "钣喷车间 陆建平"), vec![
                line(48, "acknowledged", "handler", "", json!({})),
                line(60, "severity", "owner", "涉及行车安全。", json!({ "from": "C", "to": "B", "escalated": true })),
                line(61, "people", "owner", "", json!({ "added": "陈思齐", "part": "watcher", "escalated": true })),
                line(75, "contact", "owner", "请客户尽量少开，明天上午拖车。", json!({ "way": "phone" })),
                line(hours(23), "note", "owner", "轮胎已订，明天到。", json!({ "follow_up": true, "way": "phone", "department": "钣喷车间" })),
                line(hours(24), "edited", "handler", "", json!({ "part": "investigation", "fields": ["course", "cause", "measure"] })),
            ]) }),
        json!({ "ago": hours(68), "state": "waiting", "dispatched": 52, "acknowledged": 66, "followed": hours(21), "waiting": hours(46), "channel": "callback",
            "class": "parts", "severity": "D", "pick": 45, "department": "售后服务部", "handler": 1,
            "words": "车机屏幕的配件等了十天，每次打电话都说快了。", "course": "配件已到店，客户出差，约定周五进站。", "cause": "订货时未核对颜色代码，重订一次。",
            "measure": "到货优先安装，赠送一次常规保养。", "responsibility": "partial",
            "events": with(dispatched(52, "售后服务部 冯志强"), vec![
                line(66, "acknowledged", "handler", "", json!({})),
                line(hours(21), "note", "owner", "配件在途，明天到货。", json!({ "follow_up": true, "way": "wechat", "department": "售后服务部" })),
                line(hours(45), "contact", "owner", "配件已到；客户在外地，周五回来。", json!({ "way": "phone" })),
                line(hours(46), "waiting", "owner", "等客户周五进站安装", json!({})),
            ]) }),
    ]
}

fn dealt_with() -> Vec<Value> {
    vec![
        json!({ "ago": hours(72), "state": "resolved", "dispatched": 33, "acknowledged": 47, "followed": hours(19), "resolved": hours(66), "channel": "call",
            "class": "efficiency", "severity": "C", "pick": 51, "department": "售后服务部", "handler": 1,
            "words": "约了九点的小保养，到中午十二点半才交车，中间没有人来说一声。", "demand_kind": "explanation", "demand": "解释原因，下次优先",
            "course": "当日两名技师请假，未调整预约。", "cause": "排班与预约未联动。", "measure": "致歉，赠送洗车三次；预约前一晚核对在岗人数。",
            "responsibility": "responsible", "cost": 15000, "result": "客户接受说明和补偿。",
            "events": with(dispatched(33, "售后服务部 冯志强"), vec![
                line(47, "acknowledged", "handler", "", json!({})),
                line(58, "contact", "owner", "先行致歉。", json!({ "way": "phone" })),
                line(hours(19), "note", "owner", "已核实排班。", json!({ "follow_up": true, "way": "phone", "department": "售后服务部" })),
                line(hours(60), "note", "handler", "致歉并赠送洗车三次。", json!({ "opinion": true })),
                line(hours(66), "resolved", "owner", "客户接受说明和补偿。", json!({})),
            ]) }),
        json!({ "ago": hours(96), "state": "resolved", "dispatched": 47, "acknowledged": 80, "followed": hours(22), "resolved": hours(94), "channel": "visit",
            "class": "repair", "severity": "C", "pick": 57, "department": "钣喷车间", "handler": 2,
            "words": "左前翼子板喷完有流痕，交车的时候没有人发现。", "demand_kind": "repair", "demand": "返工",
            "course": "喷涂过厚，质检未在日光下看。", "cause": "质检未按流程。", "measure": "打磨返喷。", "responsibility": "responsible", "cost": 42000,
            "result": "返喷完成，客户验车认可。",
            "events": with(dispatched(47, "钣喷车间 陆建平"), vec![
                line(80, "acknowledged", "handler", "", json!({})),
                line(95, "contact", "owner", "约定周二返工。", json!({ "way": "phone" })),
                line(hours(22), "note", "owner", "已排期。", json!({ "follow_up": true, "way": "phone", "department": "钣喷车间" })),
                line(hours(90), "note", "handler", "已返喷。", json!({ "opinion": true })),
                line(hours(94), "resolved", "owner", "返喷完成，客户验车认可。", json!({})),
            ]) }),
        json!({ "ago": hours(24 * 12), "state": "closed", "dispatched": 28, "acknowledged": 40, "followed": hours(20), "resolved": hours(50), "closed": hours(70),
            "channel": "call", "class": "repair", "severity": "C", "pick": 63, "department": "钣喷车间", "handler": 2, "verdict": "satisfied",
            "verdict_words": "这次处理得快，颜色对上了。",
            "words": "左前翼子板色差，阴天都看得出来。", "course": "未做比色板。", "cause": "调漆未按流程。", "measure": "返喷并过渡。", "responsibility": "responsible",
            "cost": 52000, "result": "返喷完成，色差合格。",
            "events": with(dispatched(28, "钣喷车间 陆建平"), vec![
                line(40, "acknowledged", "handler", "", json!({})),
                line(55, "contact", "owner", "约定返工。", json!({ "way": "phone" })),
                line(hours(20), "note", "owner", "已开工。", json!({ "follow_up": true, "way": "phone", "department": "钣喷车间" })),
                line(hours(50), "resolved", "owner", "返喷完成，色差合格。", json!({})),
                line(hours(70), "verdict", "owner", "这次处理得快，颜色对上了。", json!({ "verdict": "satisfied" })),
                line(hours(70), "closed", "owner", "", json!({})),
            ]) }),
    ]
}

fn ended() -> Vec<Value> {
    vec![
        json!({ "ago": hours(24 * 6), "state": "withdrawn", "dispatched": 39, "acknowledged": 61, "followed": hours(18), "ended": hours(26), "channel": "call",
            "class": "warranty", "severity": "C", "pick": 69, "department": "售后服务部", "handler": 1, "reason": "客户查看三包条款后撤回。",
            "words": "雨刮电机坏了说不在质保里，我要一个说法。",
            "events": with(dispatched(39, "售后服务部 冯志强"), vec![
                line(61, "acknowledged", "handler", "", json!({})),
                line(hours(18), "note", "owner", "已核对质保条款。", json!({ "follow_up": true, "way": "phone", "department": "售后服务部" })),
                line(hours(26), "withdrawn", "owner", "客户查看三包条款后撤回。", json!({})),
            ]) }),
        json!({ "ago": hours(24 * 9), "state": "invalid", "ended": hours(3), "channel": "web", "class": "other", "severity": "D", "pick": 75,
            "department": "售后服务部", "reason": "非本店客户，同名门店，已转告。", "words": "你们店停车场收费不合理。",
            "events": [
                line(0, "accepted", "owner", "", json!({})),
                line(hours(3), "invalid", "manager", "非本店客户，同名门店，已转告。", json!({})),
            ] }),
    ]
}
