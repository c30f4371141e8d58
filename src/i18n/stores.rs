//! Stores, departments, hours.

use crate::stores::ExceptionKind;

messages! {
    title { "门店与部门", "Stores and departments" }
    summary(count) { "{count} 家门店", "Stores: {count}" }
    add { "新建门店", "New store" }
    add_hint { "新门店带有默认的部门、营业时间和关爱规则，随后可以修改。", "A new store starts with the usual departments, hours and care rules, which you can change." }
    code { "门店代码", "Code" }
    code_hint { "最多 16 个字母或数字，用于命令行导入，之后不能更改", "Up to 16 letters or digits, used by command-line imports; it stays" }
    name { "门店名称", "Name" }
    people { "在用账号", "Active people" }
    departments { "部门", "Departments" }
    state { "状态", "State" }
    active { "营业中", "Open" }
    inactive { "已停用", "Inactive" }
    edit(name) { "编辑 {name}", "Edit {name}" }
    details { "基本信息", "Details" }
    time_zone { "时区", "Time zone" }
    time_zone_hint { "更改时区会重新计算营业日和时限", "A change moves every store day and deadline" }
    area_code { "区号", "Area code" }
    area_code_hint { "导入的固定电话没有区号时补上，例如 0571", "Put before imported landline numbers without one, for example 0571" }
    watch_margin { "三包预警比例 (%)", "Statutory warranty: warn at (%)" }
    watch_margin_hint { "车辆达到三包条件的这个比例时提醒，50 到 100", "Share of a threshold at which a car is warned about, 50 to 100" }
    touch_limit { "每位客户七天内最多联系次数", "Touches of one customer in seven days" }
    touch_limit_hint { "接通的电话和送达的短信合计，1 到 20；超过的回访暂缓，但不拖过最后一天；抱怨不受限", "Answered calls and delivered messages, 1 to 20. Further calls are held back, never past their last day; complaints are not" }
    answer_hours { "等待短信答复 (小时)", "Await an answer (hours)" }
    answer_hours_hint { "拨打完毕发出短信后等待多久再按尽责未达结束，0 到 168", "After the message that follows the last dial, before it ends as not reached; 0 to 168" }
    restarts { "回访前再次进站", "Another visit before the call" }
    restarts_hint { "车辆在店时回访暂缓，交车后一并回访", "While the car is in the shop the call is held, then asks about both" }
    restarts_no { "原截止时间不变", "The deadline stays" }
    restarts_yes { "截止时间改按新的交车日", "The deadline moves to the new hand-over" }
    area_code_bad { "区号为 0 开头的三到四位数字", "Three or four digits beginning with 0" }
    is_active { "门店在用；停用后本店人员不能登录", "In use; without it the store’s people cannot sign in" }
    last_store { "这是最后一家在用的门店，不能停用", "This is the last store in use" }
    departments_hint { "责任部门：谁来答复抱怨。停用的部门不再出现在选择中，历史记录保留。", "Departments answer complaints. An inactive one is no longer offered; its history stays." }
    department_name { "部门名称", "Department" }
    new_department { "新部门", "New department" }
    add_department { "增加部门", "Add a department" }
    activate { "启用", "Make active" }
    deactivate { "停用", "Make inactive" }
    hours { "营业与联系时间", "Hours" }
    hours_hint { "每格可写几段，例如 09:00-12:00 13:30-20:00；空白表示不营业；24:00 表示当天结束。电话只在营业时间之内拨打。", "Several intervals fit in a field: 09:00-12:00 13:30-20:00. Empty is closed, 24:00 the end of the day. Calls are made within opening hours only." }
    weekday { "星期", "Day" }
    monday { "周一", "Mon" }
    tuesday { "周二", "Tue" }
    wednesday { "周三", "Wed" }
    thursday { "周四", "Thu" }
    friday { "周五", "Fri" }
    saturday { "周六", "Sat" }
    sunday { "周日", "Sun" }
    hours_open { "营业", "Opening" }
    hours_call { "电话", "Calls" }
    hours_sms { "短信", "Messages" }
    hours_marketing { "营销", "Marketing" }
    hours_unreadable { "写成 09:00-12:00，多段用空格隔开", "Write 09:00-12:00, several with spaces between" }
    hours_backwards { "结束时间应晚于开始时间", "It must end after it begins" }
    hours_overlap { "各段应按先后排列，不能重叠", "Put the intervals in order, without overlap" }
    hours_never_open { "一周至少营业一天", "The store must open on one day at least" }
    days { "休息日与特殊营业日", "Closed and special days" }
    days_hint { "到期日遇到休息日顺延到下一个营业日。", "What falls due on a closed day moves to the next open one." }
    open_calendar { "打开营业日历", "Open the calendar" }
    date_range { "日期", "Dates" }
    range(from, to) { "{from} 至 {to}", "{from} to {to}" }
    from { "从", "From" }
    to { "到", "To" }
    to_hint { "空白表示一天", "Empty for a single day" }
    kind { "安排", "What" }
    special_hours { "特殊营业时间", "Special hours" }
    special_hours_hint { "只用于特殊营业，可填几段，例如 09:00-12:00 14:00-16:00", "For special days, several are fine: 09:00-12:00 14:00-16:00" }
    special_needs_hours { "特殊营业需要填写时间，例如 10:00-16:00", "Special days need hours, for example 10:00-16:00" }
    day_name { "名称", "Name" }
    day_name_hint { "例如 春节", "For example Spring Festival" }
    range_backwards { "结束日期早于开始日期", "It ends before it begins" }
    range_too_long { "一次最多 366 天", "At most 366 days at once" }
    remove { "删除", "Remove" }
}

labels! { exception(ExceptionKind) {
    Closed { "休息", "Closed" }
    Special { "特殊营业", "Special hours" }
    Holiday { "法定节假日", "Holiday" }
    Workday { "调休上班", "Make-up working day" }
} }
