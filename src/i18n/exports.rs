//! Lists that leave the house.

messages! {
    title { "导出记录", "Exports" }
    meta(count) { "谁在什么时候导出了什么、为什么。每人每天最多 {count} 次。", "Who took out what, when and why. At most {count} a day and person." }
    export { "导出", "Export" }
    export_rows(count) { "导出当前列表，共 {count} 条", "Export this list, {count} rows" }
    note { "内容与当前列表一致，号码保持掩码；导出会记入审计日志，文件首行带水印。", "As the list shows it, numbers masked. Exports are recorded, and the file begins with a watermark." }
    reason { "导出原因", "Reason" }
    reason_hint { "例如：与市场部核对流失客户名单", "For example: check the list of lost customers with marketing" }
    format { "格式", "Format" }
    number { "编号", "No." }
    at { "时间", "Time" }
    person { "人员", "Person" }
    list { "列表", "List" }
    rows { "条数", "Rows" }
    filtered { "有筛选", "filtered" }
    none_title { "还没有导出", "Nothing was exported" }
    none_text { "从客户、车辆或进站列表的导出按钮开始。", "Start with the export button of the customers, vehicles or visits." }
    watermark(name, username, at, store, number, reason) { "{name}（{username}）于 {at} 从 {store} 导出，编号 {number}，原因：{reason}", "Exported by {name} ({username}) at {at} from {store}, no. {number}, reason: {reason}" }
}
