//! Looking files through.

use crate::reviews::model::FileFilter;

messages! {
    title { "资料核对", "File reviews" }
    meta { "有动态的客户当周核对一遍；不完整或久未更新的档案随时补齐", "Files of customers with activity are looked through within the week; incomplete and stale ones whenever there is time" }
    week_tab { "本周核对", "This week" }
    files_tab { "待补齐档案", "Files to complete" }
    week_of(number, from, to) { "第 {number} 周 · {from} 至 {to}", "Week {number} · {from} to {to}" }
    start { "开始核对", "Start" }
    progress { "本周进度", "This week" }
    progress_meter(done, total) { "共 {total} 份，已核对 {done} 份", "{done} of {total} looked through" }
    of_total(total) { "/ {total} 份", "of {total}" }
    left(count) { "还剩 {count} 份，周日 24:00 截止", "{count} left, due by the end of Sunday" }
    all_done { "本周已全部核对", "All looked through" }
    update_rate { "更新率", "Update rate" }
    update_rate_hint { "本周按时核对 / 本周应核对", "Looked through in time / owed this week" }
    complete_rate { "完整率", "Completeness" }
    complete_rate_hint { "已填必填项 / 必填项（本周档案）", "Mandatory fields filled / all of them (files of this week)" }
    base_rate { "全店完整率", "Completeness of the store" }
    base_hint(incomplete, stale) { "不完整 {incomplete} 份 · 久未更新 {stale} 份", "{incomplete} incomplete · {stale} stale" }
    base_none { "每天 05:10 统计", "Counted at 05:10 each day" }
    customer { "客户", "Customer" }
    score { "完整度", "Complete" }
    missing { "缺少", "Missing" }
    touched { "上次更新", "Last touched" }
    last_visit { "上次进站", "Last visit" }
    due { "截止", "Due" }
    stale { "久未更新", "Stale" }
    nothing_missing { "无缺项", "Nothing" }
    any_field { "任意缺项", "Any field" }
    field_label { "缺少", "Lacking" }
    empty_week_title { "本周没有待核对的档案", "Nothing to look through this week" }
    empty_week { "客户有进站、抱怨、保单或资料变更后，次日会列在这里。", "A visit, a complaint, a policy or a change puts the file here the day after." }
    empty_files_title { "没有符合条件的档案", "No such files" }
    empty_files { "换一个筛选条件试试。", "Try another filter." }
    settings { "超过多少天没有更新算久未更新", "Days without a change after which a file is stale" }
    days_unit { "天", "days" }
    review_title(name) { "核对 {name}", "Review {name}" }
    open_file { "打开完整档案", "Open the whole file" }
    fill_in { "请补齐", "Please fill in" }
    check { "请核对", "Please check" }
    complete_file { "必填项已齐，核对下列资料即可。", "Nothing mandatory is missing; just check the details below." }
    no_car_hint { "还没有车辆，请在档案中添加。", "No car on file yet; add it there." }
    about_car(name) { "车辆 {name}", "Car {name}" }
    new_phone { "新的有效号码", "A number that works" }
    phone_hint { "现有号码均不可用", "None of the numbers on file works" }
    odometer { "当前里程（客户告知）", "Odometer now, as told" }
    insurance { "保险到期日", "End of insurance" }
    class { "客户类别", "Class" }
    agrees { "客户同意接收服务通知", "Agrees to service notices" }
    save_next { "保存，下一份", "Save and next" }
    nothing { "无变化，下一份", "Nothing to change" }
    skip { "跳过", "Skip" }
}

labels! { filter(FileFilter) {
    All { "不完整或久未更新", "Incomplete or stale" }
    Incomplete { "不完整", "Incomplete" }
    Stale { "久未更新", "Stale" }
} }
