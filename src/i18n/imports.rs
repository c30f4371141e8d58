//! Imports.

use super::Lang;
use crate::imports::mapping::{Field, Requirement};
use crate::imports::parse::ParseError;
use crate::imports::reason::Reason;
use crate::imports::undo::{Kept, KeptBecause};
use crate::imports::{ConflictKind, Decision, Failure, ImportKind, ImportPhase, ImportState};
use crate::vehicles::vin::looks_like;

messages! {
    title { "导入", "Imports" }
    title_of(kind) { "导入{kind}", "Import {kind}" }
    history { "导入记录", "Imports" }
    limits { "支持 .xlsx、.xls 与 .csv，单次不超过 200,000 行、20 MB", ".xlsx, .xls and .csv, up to 200,000 rows and 20 MB" }
    step_upload { "上传文件", "Upload" }
    step_map { "匹配列", "Match columns" }
    step_preview { "预览", "Preview" }
    step_run { "导入", "Import" }
    step_result { "结果", "Result" }
    steps { "导入步骤", "Steps of the import" }
    drop_title { "拖入文件，或点击选择", "Drop a file here, or click to choose" }
    drop_hint { ".xlsx、.xls 或 .csv，列名上方可有标题行", ".xlsx, .xls or .csv; titles may stand above the column names" }
    kind { "文件内容", "What the file holds" }
    roster_hint { "客户与车辆：姓名、手机号，以及车牌号或 VIN", "Customers and cars: name, phone, and plate or VIN" }
    visits_hint { "进站记录：工单号、进站时间，以及车牌号或 VIN", "Workshop visits: repair order, arrival, and plate or VIN" }
    policies_hint { "保单：保单号、险种、到期日期，以及车牌号或 VIN", "Policies: number, cover, last day, and plate or VIN" }
    template_of(kind) { "下载{kind}模板", "Template: {kind}" }
    recent { "最近导入", "Recent imports" }
    none_yet { "还没有导入过文件", "Nothing imported yet" }
    none_yet_text { "先导入客户名册，再导入进站记录。", "Import the roster first, then the visits." }
    how_title { "怎样识别", "How rows are matched" }
    how_roster { "名册先按 VIN，再按车牌加手机号识别车辆，按手机号加姓名识别客户。", "A roster row is matched by VIN, then plate with phone; the person by phone with name." }
    how_visits { "进站记录按工单号识别。档案中没有的车辆和送修人会自动建立。", "A visit is matched by its repair order. Cars and people that the archive lacks are made." }
    how_policies { "保单按保单号识别，名册里只知道到期日的保单会补全。", "A policy is matched by its number; one known from a roster by its end alone is completed." }
    how_empty { "空单元格不会清除已有内容。", "An empty cell never blanks what is there." }
    kept { "文件仅用于本次导入，30 天后删除", "The file serves this import only and is deleted after 30 days" }
    next { "下一步", "Next" }
    next_preview { "下一步：预览", "Next: preview" }
    back { "上一步", "Back" }
    discard { "放弃", "Discard" }
    choose_file { "请选择文件", "Choose a file" }
    choose_kind { "请选择文件内容", "Choose what the file holds" }
    by(at, name) { "{at} · {name}", "{at} · {name}" }
    by_command { "命令行", "command line" }
    file_meta(name, rows, size) { "{name} · {rows} 行 · {size}", "{name} · {rows} rows · {size}" }
    rows(n) { "{n} 行", "{n} rows" }
    rows_refused(n) { "{n} 行未导入", "{n} refused" }
    map_caption { "列匹配", "Matching of columns" }
    file_column { "文件列", "Column of the file" }
    sample { "示例内容", "Sample" }
    direction { "方向", "Direction" }
    field { "系统字段", "Field" }
    filled { "填写情况", "Filled" }
    filled_rows(n) { "{n} 行有值", "{n} filled" }
    unnamed_column(n) { "第 {n} 列（无列名）", "Column {n} (unnamed)" }
    field_of(column) { "{column} 对应字段", "Field for {column}" }
    not_imported { "不导入", "Leave out" }
    required_field(name) { "{name}（必填）", "{name} (required)" }
    matched(n, total) { "已自动匹配 {total} 列中的 {n} 列，其余不导入。", "{n} of {total} columns were matched; the others are left out." }
    matched_as_before(n, total) { "已按上次的选择匹配 {total} 列中的 {n} 列，其余不导入。", "{n} of {total} columns were matched as you chose last time; the others are left out." }
    remember { "记住此匹配，供下次列名相同的文件使用", "Remember this for the next file with the same headings" }
    choose_sheet { "工作表", "Worksheet" }
    read_sheet { "读取此工作表", "Read this sheet" }
    conflicts { "与档案不一致的行", "Rows that disagree with the archive" }
    conflict { "不一致", "Disagreement" }
    affected { "涉及", "Rows" }
    what_to_do { "处理方式", "What to do" }
    recount { "按此重新计算", "Count again" }
    recount_hint { "更改处理方式后，上方数字会重新计算。", "The figures above are counted anew." }
    example(row, change) { "第 {row} 行 {change}", "row {row}: {change}" }
    becomes(from, to) { "{from} → {to}", "{from} → {to}" }
    owner_take { "换为文件中的车主，原车主留在车辆历史", "The file's is the new owner, the old one stays in the history" }
    owner_keep { "保留原车主，只更新车辆", "Keep the owner, update the car alone" }
    name_take { "改为文件中的姓名", "Correct the name" }
    name_keep { "保留档案中的姓名", "Keep the name" }
    plate_take { "车牌移到文件中的车", "Move the plate to the file's car" }
    plate_keep { "车牌留在原来的车", "Leave the plate where it is" }
    edited_take { "以文件为准", "The file wins" }
    edited_keep { "以档案为准", "The archive wins" }
    refuse_rows { "不导入这些行", "Refuse the rows" }
    cancel { "取消导入", "Cancel the import" }
    cancelled_title { "导入已取消", "The import was cancelled" }
    repeated(names) { "文件中有多列像是：{names}。请确认取哪一列。", "Several columns look like {names}. Check which one counts." }
    missing(names) { "缺少必填列：{names}", "Required columns are missing: {names}" }
    missing_here(names) { "缺少必填列：{names}。请在下表中指定由哪一列提供", "Required columns are missing: {names}. Choose below which column has them" }
    or(a, b) { "{a} 或 {b}", "{a} or {b}" }
    taken_twice { "该字段已由另一列提供", "Another column gives this field already" }
    read_as(what) { "读取方式：{what}", "Read as {what}" }
    sheet(name) { "工作表 {name}", "sheet {name}" }
    title_rows(n) { "列名在第 {n} 行", "header in row {n}" }
    tile_new { "新增", "New" }
    tile_changed { "有变化", "Changed" }
    tile_unchanged { "无变化", "Unchanged" }
    tile_warned { "提示", "Odd" }
    tile_refused { "错误", "Refused" }
    unit_rows { "行", "rows" }
    tab_refused { "错误", "Refused" }
    tab_warned { "提示", "Odd" }
    tab_new { "新增", "New" }
    tab_changed { "有变化", "Changed" }
    preview_groups { "预览分组", "Groups of the preview" }
    row_no { "行号", "Row" }
    other { "整行", "Whole row" }
    changes { "变化", "Changes" }
    change(field, from, to) { "{field}：{from} → {to}", "{field}: {from} → {to}" }
    nothing { "空", "empty" }
    empty_refused { "没有错误", "No row is refused" }
    empty_refused_text { "每一行都可以导入。", "Every row can be taken." }
    empty_warned { "没有提示", "Nothing looks odd" }
    empty_warned_text { "没有需要留意的行。", "No row needs a second look." }
    empty_new { "没有新增", "Nothing new" }
    empty_new_text { "文件中的记录档案里都有。", "The archive has every record of the file." }
    empty_changed { "没有变化", "Nothing changes" }
    empty_changed_text { "已有记录与文件一致。", "What the archive has agrees with the file." }
    unknown_types(names) { "这些维修类型不在列表中，将按一般维修计：{names}", "These service types are not in the list and count as repairs: {names}" }
    unknown_keepers(names) { "这些建档人不是本店唯一的同名人员，将不指定：{names}", "These are not the name or number of one person of the store and are left out: {names}" }
    type_rows(name, n) { "{name}（{n} 行）", "{name} ({n})" }
    new_records(customers, vehicles) { "将新建 {customers} 位客户、{vehicles} 辆车", "{customers} customers and {vehicles} cars will be made" }
    refused_note(n) { "{n} 行有误，不会导入；修正后可再次导入", "{n} rows will not be taken; mend and import them again" }
    download_refused { "下载错误行", "Download refused rows" }
    confirm(n) { "导入 {n} 行", "Import {n} rows" }
    nothing_to_import { "没有可导入的行", "No row can be taken" }
    progress(percent) { "进度 {percent}", "Progress {percent}" }
    of_rows(total) { "/ {total} 行", "of {total} rows" }
    phase_now { "进行中", "under way" }
    phase_waits { "等待", "waiting" }
    may_leave { "可以离开本页，导入会在后台继续，服务器重启后也会接着进行。", "You may leave this page; the work goes on, also after a restart of the server." }
    all_or_nothing { "要么全部写入，要么一行都不写", "All rows are written, or none" }
    reading_note { "正在读取和核对文件", "The file is being read and checked" }
    done(seconds) { "导入完成，用时 {seconds} 秒", "Imported in {seconds} s" }
    already(at) { "此文件已于 {at} 导入，本次未作任何改动", "This file was imported on {at}; nothing was changed" }
    result_new { "新增", "New" }
    result_changed { "更新", "Updated" }
    result_unchanged { "无变化", "Unchanged" }
    result_refused { "未导入", "Refused" }
    result_customers { "新建客户", "New customers" }
    result_vehicles { "新建车辆", "New cars" }
    see_customers { "查看客户档案", "See the customers" }
    see_visits { "查看进站记录", "See the visits" }
    upload_again { "重新上传", "Upload again" }
    another { "再导入一份", "Import another file" }
    batch(id, name) { "导入编号 {id} · 操作人 {name} · 已记入审计日志", "Import {id} · by {name} · in the audit log" }
    failed_title { "没有导入", "Not imported" }
    failed_note { "档案没有任何改动", "The archive is unchanged" }
    discarded_title { "已放弃，档案没有任何改动", "Discarded; the archive is unchanged" }
    reason { "原因", "Reason" }
    owner { "车主", "Owner" }
    whom_to_call { "联系人", "Whom to call" }
    vehicle { "车辆", "Car" }
    reason_at(field, reason) { "{field}：{reason}", "{field}: {reason}" }

    fail_exhausted { "读取这个文件所需的内存或时间超出上限。请删去多余的工作表，或另存为 CSV 再试。", "The file needs more memory or time to read than an upload may take. Remove what is not needed, or save it as CSV." }
    fail_interrupted { "导入多次中断，已全部撤销。请重新上传。", "The import was interrupted again and again; everything was undone. Upload the file again." }
    fail_same { "同一文件刚刚已导入。", "The same file has just been imported." }
    fail_internal { "写入时出错，已全部撤销。请稍后再试，或联系管理员查看日志。", "Writing failed and everything was undone. Try again later, or have the log looked at." }
    parse_too_large(mb) { "文件超过 {mb} MB", "The file is larger than {mb} MB" }
    parse_unpacks(mb) { "文件解压后超过 {mb} MB", "The file unpacks to more than {mb} MB" }
    parse_bomb { "文件的压缩方式异常，不能读取", "The file is packed in an unusual way and is not read" }
    parse_rows(limit) { "文件超过 {limit} 行", "The file has more than {limit} rows" }
    parse_columns(row, limit) { "第 {row} 行超过 {limit} 列", "Row {row} has more than {limit} columns" }
    parse_cell(row, limit) { "第 {row} 行有单元格超过 {limit} 字", "A cell of row {row} is longer than {limit} characters" }
    parse_quote(row) { "第 {row} 行的引号没有结束", "A quote opened in row {row} is never closed" }
    parse_encrypted { "文件有密码保护，请去掉密码后再上传", "The file is protected by a password; remove it and upload again" }
    parse_macros { "文件含有宏，请另存为不含宏的 .xlsx 后再上传", "The file has macros; save it as an .xlsx without them and upload again" }
    parse_entities { "文件引用了外部内容，不能读取", "The file refers to content outside itself and is not read" }
    parse_damaged { "文件已损坏或不完整", "The file is damaged or cut off" }
    parse_no_table { "文件中没有表格", "The file holds no table" }
    parse_text(encoding) { "文字编码混乱，不全是 {encoding}", "The text is not {encoding} throughout" }
    parse_no_header { "文件是空的，没有列名行", "The file is empty: it has no header row" }

    undo { "撤销导入", "Undo the import" }
    undo_title { "撤销这次导入？", "Undo this import?" }
    undo_text { "导入新建的记录会删除，改动的内容会恢复原样；导入后又有改动或业务往来的行保留不动，并逐行说明原因。撤销后可以重新导入同一文件。", "What the import made is deleted and what it changed is put back. Rows that somebody has built on since stay, each with its reason. The same file may be imported again afterwards." }
    undo_nothing { "每一行在导入后都有了改动或业务往来，没有可撤销的行。", "Somebody has built on every row since; none can be taken back." }
    undo_rows { "撤销的行", "Rows taken back" }
    undo_kept { "保留的行", "Rows that stay" }
    undo_customers { "删除客户", "Customers deleted" }
    undo_vehicles { "删除车辆", "Cars deleted" }
    undo_visits { "删除进站记录", "Visits deleted" }
    undo_policies { "删除保单", "Policies deleted" }
    undo_restored { "恢复原内容的记录", "Records put back" }
    undo_duties { "取消的应办", "Duties cancelled" }
    undo_confirm(n) { "撤销 {n} 行", "Take back {n} rows" }
    undo_cancel { "不撤销", "Keep the import" }
    undo_until(day) { "可撤销至 {day}，由您执行并记入审计日志", "May be undone until {day}; it is written in the audit log under your name" }
    undo_done { "导入已撤销", "The import was undone" }
    undo_done_partly(n) { "导入已撤销，{n} 行保留", "The import was undone; {n} rows stay" }
    undo_failed { "撤销没有完成，档案没有任何改动。请稍后再试。", "The undo came to nothing and changed nothing. Try again later." }
    undone_note(id, name, at) { "导入编号 {id} · {name} 于 {at} 撤销 · 已记入审计日志", "Import {id} · undone by {name} on {at} · in the audit log" }
    kept_title { "保留的行和原因", "Rows that stay, and why" }
    kept_download { "下载保留的行", "Download the rows that stay" }
    kept_by(reason, name, at) { "{reason}（{name}，{at}）", "{reason} ({name}, {at})" }
    kept_import(reason, id) { "{reason}（编号 {id}）", "{reason} (import {id})" }

    why_required { "不能为空", "Must not be empty" }
    why_bad_date { "不是日期，应如 2026-03-05", "Not a date such as 2026-03-05" }
    why_bad_date_time { "不是时间，应如 2026-03-05 14:30", "Not a time such as 2026-03-05 14:30" }
    why_future { "日期晚于今天", "Later than today" }
    why_bad_number { "不是数字", "Not a number" }
    why_scientific { "数字已被表格软件改为科学计数，请将此列设为文本后重新导出", "The spreadsheet has lost digits; format the column as text and export again" }
    why_too_long(max) { "超过 {max} 个字", "Longer than {max} characters" }
    why_bad_choice { "不在可选内容中", "Not one of the choices" }
    why_formula { "单元格是公式错误", "The cell is a formula's error" }
    why_too_far { "里程超过 3,000,000 公里", "More than 3,000,000 km" }
    why_phone_length(n) { "手机号应为 11 位，此处 {n} 位", "A mobile has 11 digits, here are {n}" }
    why_phones { "一个单元格有多个号码", "Several numbers in one cell" }
    why_area { "固定电话缺少区号", "The landline lacks its area code" }
    why_service { "是服务号码，不是客户电话", "A service number, not a customer's" }
    why_bad_phone { "不是电话号码", "Not a phone number" }
    why_plate_length(n) { "车牌应为 7 位，新能源 8 位，此处 {n} 位", "A plate has 7 characters, 8 with new energy, here are {n}" }
    why_plate_char(n, c) { "车牌第 {n} 位不能是 {c}", "Character {n} of a plate cannot be {c}" }
    why_plate_province(c) { "没有以“{c}”开头的车牌", "No plate begins with {c}" }
    why_bad_plate { "不是有效的新能源车牌", "Not a valid new-energy plate" }
    why_vin_length(n) { "VIN 应为 17 位，此处 {n} 位", "A VIN has 17 characters, here are {n}" }
    why_vin_char(n, c) { "VIN 第 {n} 位不能是 {c}", "Character {n} of a VIN cannot be {c}" }
    why_vin_char_offer(n, c, offer) { "VIN 第 {n} 位不能是 {c}，是否为 {offer}", "Character {n} of a VIN cannot be {c}; is it {offer}?" }
    why_no_vehicle { "VIN 与车牌号至少填一项", "VIN or plate must be there" }
    why_slipped { "内容多于列名，此行可能错位", "More cells than columns: the row may have slipped" }
    why_before { "早于进站时间", "Before the car arrived" }
    why_ends_before { "早于起保日期", "Before the policy begins" }
    why_owner_differs { "档案中是另一位车主", "The archive has another owner" }
    why_name_differs { "此号码在档案中是另一个姓名", "The archive has another name for this phone" }
    why_plate_elsewhere { "档案中另一辆车使用此车牌", "Another car of the archive carries this plate" }
    why_doubled(row) { "与第 {row} 行重复", "Repeats row {row}" }
    why_check_digit(found, expected) { "VIN 校验位是 {found}，按规则应为 {expected}，请核对", "The VIN's check digit is {found}, by the rule {expected}: please check" }
    why_unknown_insured { "不是此车的相关人员，仅保留姓名", "Nobody of the car's people: only the name is kept" }
    why_unknown_keeper(text) { "本店没有唯一的“{text}”，不指定建档人", "No one person of the store is called “{text}”: nobody is named" }
    why_unknown_type(text) { "“{text}”不在维修类型中，按一般维修计", "“{text}” is not a known service type and counts as a repair" }
}

labels! { kind_label(ImportKind) {
    Roster { "客户名册", "roster" }
    Visits { "进站记录", "visits" }
    Policies { "保单", "policies" }
} }

labels! { state(ImportState) {
    Reading { "读取中", "Reading" }
    Staged { "待确认", "Waiting" }
    Running { "导入中", "Running" }
    Confirmed { "已导入", "Imported" }
    Failed { "未导入", "Not imported" }
    Discarded { "已放弃", "Discarded" }
    Cancelled { "已取消", "Cancelled" }
    Undoing { "撤销中", "Being undone" }
    Undone { "已撤销", "Undone" }
} }

labels! { conflict_kind(ConflictKind) {
    Owner { "已有车辆，车主不同", "A known car with another owner" }
    Name { "已有号码，姓名不同", "A known phone with another name" }
    Plate { "车牌在另一辆车上", "A plate that another car carries" }
    Edited { "人工改过的内容不同", "Another value than a person entered" }
} }

labels! { phase(ImportPhase) {
    Reading { "读取文件", "Read the file" }
    Checking { "核对每一行", "Check every row" }
    Matching { "识别车辆与客户", "Find cars and customers" }
    Writing { "写入", "Write" }
    Deriving { "计算到期日与应办事项", "Work out due days and duties" }
} }

labels! { undo_phase(ImportPhase) {
    Reading { "读取文件", "Read the file" }
    Checking { "核对每一行", "Check every row" }
    Matching { "核对导入后的改动", "Look for what was built on it since" }
    Writing { "恢复原有内容", "Put back what was" }
    Deriving { "重新计算到期日与应办事项", "Work out due days and duties anew" }
} }

labels! { kept_because(KeptBecause) {
    Edited { "导入后已修改", "Changed since" }
    LaterImport { "之后的导入也用到了这条记录", "A later import relies on it" }
    Merged { "已与其他档案合并", "Merged with another file" }
    OnThePhone { "正在通话", "On the phone right now" }
    OnPaper { "在外呼单上", "On a call sheet" }
    Called { "已经拨打过电话", "A call was made" }
    Reminded { "已经提醒过客户", "The customer was reminded" }
    DutyEnded { "相关应办已办结", "A duty from it has ended" }
    Complaint { "有抱怨工单", "A complaint refers to it" }
    Visit { "有其他进站记录", "It has other visits" }
    Policy { "有其他保单", "It has other policies" }
    Role { "有其他人车关系", "It has other people or cars" }
    Phone { "有其他电话", "It has other phone numbers" }
    Reading { "有其他里程记录", "It has other odometer readings" }
} }

labels! { field_label(Field) {
    Name { "姓名", "Name" }
    Phone { "手机号", "Phone" }
    Vin { "VIN", "VIN" }
    Plate { "车牌号", "Plate" }
    Model { "车型", "Model" }
    PurchasedOn { "购车日期", "Purchased on" }
    FirstServiceDueOn { "首保到期日", "First service due" }
    WarrantyEndsOn { "质保到期日", "Warranty end" }
    InsuranceEndsOn { "保险到期日", "Insurance end" }
    Mileage { "行驶里程", "Mileage" }
    Grade { "客户级别", "Grade" }
    Note { "备注", "Note" }
    RegisteredAt { "建档时间", "On file since" }
    Keeper { "建档人", "Kept by" }
    RoNumber { "工单号", "Repair order" }
    ArrivedAt { "进站时间", "Arrived" }
    HandedOverAt { "交车时间", "Handed over" }
    SettledAt { "结算时间", "Settled" }
    SenderName { "送修人", "Brought by" }
    SenderPhone { "送修人电话", "Phone of who brought it" }
    ServiceType { "维修类型", "Service type" }
    Amount { "金额", "Amount" }
    Advisor { "服务顾问", "Advisor" }
    Technician { "维修技师", "Technician" }
    Work { "维修内容", "Work done" }
    NextServiceMileage { "下次保养里程", "Next service at" }
    NextServiceOn { "下次保养日期", "Next service on" }
    PolicyNumber { "保单号", "Policy number" }
    InsuranceKind { "险种", "Cover" }
    Insurer { "保险公司", "Insurer" }
    StartsOn { "起保日期", "Starts on" }
    EndsOn { "到期日期", "Ends on" }
    Premium { "保费", "Premium" }
    InsuredName { "被保险人", "Insured" }
    SoldHere { "本店出单", "Sold here" }
} }

impl T {
    /// The sentence at a refused or odd cell.
    pub fn why(self, reason: &Reason) -> String {
        match reason {
            Reason::Required => self.why_required().to_owned(),
            Reason::BadDate => self.why_bad_date().to_owned(),
            Reason::BadDateTime => self.why_bad_date_time().to_owned(),
            Reason::FutureDate => self.why_future().to_owned(),
            Reason::BadNumber => self.why_bad_number().to_owned(),
            Reason::ScientificNotation => self.why_scientific().to_owned(),
            Reason::TooLong { max } => self.why_too_long(max),
            Reason::BadChoice => self.why_bad_choice().to_owned(),
            Reason::FormulaError => self.why_formula().to_owned(),
            Reason::TooFar => self.why_too_far().to_owned(),
            Reason::PhoneLength { digits } => self.why_phone_length(digits),
            Reason::SeveralPhones => self.why_phones().to_owned(),
            Reason::NoAreaCode => self.why_area().to_owned(),
            Reason::NoPersonsPhone => self.why_service().to_owned(),
            Reason::BadPhone => self.why_bad_phone().to_owned(),
            Reason::PlateLength { found } => self.why_plate_length(found),
            Reason::PlateCharacter { found, position } => self.why_plate_char(position, found),
            Reason::PlateProvince { found } => self.why_plate_province(found),
            Reason::BadPlate => self.why_bad_plate().to_owned(),
            Reason::VinLength { found } => self.why_vin_length(found),
            Reason::VinCharacter { found, position } => match looks_like(*found) {
                Some(digit) => self.why_vin_char_offer(position, found, digit),
                None => self.why_vin_char(position, found),
            },
            Reason::NoVehicle => self.why_no_vehicle().to_owned(),
            Reason::Slipped => self.why_slipped().to_owned(),
            Reason::BeforeArrival => self.why_before().to_owned(),
            Reason::EndsBeforeStart => self.why_ends_before().to_owned(),
            Reason::OwnerDiffers => self.why_owner_differs().to_owned(),
            Reason::NameDiffers => self.why_name_differs().to_owned(),
            Reason::PlateElsewhere => self.why_plate_elsewhere().to_owned(),
            Reason::Doubled { row } => self.why_doubled(row),
            Reason::VinCheckDigit { expected, found } => self.why_check_digit(found, expected),
            Reason::UnknownServiceType { text } => self.why_unknown_type(text),
            Reason::UnknownInsured => self.why_unknown_insured().to_owned(),
            Reason::UnknownKeeper { text } => self.why_unknown_keeper(text),
        }
    }

    /// What may be done about a kind of conflict.
    pub const fn decision(self, kind: ConflictKind, decision: Decision) -> &'static str {
        match (kind, decision) {
            (_, Decision::Refuse) => self.refuse_rows(),
            (ConflictKind::Owner, Decision::Take) => self.owner_take(),
            (ConflictKind::Owner, Decision::Keep) => self.owner_keep(),
            (ConflictKind::Name, Decision::Take) => self.name_take(),
            (ConflictKind::Name, Decision::Keep) => self.name_keep(),
            (ConflictKind::Plate, Decision::Take) => self.plate_take(),
            (ConflictKind::Plate, Decision::Keep) => self.plate_keep(),
            (ConflictKind::Edited, Decision::Take) => self.edited_take(),
            (ConflictKind::Edited, Decision::Keep) => self.edited_keep(),
        }
    }

    /// Why the undo left a row; `at` is written in the language already.
    pub fn kept_sentence(self, kept: &Kept, at: Option<String>) -> String {
        let reason = self.kept_because(kept.code);
        match (kept.import, &kept.by, at) {
            (Some(id), _, _) => self.kept_import(reason, id),
            (None, Some(name), Some(at)) if !name.is_empty() => self.kept_by(reason, name, at),
            (None, _, _) => reason.to_owned(),
        }
    }

    /// Why a whole file came to nothing.
    pub fn failure(self, failure: &Failure) -> String {
        match failure {
            Failure::File { error } => self.parse_error(error),
            Failure::Exhausted => self.fail_exhausted().to_owned(),
            Failure::Interrupted => self.fail_interrupted().to_owned(),
            Failure::SameFile => self.fail_same().to_owned(),
            Failure::Internal => self.fail_internal().to_owned(),
        }
    }

    fn parse_error(self, error: &ParseError) -> String {
        match error {
            ParseError::TooLarge { limit } => self.parse_too_large(limit >> 20),
            ParseError::UnpacksTooLarge { limit } => self.parse_unpacks(limit >> 20),
            ParseError::PackedTooTightly { .. } | ParseError::TooManyEntries { .. } => self.parse_bomb().to_owned(),
            ParseError::TooManyRows { limit } => self.parse_rows(limit),
            ParseError::TooManyColumns { row, limit } => self.parse_columns(row, limit),
            ParseError::CellTooLong { row, limit } => self.parse_cell(row, limit),
            ParseError::UnclosedQuote { row } => self.parse_quote(row),
            ParseError::Encrypted => self.parse_encrypted().to_owned(),
            ParseError::Macros => self.parse_macros().to_owned(),
            ParseError::ExternalEntities => self.parse_entities().to_owned(),
            ParseError::Damaged { .. } | ParseError::Unreadable { .. } | ParseError::Output { .. } => {
                self.parse_damaged().to_owned()
            }
            ParseError::NotATable => self.parse_no_table().to_owned(),
            ParseError::UndecodableText { encoding } => self.parse_text(encoding),
            ParseError::NoHeader => self.parse_no_header().to_owned(),
        }
    }

    /// What the file lacks, as one list.
    pub fn requirements(self, missing: &[Requirement]) -> String {
        let name = |requirement: &Requirement| match *requirement {
            Requirement::One(field) => self.field_label(field).to_owned(),
            Requirement::Either(a, b) => self.or(self.field_label(a), self.field_label(b)),
        };
        self.list(missing.iter().map(name))
    }

    /// Words in a row, separated as the language does it.
    pub fn list(self, words: impl Iterator<Item = String>) -> String {
        let separator = match self.0 {
            Lang::Zh => "、",
            Lang::En => ", ",
        };
        words.collect::<Vec<_>>().join(separator)
    }

    /// The heading of a change; `owner`, `sender` and `vehicle` are no columns of their own.
    pub fn changed_field(self, field: &str) -> &'static str {
        let code = serde_json::Value::String(field.to_owned());
        match (serde_json::from_value::<Field>(code), field) {
            (Ok(field), _) => self.field_label(field),
            (Err(_), "owner") => self.owner(),
            (Err(_), "sender") => self.whom_to_call(),
            (Err(_), _) => self.vehicle(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_looks_like_a_digit_is_asked_about() {
        let sentence = |lang, found| T(lang).why(&Reason::VinCharacter { found, position: 12 });
        for (found, zh, en) in [
            ('O', "VIN 第 12 位不能是 O，是否为 0", "Character 12 of a VIN cannot be O; is it 0?"),
            ('I', "VIN 第 12 位不能是 I，是否为 1", "Character 12 of a VIN cannot be I; is it 1?"),
            ('Q', "VIN 第 12 位不能是 Q，是否为 0", "Character 12 of a VIN cannot be Q; is it 0?"),
            ('#', "VIN 第 12 位不能是 #", "Character 12 of a VIN cannot be #"),
        ] {
            assert_eq!((&*sentence(Lang::Zh, found), &*sentence(Lang::En, found)), (zh, en));
        }
    }
}
