//! What is wrong with a field of a form: the code is `web::form::FieldError`, the sentence is here.

use super::Lang;
use crate::web::form::FieldError;

messages! {
    fix_below(count) { "有 {count} 处需要修改，见下方标出的字段。", "{count} to mend; see the marked fields below." }
    required { "必填", "Required" }
    too_long(max) { "最多 {max} 个字", "At most {max} characters" }
    too_short(min) { "至少 {min} 个字符", "At least {min} characters" }
    bad_number { "请输入数字", "Enter a number" }
    out_of_range(min, max) { "应在 {min} 到 {max} 之间", "Between {min} and {max}" }
    bad_date { "日期格式如 2026-03-05", "A date such as 2026-03-05" }
    bad_time { "时间格式如 09:30", "A time such as 09:30" }
    bad_date_time { "时间格式如 2026-03-05 14:30", "A time such as 2026-03-05 14:30" }
    bad_choice { "请从列表中选择", "Choose from the list" }
    in_the_past { "不能早于现在", "Not in the past" }
    in_the_future { "不能晚于今天", "Not in the future" }
    taken { "已被使用", "Already in use" }
    password_differs { "两次输入不一致", "The two do not match" }
    password_weak { "太容易被猜到，换一句更长的话", "Too easy to guess; use a longer sentence" }
    bad_username { "用户名用 2–32 个小写字母、数字、点或短横线", "2–32 lower-case letters, digits, dots or hyphens" }
}

impl T {
    /// The sentence under the field.
    pub fn error(self, error: &FieldError) -> String {
        match error {
            FieldError::Required => self.required().to_owned(),
            FieldError::TooLong(max) => self.too_long(max),
            FieldError::TooShort(min) => self.too_short(min),
            FieldError::BadNumber => self.bad_number().to_owned(),
            FieldError::OutOfRange(min, max) => self.out_of_range(min, max),
            FieldError::BadDate => self.bad_date().to_owned(),
            FieldError::BadTime => self.bad_time().to_owned(),
            FieldError::BadDateTime => self.bad_date_time().to_owned(),
            FieldError::BadChoice => self.bad_choice().to_owned(),
            FieldError::InThePast => self.in_the_past().to_owned(),
            FieldError::InTheFuture => self.in_the_future().to_owned(),
            FieldError::Taken => self.taken().to_owned(),
            FieldError::PasswordDiffers => self.password_differs().to_owned(),
            FieldError::PasswordWeak => self.password_weak().to_owned(),
            FieldError::BadUsername => self.bad_username().to_owned(),
            FieldError::Text { zh, en } => match self.0 {
                Lang::Zh => zh.clone(),
                Lang::En => en.clone(),
            },
        }
    }
}
