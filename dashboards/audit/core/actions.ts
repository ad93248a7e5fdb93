/**
 * What the audit trail's actions are called, by their codes: the codes are what is chained and what other systems ask for,
 * the words are for whoever reads. Pure; the console loads it too.
 */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

const both = (zh: string, en: string): LocalText => ({ zh, en });

/** Every action that is written down; a test looks for those that are not here. */
export const ACTIONS: Readonly<Record<string, LocalText>> = {
  "sign-in": both("登录", "Signed in"),
  "sign-out": both("退出登录", "Signed out"),
  refused: both("越权访问被拒", "Refused: no right to it"),
  write: both("修改", "Changed something"),
  command: both("控制设备", "Commanded a device"),

  "account.add": both("添加账号", "Added an account"),
  "account.change": both("修改账号", "Changed an account"),
  "account.reset": both("重置密码", "Reset a password"),
  "account.change-password": both("修改自己的密码", "Changed their own password"),
  "account.confirm": both("重新输入密码，确认本人操作", "Proved by the password to be there"),
  "account.begin-totp": both("开始启用动态验证码", "Began to set up an authenticator app"),
  "account.confirm-totp": both("启用动态验证码", "Set up an authenticator app"),
  "account.end-totp": both("停用动态验证码", "Stopped using an authenticator app"),
  "account.end-session": both("结束一处登录", "Ended a sign-in"),
  "account.end-sessions": both("结束全部登录", "Ended all sign-ins of an account"),
  "token.add": both("添加接口令牌", "Added a token"),
  "token.revoke": both("吊销接口令牌", "Revoked a token"),

  "alarm.acknowledge": both("确认报警", "Acknowledged an alarm"),
  "alarm.comment": both("备注报警", "Wrote a note to an alarm"),
  "alarm.escalate": both("升级报警", "Escalated an alarm"),
  "alarm.shelve": both("搁置报警", "Shelved an alarm"),
  "alarm.unshelve": both("取消搁置报警", "Ended the shelving of an alarm"),
  "alarm.reset": both("复位报警", "Reset an alarm"),
  "alarm.assign": both("指派报警", "Gave an alarm to somebody"),
  "alarm.confirm": both("体温复核", "Entered what a person's temperature was"),
  "alarm.remove-from-service": both("停用报警", "Took an alarm out of service"),
  "alarm.return-to-service": both("恢复使用报警", "Brought an alarm back into service"),
  "alarms.suppress": both("声明静默", "Declared alarms silent"),
  "alarms.suppress.end": both("结束静默", "Ended a declared silence"),
  "desk.hand-over": both("交接班", "Handed a desk over"),
  "drill.begin": both("开始演练", "Began a drill"),
  "drill.end": both("结束演练", "Ended a drill"),
  "evidence.export": both("导出报警证据", "Exported an alarm's evidence"),
  "flow.raise": both("自定义流程报警", "A flow raised an alarm"),

  "look.picture": both("查看画面", "Looked at a picture"),
  "look.personal": both("查看个人信息", "Looked at personal data"),
  "look.audit": both("查看审计记录", "Looked at the audit trail"),
  "audit.export": both("导出审计记录", "Exported the audit trail"),
  "audit.prune": both("清理到期的审计记录", "Removed audit entries past their time"),
  "table.export": both("导出表格", "Exported a table"),

  "device.note": both("登记设备台账", "Wrote into a device's register"),
  "device.import": both("导入设备台账", "Imported the register of devices"),
  "plan.add": both("上传平面图", "Uploaded a floor plan"),
  "plan.pins": both("在平面图上放置设备", "Placed devices on a floor plan"),
  "plan.remove": both("删除平面图", "Removed a floor plan"),
  "region-map.put": both("上传地图", "Uploaded a map"),
  "region-map.remove": both("删除地图", "Removed a map"),
  "room.run": both("控制教室", "Ran a scene in rooms"),
  "room.cancel": both("中止教室控制", "Stopped a scene in rooms"),
  "scene.save": both("保存场景", "Saved a scene"),
  "scene.remove": both("删除场景", "Removed a scene"),

  "work-order.register": both("登记工单", "Registered a work order"),
  "work-order.assign": both("派单", "Assigned a work order"),
  "work-order.done": both("整改完成", "Reported a work order done"),
  "work-order.verify": both("复查合格", "Verified a work order"),
  "work-order.reject": both("复查不合格", "Sent a work order back"),
  "work-order.cancel": both("撤销工单", "Cancelled a work order"),
  "work-order.reopen": both("重新打开工单", "Opened a work order again"),
  "work-order.note": both("备注工单", "Wrote a note to a work order"),
  "work-order.photo": both("上传工单照片", "Added a photo to a work order"),

  "commissioning.search": both("搜索设备", "Searched for devices"),
  "commissioning.search-end": both("停止搜索设备", "Stopped a search for devices"),
  "commissioning.adopt": both("加入设备", "Took a device in"),
  "commissioning.confirm": both("确认设备投用", "Put a device into service"),
  "commissioning.withdraw": both("撤回设备", "Withdrew a device"),
  "box.invite": both("签发入网文件", "Issued a seed file for a box"),
  "box.token": both("签发入网令牌", "Issued a token for a box"),
  "box.enrol": both("边缘盒入网", "A box enrolled"),
  "box.renew": both("边缘盒证书续期", "A box renewed its certificate"),
  "box.approve": both("批准证书续期", "Approved a renewal"),
  "box.approval": both("批准证书续期", "Approved a renewal"),
  "box.sign": both("离线签发证书", "Signed a certificate offline"),
  "box.revoke": both("吊销边缘盒证书", "Revoked a box"),
  "box.revocation": both("吊销边缘盒证书", "Revoked a box"),
  "box.release": both("解除身份重复的隔离", "Let a shut-out box back in"),

  "rules.pack.write": both("保存规则包", "Saved a rule pack"),
  "rules.pack.remove": both("删除规则包", "Removed a rule pack"),
  "rules.back-test": both("回放规则", "Tried rules on the past"),
  "rules.back-test.cancel": both("中止规则回放", "Stopped a try of rules on the past"),
  "standard.declare": both("申报达标项", "Declared for a standard"),
  "standard.examine": both("核验达标项", "Examined for a standard"),
  "standard.export": both("导出达标证据", "Exported a standard's evidence"),

  "setting.site": both("修改学校与校区", "Changed schools and campuses"),
  "setting.notify": both("修改值守与通知", "Changed desks and channels"),
  "channel.test": both("测试通知渠道", "Tested a channel"),
  "setting.calendar": both("修改校历", "Changed the school calendar"),
  "setting.timetable": both("修改课表", "Changed the timetable"),
  "setting.retention": both("修改保存期限", "Changed how long data is kept"),
  "setting.backup": both("修改备份设置", "Changed the backups"),
  "backup.begin": both("开始备份", "Began a backup"),
  "demonstration.clear": both("清除演示环境", "Cleared the demonstration away"),
  "webhook.add": both("添加数据推送", "Added a webhook"),
  "webhook.remove": both("删除数据推送", "Removed a webhook"),
  "webhook.enable": both("启用数据推送", "Enabled a webhook"),
  "webhook.disable": both("停用数据推送", "Disabled a webhook"),
  "webhook.test": both("测试数据推送", "Tested a webhook"),
  "webhook.secret": both("更换推送密钥", "Changed a webhook's secret"),

  "update.bundle": both("上传系统更新包", "Uploaded a system bundle"),
  "update.bundle-remove": both("删除系统更新包", "Removed a system bundle"),
  "update.begin": both("开始系统更新", "Began a roll-out"),
  "update.pause": both("暂停系统更新", "Paused a roll-out"),
  "update.resume": both("继续系统更新", "Resumed a roll-out"),
  "update.retry": both("重试系统更新", "Began anew with boxes that failed"),
  "update.hurry": both("不避开上课时间更新", "Let a roll-out go on in school hours"),
  "update.cancel": both("取消系统更新", "Cancelled a roll-out"),
  "update.running": both("系统更新继续", "A roll-out went on"),
  "update.paused": both("系统更新已暂停", "A roll-out was paused"),
  "update.stopped": both("系统更新自动停止", "A roll-out stopped by itself"),
  "update.done": both("系统更新完成", "A roll-out was done"),
  "update.cancelled": both("系统更新已取消", "A roll-out was cancelled"),
  "update.pin": both("固定边缘盒的版本", "Pinned a box to its version"),
  "update.unpin": both("取消固定版本", "Unpinned a box"),
};

/** What an action is called; its code where it has no name. */
export const actionText = (code: string): LocalText =>
  (Object.hasOwn(ACTIONS, code) ? ACTIONS[code] : undefined) ?? both(code, code);

/**
 * The codes that somebody means who looks for `text`: what is called so, in part and in either language. A code or a subject
 * of several (`alarm`) means itself, as does what nothing is called.
 */
export function codesMeant(text: string): readonly string[] {
  const asked = text.trim().toLowerCase();
  const codes = Object.keys(ACTIONS);
  if (asked === "" || codes.some((code) => code === asked || code.startsWith(`${asked}.`))) return [asked];
  // Chinese has no gaps between words; of English, whole words count, or “al” would be every alarm.
  const called = codes.filter((code) => {
    const { en, zh } = actionText(code);
    return zh.includes(asked) || ` ${en.toLowerCase().replaceAll(/[^a-z' ]/g, "")} `.includes(` ${asked} `);
  });
  return called.length === 0 ? [asked] : called;
}
