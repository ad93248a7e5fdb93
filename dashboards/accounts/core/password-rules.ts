/**
 * What makes a password: length first, nothing that everybody tries, no games with kinds of characters (NIST SP 800-63B,
 * 3.1.1.2). Length makes up for the composition that GB/T 22239 levels ask for; see docs/security.md.
 */
import type { LocalText } from "@campus-ops/device-profiles/vocabulary";

export const PASSWORD_CHARACTERS_MIN = 12;
/** Hashing takes time that grows with the length; nobody types more. */
export const PASSWORD_CHARACTERS_MAX = 128;
const DISTINCT_CHARACTERS_MIN = 5;

/** What stays of the commonest passwords when digits and signs around their letters are taken away. */
const COMMON_WORDS: ReadonlySet<string> = new Set(
  `password passwd passw pass word admin administrator root user guest test testing demo default welcome letmein login
  master secret changeme changeit qwerty qwertyuiop qwertyui qwer asdf asdfgh asdfghjkl zxcv zxcvbn zxcvbnm qazwsx
  qazwsxedc qaz wsx edc abc abcd abcde abcdef iloveyou loveyou love dragon monkey football baseball superman batman
  sunshine princess shadow michael jordan hunter trustno hello helloworld computer internet server system manager
  operator campus campusops school student teacher camera hikvision dahua huawei woaini woaiwojia woaizhongguo aini nihao
  zhongguo beijing shanghai mima denglu guanliyuan xuexiao jiankong anfang baoan laoshi xuesheng xiaozhang jiaoyu
  jiaoyuju zhangwei wangwei liwei`.split(/\s+/),
);
const WALKS = [
  "01234567890",
  "09876543210",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
  "1q2w3e4r5t6y7u8i9o0p",
  "q1w2e3r4t5y6u7i8o9p0",
];

/** Why a password is refused; undefined when it is good. `names` are words of the account's own: its name, its school. */
export function refusedPassword(password: string, names: readonly string[]): LocalText | undefined {
  const characters = [...password];
  if (characters.length < PASSWORD_CHARACTERS_MIN) {
    return {
      zh: `密码至少 ${PASSWORD_CHARACTERS_MIN} 个字符；几个不相干的词连起来，好记又安全`,
      en: `a password has at least ${PASSWORD_CHARACTERS_MIN} characters; a few unrelated words are easy to remember`,
    };
  }
  if (characters.length > PASSWORD_CHARACTERS_MAX) {
    return {
      zh: `密码最多 ${PASSWORD_CHARACTERS_MAX} 个字符`,
      en: `a password has at most ${PASSWORD_CHARACTERS_MAX} characters`,
    };
  }
  const plain = password.normalize("NFKC").toLowerCase();
  const bare = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const own = names.some((name) => name.length >= 3 && plain.includes(name.toLowerCase()));
  if (own) {
    return { zh: "密码里不要有账号名", en: "a password does not hold the account's own name" };
  }
  const common =
    new Set(plain).size < DISTINCT_CHARACTERS_MIN ||
    COMMON_WORDS.has(letters(bare)) ||
    repeats(plain) ||
    walks(plain);
  return common
    ? {
        zh: "这个密码太常见，容易被猜到；请换成几个不相干的词",
        en: "this password is among the first that are tried; take a few unrelated words",
      }
    : undefined;
}

/** `p@ssw0rd` is read as `password`. */
function letters(text: string): string {
  const read: Readonly<Record<string, string>> = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "@": "a",
    $: "s",
    "!": "i",
  };
  return [...text]
    .map((each) => read[each] ?? each)
    .join("")
    .replace(/[^a-z]/g, "");
}

/** A short piece over and over. */
function repeats(text: string): boolean {
  for (let length = 1; length <= text.length / 2; length += 1) {
    const piece = text.slice(0, length);
    if (piece.repeat(Math.ceil(text.length / length)).slice(0, text.length) === text) return true;
  }
  return false;
}

/** Keys in a row, or a number that counts, and hardly anything else. */
function walks(text: string): boolean {
  let rest = text;
  for (const walk of WALKS) {
    for (let length = Math.min(walk.length, rest.length); length >= 4; length -= 1) {
      for (let at = 0; at + length <= walk.length; at += 1)
        rest = rest.replaceAll(walk.slice(at, at + length), "");
    }
  }
  return rest.length <= text.length - 6 && rest.length < DISTINCT_CHARACTERS_MIN;
}
