/** The texts of the page that leads from an empty hub to its first device. */

const zh = {
  title: "开始使用",
  intro: "从空平台到第一台真实设备，按顺序做完这几步。每一步的状态是平台自己看到的，不用打勾。",
  progress: (done: number, all: number) => `已完成 ${done} / ${all}`,
  done: "完成",
  open: "待办",
  unknown: "看不到",
  demonstration: "现在是演示环境：学校和设备都是虚构的。真实使用时，在本页最下方清除演示，再建立自己的平台。",
  steps: {
    administrator: {
      title: "管理员账号",
      todo: "现在没有登录，在这台机器上的人就是值班员。让每个人用自己的账号：在 hub.yaml 设置 dashboards.access: accounts，再执行 campus-ops accounts add <账号> --administrator。",
      done: "您已用自己的账号登录。",
      link: "账号管理",
    },
    school: {
      title: "学校名称与编号",
      todo: "还没有校区：填写区县和校区的名称与代码。",
      done: "校区已登记。名称随时可改；代码会写进证书和历史数据，用起来之后不能再改。",
      link: "学校与校区",
    },
    calendar: {
      title: "校历",
      todo: "还没有学期和假期：规则会把每个周一到周五都当作上课日。",
      done: "校历已填写。",
      link: "填写校历",
    },
    desk: {
      title: "值守台与通知",
      todo: "还没有能收到消息的值守台：添加渠道，发送一次测试，再交给值守台。",
      done: "至少一个值守台有渠道，而且渠道收到过消息。",
      link: "设置值守与通知",
    },
    box: {
      title: "第一台盒子",
      todo: "还没有边缘盒在线：生成入网文件，放进盒子，通电。",
      done: "已有边缘盒在线。",
      link: "盒子入网",
    },
    device: {
      title: "第一台设备",
      todo: "还没有设备上报：让盒子发现设备，确认型号和位置。",
      done: "已有设备在工作。",
      link: "设备投用",
    },
    backup: {
      title: "备份",
      todo: "还没有验证通过的备份：机器一坏就什么都没有了。",
      done: "已有验证通过的备份。",
      link: "查看备份",
    },
  },
};

export type FirstRunWords = typeof zh;

const en: FirstRunWords = {
  title: "First steps",
  intro:
    "From an empty hub to the first real device, one after the other. The hub sees by itself how far you are: there is nothing to tick.",
  progress: (done, all) => `${done} of ${all} done`,
  done: "done",
  open: "to do",
  unknown: "cannot be seen",
  demonstration:
    "This is the demonstration: its schools and devices are made up. For a real hub, clear it away at the end of this page and make your own.",
  steps: {
    administrator: {
      title: "An administrator's account",
      todo: "Nobody signs in: whoever is on this machine is the operator. For accounts, set dashboards.access: accounts in hub.yaml, then campus-ops accounts add <name> --administrator.",
      done: "You are signed in with an account of your own.",
      link: "Accounts",
    },
    school: {
      title: "The school's name and id",
      todo: "There is no campus yet: write down what counties and campuses are called, and their codes.",
      done: "There is a campus. Its names can be changed at any time; its code goes into certificates and history, and stays once it is in use.",
      link: "Schools and campuses",
    },
    calendar: {
      title: "Calendar",
      todo: "There are no terms and holidays: the rules take every Monday to Friday for a school day.",
      done: "The calendar is filled in.",
      link: "Fill in the calendar",
    },
    desk: {
      title: "A desk that is told",
      todo: "No desk can be reached yet: add a channel, send a test through it, and give it to a desk.",
      done: "A desk has a channel, and that channel has taken a message.",
      link: "Desks and channels",
    },
    box: {
      title: "The first box",
      todo: "No edge box is online: make a seed file, put it into the box, switch it on.",
      done: "An edge box is online.",
      link: "Box enrolment",
    },
    device: {
      title: "The first device",
      todo: "No device has reported: let a box look for devices, and confirm what and where they are.",
      done: "A device is working.",
      link: "Put devices into service",
    },
    backup: {
      title: "Backups",
      todo: "There is no backup that was proven to restore: when this machine breaks, everything is gone.",
      done: "There is a backup that was proven to restore.",
      link: "Backups",
    },
  },
};

export const FIRST_RUN_WORDS = { zh, en };
